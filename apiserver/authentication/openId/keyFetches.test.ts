import { FakeClock } from '../../../process/fakeClock.ts';
import { Metrics } from '../../../process/metrics.ts';
import { KeyFetches } from './keyFetches.ts';

test('the last fetch of each way, and the keys that came, until the issuer is configured no longer', async () => {
  const clock = new FakeClock(5_000);
  const fetches = new KeyFetches(clock);
  const metrics = new Metrics();
  fetches.register(metrics, 'server');
  const lines = async (): Promise<string[]> => (await metrics.text()).split('\n').filter((line) => line.startsWith('apiserver_'));
  expect(await lines()).toEqual([]);
  const watcher = fetches.of('https://a');
  watcher.fetched('one');
  watcher.fetched('{}');
  watcher.failed();
  fetches.of('https://b').failed();
  const server = 'sha256:b3eacd33433b31b5252351032c9b3e7a2e7aa7738d5decdf0dd6c62680853c06';
  const found = await lines();
  expect(found).toHaveLength(4);
  const head = 'apiserver_authentication_jwt_authenticator_jwks_fetch_last_';
  expect(found[0]).toMatch(new RegExp(`^${head}timestamp_seconds\\{result="success",jwt_issuer_hash="sha256:[0-9a-f]{64}",apiserver_id_hash="${server}"\\} 5$`));
  expect(found[1]).toContain('result="failure"');
  expect(found[3]).toMatch(/key_set_info\{.*hash="sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"\} 1$/);
  fetches.keepOnly(['https://b']);
  expect(await lines()).toHaveLength(1);
});
