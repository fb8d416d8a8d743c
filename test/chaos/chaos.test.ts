import { join } from 'node:path';
import { eventually } from '../rig/processes.ts';
import { serviceProcess } from '../rig/joinedCluster.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { type ChaosCluster, startChaosCluster } from './chaosCluster.ts';
import { ENOUGH, experiment } from './experiment.ts';
import { cut, ownFaults } from './faults.ts';
import { containersOn, deployWorkload, podsOf, readyElsewhere, rollingUpdate, runningOn } from './podFaults.ts';
import { seededRandom } from '../../api/schema/seededRandom.ts';

/**
 * Faults on one cluster with short graces, each once: those that test/compose does not bring about, where every component is a process of its own.
 * `npm run test:chaos` has all of them here, and pairs. What is promised of each is in docs/reliability.md.
 */
const SEED = 1;
const random = seededRandom(SEED);
const gantry = join(repositoryRoot, 'bin/gantry');
let cluster: ChaosCluster | undefined;

beforeAll(async () => {
  cluster = await startChaosCluster('short');
}, 2_400_000);
afterAll(() => cluster?.close(), 300_000);

test.each([...ownFaults({ majority: 10_000 }), rollingUpdate(20, 20_000)].map((fault, at) => ({ ...fault, at })))('$name: $promise', async (fault) => {
  const { problems, acknowledged } = await experiment(cluster!, [fault], SEED + fault.at, random);
  expect(problems).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(2 * ENOUGH);
}, 2_400_000);

describe('pods', () => {
  beforeAll(() => deployWorkload(cluster!, 4), 900_000);

  test('dockerd is killed, then stopped and started: no container is started again', async () => {
    const host = cluster!.workers[0]!;
    const before = await containersOn(host, 'web');
    for (const signal of ['KILL', 'TERM']) {
      const pid = serviceProcess(host, 'docker')!;
      await host.check(['kill', `-${signal}`, String(pid)]);
      await eventually('the engine runs again', 120_000, () => (serviceProcess(host, 'docker') ?? pid) === pid ? undefined : true);
      await cluster!.healed();
      await eventually('the engine tells its containers', 120_000, async () => ((await containersOn(host, 'web')) === '' ? undefined : true));
      expect(await containersOn(host, 'web')).toBe(before);
    }
  }, 1_200_000);

  test('a node is cut off: its pods run on, are replaced elsewhere, and those that were replaced are removed when it is back', async () => {
    const host = cluster!.workers[0]!;
    const before = await runningOn(host, 'web');
    const database = (await podsOf(cluster!, 'db')).find(({ node }) => node === host.name)!;
    expect(before.length).toBeGreaterThan(0);
    const mend = await cut(host, cluster!.controlPlanes);
    await eventually('the node is Unknown', 120_000, async () => ((await cluster!.kubectl(['get', 'node', host.name])).includes('NotReady') ? true : undefined));
    await readyElsewhere(cluster!, 'web', host.name, 4);
    expect(await runningOn(host, 'web')).toEqual(before);
    // It may still run where nobody sees it: there must never be two of one identity.
    const meanwhile = await eventually('its pod of the StatefulSet is to end', 120_000, async () => (await podsOf(cluster!, 'db')).find(({ name, terminating }) => name === database.name && terminating));
    expect(meanwhile).toMatchObject({ uid: database.uid, node: host.name });
    await mend();
    await eventually('the pods that were replaced are gone', 120_000, async () => {
      const left = await runningOn(host, 'web');
      return before.some((name) => left.includes(name)) ? undefined : true;
    });
    await eventually('the pod of the StatefulSet is made anew', 120_000, async () => ((await podsOf(cluster!, 'db')).some(({ name, uid, ready }) => name === database.name && uid !== database.uid && ready) ? true : undefined));
    await cluster!.healed();
  }, 1_500_000);

  test('the power of a node fails: its pods are replaced elsewhere, and it comes back as the same node', async () => {
    const host = cluster!.workers[1]!;
    await host.powerCut();
    await readyElsewhere(cluster!, 'web', host.name, 4);
    await host.boot();
    await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 });
    await cluster!.healed();
    await cluster!.kubectl(['rollout', 'status', 'statefulset/db', '--timeout=250s', '--request-timeout=0']);
    const lasting = await eventually('there are four again', 120_000, async () => {
      const pods = (await podsOf(cluster!, 'web')).filter(({ terminating }) => !terminating);
      return pods.length === 4 ? pods : undefined;
    });
    expect(lasting.every(({ node }) => cluster!.workers.some(({ name }) => name === node))).toBe(true);
  }, 1_500_000);
});
