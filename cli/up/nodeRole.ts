import { Nodes } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';

const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane';

/** Says of the node that it is a control plane: `kubectl get nodes` shows it. It takes pods all the same, as the only machine there is. */
export async function markControlPlane(client: KubeClient, nodeName: string): Promise<void> {
  const node = await client.get(Nodes, nodeName);
  if (node.metadata.labels?.[CONTROL_PLANE_LABEL] !== undefined) return;
  await client.patch(Nodes, nodeName, undefined, 'application/merge-patch+json', { metadata: { labels: { [CONTROL_PLANE_LABEL]: '' } } });
}
