import type { SupervisorPlan } from '../supervisor/supervisorFiles.ts';
import { aloneInRole, withoutOtherMembers } from './etcdService.ts';

test('a machine that is alone after a restore speaks to its own member only, and forgets how it joined', () => {
  const service = (name: string, ...words: string[]): SupervisorPlan['services'][number] => ({ name, command: ['gantry', name, ...words], environment: {}, stopMilliseconds: 1 });
  const plan = { version: '1', services: [service('etcd'), service('server', '--node-name=a', '--set=apiserver.etcd-servers=https://127.0.0.1:2379,https://192.0.2.2:2379'), service('agent', '--node-name=a')] };
  expect(withoutOtherMembers(plan).services.map(({ command }) => command.slice(2))).toEqual([[], ['--node-name=a'], ['--node-name=a']]);
  expect(aloneInRole({ controlPlane: true, etcd: true, words: ['--node-name=a'], joined: 'sha256:1', learner: true, initialCluster: ['a=1', 'b=2'], otherMembers: ['b'] })).toEqual({ controlPlane: true, etcd: true, words: ['--node-name=a'], joined: 'sha256:1' });
});
