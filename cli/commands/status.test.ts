import { adviceFor } from './status.ts';

const row = (name: string, state: string) => ({ name, state, log: `/var/log/gantry/${name}.log` });

test('what does not run is named, with its log and what to do', () => {
  expect(adviceFor([row('etcd', 'running')])).toEqual([]);
  expect(adviceFor([row('etcd', 'stopped'), row('kubelet', 'stopped')])).toEqual(['', 'The cluster is stopped. Start it with: npm run up']);
  expect(adviceFor([row('etcd', 'waiting'), row('kubelet', 'running')])).toEqual(['', 'etcd has ended and is started again; why it ended: bin/gantry logs etcd']);
  expect(adviceFor([row('etcd', 'running, unsupervised'), row('kubelet', 'stopped')]).slice(1)).toEqual([
    'kubelet does not run; why: bin/gantry logs kubelet. Start it with: npm run up',
    'Nothing starts again what ends: the supervisor was killed. Start another one with: npm run up',
  ]);
});
