import type { V1Binding } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { Pods } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import type { PodInfo } from '../cache/podInfo.ts';

/** What assigns a pod to a node; the uid keeps it from another pod of the same name. */
export function bindingOf({ pod }: PodInfo, node: string): Draft<V1Binding> {
  const { namespace, name, uid } = pod.metadata;
  return { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target: { kind: 'Node', name: node } };
}

/** Binds through the API; rejects with what the API server says. */
export async function defaultBinder(client: KubeClient, info: PodInfo, node: string): Promise<void> {
  await client.createSubresource(Pods, info.pod.metadata.name, info.namespace, 'binding', bindingOf(info, node));
}
