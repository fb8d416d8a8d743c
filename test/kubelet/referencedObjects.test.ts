import { ConfigMaps } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import type { KubeClient } from '../../client/types.ts';
import { ReferencedObjects } from '../../kubelet/volumes/referencedObjects.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { clientConfigOf } from '../client/clientConfig.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';

let api: TestApi;
let client: RestClient;
const stop = new AbortController();

beforeAll(async () => {
  api = await startHandlers();
  client = new RestClient(clientConfigOf(api), { component: 'test', clock: systemClock });
});

afterAll(async () => {
  stop.abort();
  client?.close();
  await api?.close();
});

test('an object is asked for once by each pod, is watched, and its changes are told', async () => {
  let asked = 0;
  const counting = new Proxy<KubeClient>(client, {
    get(target, name: keyof KubeClient) {
      if (name === 'get') asked += 1;
      const method = target[name];
      return method.bind(target);
    },
  });
  const changed: string[] = [];
  const objects = new ReferencedObjects({ client: counting, clock: systemClock, logger: silentLogger, changed: (uid) => void changed.push(uid), signal: stop.signal });
  const made = await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data: { colour: 'green' } });
  const colour = async (pod: string): Promise<string | undefined> => (await objects.configMap(pod, 'default', 'settings', true))?.data?.['colour'];
  expect(await colour('a')).toBe('green');
  while (!changed.includes('a')) await systemClock.sleep(10);
  for (let start = 0; start < 20; start += 1) expect(await colour('a')).toBe('green');
  expect(asked).toBe(1);
  expect(await colour('b')).toBe('green');
  expect(asked).toBe(2);
  changed.length = 0;
  await client.update(ConfigMaps, { ...made, data: { colour: 'blue' } });
  while (!changed.includes('a') || !changed.includes('b')) await systemClock.sleep(10);
  expect([await colour('a'), await colour('b'), asked]).toEqual(['blue', 'blue', 2]);
  objects.release('a');
  objects.release('b');
  expect(await objects.configMap('c', 'default', 'absent', true)).toBeUndefined();
});
