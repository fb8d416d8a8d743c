import type { ClientConfig } from '../../client/clientConfig.ts';
import type { Figure } from './figures.ts';
import { LoadClient, perSecond } from './load.ts';

const COUNT = 4000;
const LISTED = 1000;
const LISTS = 60;
const NAMESPACE = 'bench-api';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'x'.repeat(500) } });

/** ConfigMaps created, read, patched, replaced, deleted per second, and listed in megabytes per second, over 16 TLS connections. */
export async function apiFigures(config: ClientConfig): Promise<Figure[]> {
  const client = new LoadClient(config);
  const figures: Figure[] = [];
  const rate = async (verb: string, reference: number, one: (index: number) => Promise<unknown>): Promise<void> => {
    figures.push({ name: `ConfigMap ${verb}`, value: await perSecond(COUNT, one), unit: '/s', reference });
  };
  await client.call('POST', '/api/v1/namespaces', JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }));
  await perSecond(1000, (index) => client.call('POST', PATH, configMap(`warm-${index}`)));
  const listed = { consistent: await megabytesPerSecond(client, PATH), stale: await megabytesPerSecond(client, `${PATH}?resourceVersion=0`) };
  await rate('create', 1864, (index) => client.call('POST', PATH, configMap(`c${index}`)));
  await rate('get', 4056, (index) => client.call('GET', `${PATH}/c${index}`));
  await rate('merge patch', 1688, (index) => client.call('PATCH', `${PATH}/c${index}`, `{"data":{"b":"${index}"}}`, 'application/merge-patch+json'));
  await rate('put', 1749, (index) => client.call('PUT', `${PATH}/c${index}`, configMap(`c${index}`)));
  await rate('delete', 1286, (index) => client.call('DELETE', `${PATH}/c${index}`));
  figures.push({ name: `list of ${LISTED} ConfigMaps, consistent`, value: listed.consistent, unit: 'MB/s', reference: 79 });
  figures.push({ name: `list of ${LISTED} ConfigMaps, resourceVersion=0`, value: listed.stale, unit: 'MB/s', reference: 233 });
  await client.call('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
  client.close();
  return figures;
}

async function megabytesPerSecond(client: LoadClient, path: string): Promise<number> {
  let bytes = 0;
  const lists = await perSecond(LISTS, async () => (bytes += await client.call('GET', path)));
  return (bytes / LISTS / 1e6) * lists;
}
