import type { V1Node } from '../../api/generated/types.ts';
import { ANNOTATION_TAINT_PENDING, LABEL_CONTROL_PLANE } from '../../api/wellKnown.ts';
import { Nodes } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';

/** Says of the node that it is a control plane: `kubectl get nodes` shows it. It takes pods for as long as no other machine does, or for ever. */
export async function markControlPlane(client: KubeClient, nodeName: string, schedulable: boolean): Promise<void> {
  const { metadata } = await client.get(Nodes, nodeName);
  const isNew = metadata.labels?.[LABEL_CONTROL_PLANE] === undefined;
  const pending = metadata.annotations?.[ANNOTATION_TAINT_PENDING] !== undefined;
  if (!isNew && !(pending && schedulable)) return;
  const annotations = { [ANNOTATION_TAINT_PENDING]: schedulable ? null : 'true' };
  await client.patch(Nodes, nodeName, undefined, 'application/merge-patch+json', { metadata: { labels: { [LABEL_CONTROL_PLANE]: '' }, annotations } });
}

/**
 * The patch by which a control plane stops taking pods, now that another machine takes them; undefined: it goes on as it is. A user who takes the
 * taint away afterwards has the last word.
 */
export function taintPatch(own: V1Node | undefined, nodes: readonly V1Node[]): Readonly<Record<string, unknown>> | undefined {
  if (own?.metadata.annotations?.[ANNOTATION_TAINT_PENDING] === undefined || !nodes.some(takesPods)) return undefined;
  const taints = own.spec?.taints ?? [];
  const present = taints.some(({ key, effect }) => key === LABEL_CONTROL_PLANE && effect === 'NoSchedule');
  return {
    metadata: { resourceVersion: own.metadata.resourceVersion, annotations: { [ANNOTATION_TAINT_PENDING]: null } },
    spec: { taints: present ? taints : [...taints, { key: LABEL_CONTROL_PLANE, effect: 'NoSchedule' }] },
  };
}

function takesPods({ metadata, spec, status }: V1Node): boolean {
  const ready = status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false;
  return ready && metadata.labels?.[LABEL_CONTROL_PLANE] === undefined && !spec?.unschedulable;
}
