import type { ClientConfig } from '../../client/clientConfig.ts';
import { ConfigMaps, Namespaces } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';
import type { Figure } from './figures.ts';
import { quantile } from './load.ts';

const WATCHERS = 50;
const WRITES = 200;
const NAMESPACE = 'bench-watch';

/** Milliseconds from sending a write to its receipt, over 50 watchers of one collection, all in this process. */
export async function watchFigures(config: ClientConfig): Promise<Figure[]> {
  const client = new RestClient(config, { component: 'bench', clock: systemClock });
  const stop = new AbortController();
  await client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const { metadata } = await client.list(ConfigMaps, { namespace: NAMESPACE });
  const sent = new Map<string, number>();
  const latencies: number[] = [];
  const watchers = Array.from({ length: WATCHERS }, async () => {
    let seen = 0;
    for await (const event of client.watch(ConfigMaps, { namespace: NAMESPACE, resourceVersion: metadata.resourceVersion ?? '', signal: stop.signal })) {
      const at = event.type === 'ADDED' ? sent.get(event.object.metadata.name) : undefined;
      if (at === undefined) continue;
      latencies.push(performance.now() - at);
      seen += 1;
      if (seen === WRITES) return;
    }
  });
  await systemClock.sleep(500);
  for (let index = 0; index < WRITES; index += 1) {
    sent.set(`w${index}`, performance.now());
    await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `w${index}` }, data: { a: 'x'.repeat(500) } }, NAMESPACE);
    await systemClock.sleep(5);
  }
  await Promise.race([Promise.all(watchers), systemClock.sleep(10_000)]);
  stop.abort();
  await client.delete(Namespaces, NAMESPACE);
  client.close();
  return [
    { name: `watch, ${WATCHERS} watchers: p50`, value: quantile(latencies, 0.5), unit: 'ms', reference: 2.5 },
    { name: `watch, ${WATCHERS} watchers: p99`, value: quantile(latencies, 0.99), unit: 'ms', reference: 4.6 },
  ];
}
