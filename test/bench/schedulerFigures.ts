import type { V1Node, V1Pod } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { Namespaces, Nodes, Pods } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';
import type { Figure } from './figures.ts';
import { perSecond } from './load.ts';

const NODES = 500;
const PODS = 2000;
const NAMESPACE = 'bench-scheduler';
const LABEL = 'bench.gantry.dev/simulated';
const CAPACITY = { cpu: '4', memory: '32Gi', pods: '110' };

const simulatedNode = (name: string): Draft<V1Node> => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { [LABEL]: 'true', 'kubernetes.io/hostname': name } },
});
const pod = (index: number): Draft<V1Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p${index}`, labels: { app: 'bench' } },
  spec: { nodeSelector: { [LABEL]: 'true' }, terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'none', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] },
});

/** Pods bound per second, from the first creation to the last binding, with 500 nodes that only the API knows. */
export async function schedulerFigures(config: ClientConfig): Promise<Figure[]> {
  const client = new RestClient(config, { component: 'bench', clock: systemClock });
  await client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await perSecond(NODES, async (index) => {
    const name = `sim-${index}`;
    await client.create(Nodes, simulatedNode(name));
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'simulated' };
    await client.patch(Nodes, name, undefined, 'application/merge-patch+json', { status: { capacity: CAPACITY, allocatable: CAPACITY, conditions: [ready] } }, 'status');
  });
  // The taints of new nodes go when the node life cycle controller has seen that they are ready.
  await systemClock.sleep(6000);
  const { metadata } = await client.list(Pods, { namespace: NAMESPACE });
  const stop = new AbortController();
  const timer = systemClock.setTimeout(() => stop.abort(), 120_000);
  const bound = new Set<string>();
  const began = performance.now();
  const watching = (async (): Promise<number> => {
    for await (const event of client.watch(Pods, { namespace: NAMESPACE, resourceVersion: metadata.resourceVersion ?? '', signal: stop.signal })) {
      const seen = event.object as V1Pod;
      if (event.type === 'MODIFIED' && seen.spec?.nodeName) bound.add(seen.metadata.name);
      if (bound.size === PODS) return performance.now() - began;
    }
    throw new Error(`only ${bound.size} of ${PODS} pods were bound in time`);
  })();
  await perSecond(PODS, (index) => client.create(Pods, pod(index), NAMESPACE));
  const milliseconds = await watching;
  stop.abort();
  timer.cancel();
  await perSecond(PODS, (index) => client.delete(Pods, `p${index}`, NAMESPACE, { gracePeriodSeconds: 0 }));
  await perSecond(NODES, (index) => client.delete(Nodes, `sim-${index}`));
  await client.delete(Namespaces, NAMESPACE);
  client.close();
  return [{ name: `pods scheduled, ${NODES} nodes, ${PODS} pods`, value: PODS / (milliseconds / 1000), unit: '/s', reference: 310 }];
}
