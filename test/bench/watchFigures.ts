import type { ClientConfig } from '../../client/clientConfig.ts';
import { ConfigMaps, Namespaces } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';
import type { Figure } from './figures.ts';
import { quantile } from './load.ts';
import { beginWatch, openSocket } from './watchSocket.ts';

const WATCHERS = 50;
const WRITES = 200;
const NAMESPACE = 'bench-watch';

/** Milliseconds from sending a write to its receipt, over 50 watchers of one collection, which are all in this process. */
export async function watchFigures(config: ClientConfig): Promise<Figure[]> {
  const client = new RestClient(config, { component: 'bench', clock: systemClock });
  await client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const { metadata } = await client.list(ConfigMaps, { namespace: NAMESPACE });
  const sent = new Map<string, number>();
  const latencies: number[] = [];
  const receive = (line: string): void => {
    const at = sent.get(/"name":"(w\d+)"/.exec(line)?.[1] ?? '');
    if (at !== undefined) latencies.push(performance.now() - at);
  };
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const sockets = await Promise.all(
    Array.from({ length: WATCHERS }, async () => {
      const socket = await openSocket(config);
      await beginWatch(socket, path, receive);
      return socket;
    }),
  );
  for (let index = 0; index < WRITES; index += 1) {
    sent.set(`w${index}`, performance.now());
    await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `w${index}` }, data: { a: 'x'.repeat(500) } }, NAMESPACE);
    await systemClock.sleep(5);
  }
  for (let turn = 0; turn < 100 && latencies.length < WATCHERS * WRITES; turn += 1) await systemClock.sleep(100);
  for (const socket of sockets) socket.destroy();
  await client.delete(Namespaces, NAMESPACE);
  client.close();
  if (latencies.length !== WATCHERS * WRITES) throw new Error(`${latencies.length} events were received, not ${WATCHERS * WRITES}`);
  return [
    { name: `watch, ${WATCHERS} watchers: p50`, value: quantile(latencies, 0.5), unit: 'ms', reference: 2.5 },
    { name: `watch, ${WATCHERS} watchers: p99`, value: quantile(latencies, 0.99), unit: 'ms', reference: 4.6 },
  ];
}
