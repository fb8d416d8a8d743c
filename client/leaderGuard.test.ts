import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../process/clock.ts';
import { leadersOnly, NotLeaderError } from './leaderGuard.ts';
import { ConfigMaps } from './resources.ts';
import { RestClient } from './restClient.ts';

test('a write is let out only while the process leads, asked after the last wait; reads are free', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.method ?? '');
    response.end('{"kind":"ConfigMap","metadata":{"name":"a"}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let leads = true;
  let losesItNow = false;
  const token = async (): Promise<string> => {
    if (losesItNow) leads = false;
    return 't';
  };
  const { port } = server.address() as AddressInfo;
  const client = new RestClient({ servers: [`http://127.0.0.1:${port}`], token }, { component: 'test', clock: systemClock, beforeWrite: leadersOnly({ isLeader: () => leads }) });
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' } };
  try {
    await client.create(ConfigMaps, object);
    await client.delete(ConfigMaps, 'a', 'b');
    losesItNow = true;
    await expect(client.create(ConfigMaps, object)).rejects.toBeInstanceOf(NotLeaderError);
    await expect(client.patch(ConfigMaps, 'a', 'b', 'application/merge-patch+json', {})).rejects.toBeInstanceOf(NotLeaderError);
    await expect(client.raw({ method: 'PUT', path: '/x', body: '{}' })).rejects.toBeInstanceOf(NotLeaderError);
    await client.get(ConfigMaps, 'a', 'b');
    expect(seen).toEqual(['POST', 'DELETE', 'GET']);
  } finally {
    client.close();
    server.close();
  }
});
