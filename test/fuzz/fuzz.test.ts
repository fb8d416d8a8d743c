import { RandomInput } from '../../api/schema/randomInput.ts';
import { fuzz } from './fuzz.ts';
import { isOfTime, type Finding, type FuzzCase } from './fuzzCase.ts';
import { startFuzzServer } from './fuzzServer.ts';
import { startReplyServer } from './replyServer.ts';
import { sendCase, type Target } from './sendCase.ts';
import { surfaces } from './surfaces/index.ts';

/** The short form of `npm run test:fuzz`; its seed changes nothing from run to run. */
const SEED = 20_261_121;
const CASES = 77;

let target: Target;
beforeAll(async () => {
  target = { server: await startFuzzServer(), replies: await startReplyServer() };
});
afterAll(async () => {
  await target.server.close();
  await target.replies.close();
});

test('a case is the same for the same seed', () => {
  for (const surface of surfaces) expect(JSON.stringify(surface.generate(new RandomInput(5)))).toBe(JSON.stringify(surface.generate(new RandomInput(5))));
});

/** What a case shows but how long it took, which a busy machine makes long. */
async function faultOf(fuzzCase: FuzzCase): Promise<Finding | undefined> {
  const finding = await sendCase(target, fuzzCase);
  return finding && isOfTime(finding) ? undefined : finding;
}

test('what is sound is kept, and found faulty when it is not', async () => {
  const post = { method: 'POST', path: '/api/v1/namespaces/default/configmaps', body: { metadata: { name: 'sound', finalizers: ['example.com/kept'] }, data: { constructor: 'x' } } };
  expect(await faultOf({ calls: [post] })).toBeUndefined();
  expect((await target.server.send('GET', `${post.path}/sound`)).status).toBe(404);
  // Nothing of a case is left for the next one.
  expect(await faultOf({ calls: [post, post] })).toBeUndefined();
});

test('no input ends the server, holds it up, or leaves what cannot be read, changed and deleted', async () => {
  const outcome = await fuzz(target, { surfaces, seed: SEED, cases: CASES, end: Infinity }, () => undefined);
  // How long somebody outside waited is the machine's doing as well; how long the server worked without a pause is counted by its own time.
  const found = outcome.found.filter(({ finding }) => finding.kind !== 'slow');
  expect(found.map(({ finding, surface, seed }) => `${surface} ${seed}: ${finding.kind} ${finding.what}`)).toEqual([]);
  expect(outcome.cases).toBe(CASES);
}, 900_000);
