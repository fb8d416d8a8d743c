import assert from 'node:assert/strict';
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import { eventually } from '../rig/controlPlane.ts';

/** The informer of `@kubernetes/client-node` follows a namespace; throws where it sees anything but what happened. */
export async function followWithClientNode(kubeconfig: string, namespace: string): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'before' } } });
  const seen: string[] = [];
  const informer = makeInformer<V1ConfigMap>(config, `/api/v1/namespaces/${namespace}/configmaps`, () => api.listNamespacedConfigMap({ namespace }));
  for (const event of ['add', 'update', 'delete'] as const) {
    informer.on(event, ({ metadata, data }) => {
      // A controller puts one into every namespace.
      if (metadata?.name !== 'kube-root-ca.crt') seen.push(`${event} ${metadata?.name ?? ''} ${data?.['v'] ?? ''}`);
    });
  }
  informer.on('error', (error) => void seen.push(`error ${String(error)}`));
  await informer.start();
  await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'a' }, data: { v: '1' } } });
  const read = await api.readNamespacedConfigMap({ namespace, name: 'a' });
  read.data = { v: '2' };
  await api.replaceNamespacedConfigMap({ namespace, name: 'a', body: read });
  await api.deleteNamespacedConfigMap({ namespace, name: 'a' });
  await eventually('the informer has seen the deletion', async () => (seen.some((each) => each.startsWith('delete')) ? true : undefined));
  await informer.stop();
  assert.deepEqual(seen, ['add before ', 'add a 1', 'update a 2', 'delete a 2']);
  process.stdout.write(`client-node: ${seen.join(', ')}\n`);
}
