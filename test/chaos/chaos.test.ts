import { type ChaosCluster, startChaosCluster } from './chaosCluster.ts';
import { experiment } from './experiment.ts';
import { faults } from './faults.ts';
import { seededRandom } from './random.ts';

/** Each single fault once, on one cluster with short graces; `npm run test:chaos` goes further. What is promised of each is in docs/reliability.md. */
const SEED = 1;
const random = seededRandom(SEED);
let cluster: ChaosCluster | undefined;

beforeAll(async () => {
  cluster = await startChaosCluster('short');
}, 300_000);
afterAll(() => cluster?.close(), 120_000);

test.each(faults({ majority: 10_000, restarts: 20_000 }).map((fault, at) => ({ ...fault, at })))('$name: $promise', async (fault) => {
  const { problems, acknowledged } = await experiment(cluster!, [fault], SEED + fault.at, random);
  expect(problems).toEqual([]);
  expect(acknowledged).toBeGreaterThan(20);
}, 240_000);
