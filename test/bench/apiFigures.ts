import type { ClientConfig } from '../../client/clientConfig.ts';
import type { Figure } from './figures.ts';
import { LoadClient, perSecond } from './load.ts';
import { cpuMicroseconds, serverPid } from './serverCpu.ts';

const COUNT = 4000;
const GETS = 8000;
const LISTED = 1000;
const LISTS = 100;
const NAMESPACE = 'bench-api';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'x'.repeat(500) } });

/**
 * ConfigMaps created, read, patched, replaced, applied, deleted per second, and listed in megabytes per second, over 16 TLS connections; with
 * the server's CPU per request, which says more than the rate on a machine that others use too.
 */
export async function apiFigures(config: ClientConfig, server = serverPid()): Promise<Figure[]> {
  const client = new LoadClient(config);
  const figures: Figure[] = [];
  const measure = async (name: string, count: number, reference: number | undefined, one: (index: number) => Promise<number>): Promise<void> => {
    let bytes = 0;
    const before = cpuMicroseconds(server);
    const rate = await perSecond(count, async (index) => {
      // Not `bytes += await …`: that reads `bytes` before it waits.
      const received = await one(index);
      bytes += received;
    });
    const cpu = (cpuMicroseconds(server) - before) / count;
    const isList = name.startsWith('list');
    figures.push({ name, value: isList ? (rate * bytes) / count / 1e6 : rate, unit: isList ? 'MB/s' : '/s', ...(reference === undefined ? {} : { reference }) });
    figures.push({ name: `${name}: CPU of the server each`, value: cpu, unit: 'µs' });
  };
  await client.call('POST', '/api/v1/namespaces', JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }));
  await perSecond(LISTED, (index) => client.call('POST', PATH, configMap(`warm-${index}`)));
  await measure(`list of ${LISTED} ConfigMaps, consistent`, LISTS, 79, () => client.call('GET', PATH));
  await measure(`list of ${LISTED} ConfigMaps, resourceVersion=0`, LISTS, 233, () => client.call('GET', `${PATH}?resourceVersion=0`));
  await perSecond(COUNT, (index) => client.call('GET', `${PATH}/warm-${index % LISTED}`));
  await measure('ConfigMap create', COUNT, 1864, (index) => client.call('POST', PATH, configMap(`c${index}`)));
  await measure('ConfigMap get', GETS, 4056, (index) => client.call('GET', `${PATH}/c${index % COUNT}`));
  await measure('ConfigMap merge patch', COUNT, 1688, (index) => client.call('PATCH', `${PATH}/c${index}`, `{"data":{"b":"${index}"}}`, 'application/merge-patch+json'));
  await measure('ConfigMap put', COUNT, 1749, (index) => client.call('PUT', `${PATH}/c${index}`, configMap(`c${index}`)));
  const apply = (index: number): Promise<number> => client.call('PATCH', `${PATH}/a${index}?fieldManager=bench`, configMap(`a${index}`), 'application/apply-patch+yaml');
  await measure('ConfigMap apply that creates', COUNT, undefined, apply);
  await measure('ConfigMap apply that changes nothing', COUNT, undefined, apply);
  await measure('ConfigMap delete', COUNT, 1286, (index) => client.call('DELETE', `${PATH}/c${index}`));
  await client.call('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
  client.close();
  return figures;
}
