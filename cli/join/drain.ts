import { ApiError } from '../../api/apiError.ts';
import type { V1Pod } from '../../api/generated/types.ts';
import { ANNOTATION_CONFIG_MIRROR } from '../../api/wellKnown.ts';
import { Nodes, Pods } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import { type Invocation, UserError } from '../invocation.ts';

const POLL_MILLISECONDS = 1000;

/** What `kubectl drain --ignore-daemonsets --delete-emptydir-data --force` does: no new pods, and those that are here are evicted, with their disruption budgets respected. */
export async function drain(client: KubeClient, node: string, timeout: number, { terminal, clock, signal }: Invocation): Promise<void> {
  await client.patch(Nodes, node, undefined, 'application/merge-patch+json', { spec: { unschedulable: true } });
  const end = clock.monotonic() + timeout;
  for (let told = false; ; await clock.sleep(POLL_MILLISECONDS, signal)) {
    signal.throwIfAborted();
    const { items } = await client.list(Pods, { fieldSelector: `spec.nodeName=${node}` });
    const left = items.filter(mustGo);
    if (left.length === 0) return;
    if (!told) terminal.say(`Evicting ${left.length} pods`);
    told = true;
    if (clock.monotonic() > end) throw new UserError(`Still on this node after ${timeout / 1000} s: ${left.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ')}. (gantry leave --drain=false leaves all the same.)`);
    await Promise.all(left.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((pod) => evict(client, pod)));
  }
}

/** A DaemonSet's pods come back at once, and static ones are the node's own; ended ones are in nobody's way. */
export function mustGo({ metadata, status }: V1Pod): boolean {
  const daemon = metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller) ?? false;
  const mirror = metadata.annotations?.[ANNOTATION_CONFIG_MIRROR] !== undefined;
  return !daemon && !mirror && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

async function evict(client: KubeClient, { metadata: { name, namespace } }: V1Pod): Promise<void> {
  try {
    await client.createSubresource(Pods, name, namespace, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
  } catch (error) {
    // A disruption budget has nothing left at the moment: it is tried again.
    if (!(error instanceof ApiError && (error.reason === 'NotFound' || error.reason === 'TooManyRequests'))) throw error;
  }
}
