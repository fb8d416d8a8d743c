import type { ClientConfig } from '../../client/clientConfig.ts';
import { allow, patchOf, startWebhookServer, type Review } from '../rig/webhookServer.ts';
import type { Figure } from './figures.ts';
import { LoadClient, perSecond } from './load.ts';
import { cpuMicroseconds, serverPid } from './serverCpu.ts';

const COUNT = 2000;
const NAMESPACE = 'bench-webhooks';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';

const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'x'.repeat(500) } });

/** What a webhook adds to a create: ConfigMaps per second over 16 connections with none, with one that judges and with one that changes them; the webhook runs in this process. */
export async function webhookFigures(config: ClientConfig, server = serverPid()): Promise<Figure[]> {
  const client = new LoadClient(config);
  const hooks = await startWebhookServer();
  const change = patchOf([{ op: 'add', path: '/data/b', value: 'c' }]);
  hooks.on('/validating', (review: Review) => allow(review));
  hooks.on('/mutating', (review: Review) => allow(review, change));
  const figures: Figure[] = [];
  const measure = async (what: string): Promise<void> => {
    const name = what.replaceAll(' ', '-');
    await perSecond(COUNT / 4, (index) => client.call('POST', PATH, configMap(`${name}-warm-${index}`)));
    const before = cpuMicroseconds(server);
    const rate = await perSecond(COUNT, (index) => client.call('POST', PATH, configMap(`${name}-${index}`)));
    figures.push({ name: `ConfigMap create, ${what}`, value: rate, unit: '/s' }, { name: `ConfigMap create, ${what}: CPU of the server each`, value: (cpuMicroseconds(server) - before) / COUNT, unit: 'µs' });
  };
  await client.call('POST', '/api/v1/namespaces', JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }));
  await measure('no webhook');
  for (const sort of ['validating', 'mutating'] as const) {
    const path = `${CONFIGURATIONS}/${sort}webhookconfigurations`;
    await client.call('POST', path, configuration(sort, hooks.url(`/${sort}`), hooks.caBundle));
    await client.call('GET', path);
    await measure(`a ${sort} webhook`);
    await client.call('DELETE', `${path}/bench`);
  }
  await client.call('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
  client.close();
  await hooks.close();
  return figures;
}

function configuration(sort: 'validating' | 'mutating', url: string, caBundle: string): string {
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } };
  const webhooks = [{ name: 'bench.example.com', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { url, caBundle }, rules, namespaceSelector }];
  return JSON.stringify({ apiVersion: 'admissionregistration.k8s.io/v1', kind: sort === 'validating' ? 'ValidatingWebhookConfiguration' : 'MutatingWebhookConfiguration', metadata: { name: 'bench' }, webhooks });
}
