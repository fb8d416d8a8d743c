import type { PodIdentity } from '../types.ts';

/** Which engine objects are ours: two clusters, or two nodes, may share one engine. */
export interface Ownership {
  readonly cluster: string;
  readonly node: string;
}

export const LABEL_CLUSTER = 'io.gantry.cluster';
export const LABEL_NODE = 'io.gantry.node';
export const LABEL_POD_NAME = 'io.kubernetes.pod.name';
export const LABEL_POD_NAMESPACE = 'io.kubernetes.pod.namespace';
export const LABEL_POD_UID = 'io.kubernetes.pod.uid';
export const LABEL_CONTAINER_NAME = 'io.kubernetes.container.name';
export const LABEL_CONTAINER_HASH = 'io.kubernetes.container.hash';
export const LABEL_ATTEMPT = 'io.kubernetes.container.restartCount';
export const LABEL_TYPE = 'io.kubernetes.docker.type';
export const LABEL_SANDBOX_ID = 'io.kubernetes.sandbox.id';
export const LABEL_IMAGE = 'io.kubernetes.container.image';

export const TYPE_SANDBOX = 'podsandbox';
export const TYPE_CONTAINER = 'container';

/** The part of the name that a container would have; sandboxes bear the name of no container. */
const SANDBOX_NAME = 'POD';

/** `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`. */
export function engineName(container: string | undefined, pod: PodIdentity, attempt: number): string {
  return ['k8s', container ?? SANDBOX_NAME, pod.name, pod.namespace, pod.uid, String(attempt)].join('_');
}

export function podLabels(owner: Ownership, pod: PodIdentity): Record<string, string> {
  return {
    [LABEL_CLUSTER]: owner.cluster,
    [LABEL_NODE]: owner.node,
    [LABEL_POD_NAME]: pod.name,
    [LABEL_POD_NAMESPACE]: pod.namespace,
    [LABEL_POD_UID]: pod.uid,
  };
}

/** The filter of every query: `label=` values of the Engine API. */
export function ownerFilter(owner: Ownership, podUid?: string): string[] {
  return [`${LABEL_CLUSTER}=${owner.cluster}`, `${LABEL_NODE}=${owner.node}`, ...(podUid === undefined ? [] : [`${LABEL_POD_UID}=${podUid}`])];
}

export function podOfLabels(labels: Readonly<Record<string, string>>): PodIdentity {
  return { name: labels[LABEL_POD_NAME] ?? '', namespace: labels[LABEL_POD_NAMESPACE] ?? '', uid: labels[LABEL_POD_UID] ?? '' };
}
