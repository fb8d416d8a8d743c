import { allow, patchOf, startWebhookServer, type Review } from '../rig/webhookServer.ts';
import type { Figure } from './figures.ts';
import { LoadClient } from './load.ts';
import { LoneServers } from './loneServers.ts';
import { type Measured, measured, measuredRows } from './measured.ts';

const COUNT = 2000;
const SECONDS = 6;
const NAMESPACE = 'bench-webhooks';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';

const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'x'.repeat(500) } });

/** What a webhook adds to a create: ConfigMaps per second over 16 connections with none (the reference), with one that judges and with one that changes them; the webhook runs in this process. */
export async function webhookFigures(): Promise<Figure[]> {
  const lone = await LoneServers.open();
  const hooks = await startWebhookServer();
  try {
    process.stderr.write('measuring: webhooks\n');
    const server = await lone.start();
    const client = new LoadClient(server.config);
    const change = patchOf([{ op: 'add', path: '/data/b', value: 'c' }]);
    hooks.on('/validating', (review: Review) => allow(review));
    hooks.on('/mutating', (review: Review) => allow(review, change));
    const creates = async (what: string): Promise<Measured> => {
      await measured([], SECONDS / 2, COUNT / 4, (index) => client.call('POST', PATH, configMap(`${what}-warm-${index}`)));
      return measured([server.pid], SECONDS, COUNT, (index) => client.call('POST', PATH, configMap(`${what}-${index}`)));
    };
    await server.admin('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    await creates('first');
    const none = await creates('none');
    const figures = measuredRows('ConfigMap create, no webhook', none);
    for (const sort of ['validating', 'mutating'] as const) {
      const path = `${CONFIGURATIONS}/${sort}webhookconfigurations`;
      await server.admin('POST', path, configuration(sort, hooks.url(`/${sort}`), hooks.caBundle));
      await server.admin('GET', path);
      figures.push(...measuredRows(`ConfigMap create, a ${sort} webhook (reference: none)`, await creates(sort), none));
      await server.admin('DELETE', `${path}/bench`);
    }
    client.close();
    return figures;
  } finally {
    await hooks.close();
    await lone.close();
  }
}

function configuration(sort: 'validating' | 'mutating', url: string, caBundle: string): object {
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } };
  const webhooks = [{ name: 'bench.example.com', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { url, caBundle }, rules, namespaceSelector }];
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind: sort === 'validating' ? 'ValidatingWebhookConfiguration' : 'MutatingWebhookConfiguration', metadata: { name: 'bench' }, webhooks };
}
