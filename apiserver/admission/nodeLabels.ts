type Labels = Readonly<Record<string, string>>;

const RESTRICTED = 'node-restriction.kubernetes.io';
const KUBERNETES = ['kubernetes.io', 'k8s.io'];
/** What a kubelet may say of its own node (`kubeletapis.IsKubeletLabel`). */
const KUBELET_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const KUBELET_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname', 'kubernetes.io/os', 'kubernetes.io/arch', 'topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/os', 'beta.kubernetes.io/arch', 'beta.kubernetes.io/instance-type', 'failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region',
]);

/** Labels that were added, changed or taken away. */
export function modifiedLabels(now: Labels | undefined, before: Labels | undefined): string[] {
  return [...new Set([...Object.keys(now ?? {}), ...Object.keys(before ?? {})])].filter((name) => now?.[name] !== before?.[name]);
}

/** Of these labels, those that a node may not decide itself: by them it could draw privileged work to itself. Sorted. */
export function forbiddenLabels(names: readonly string[]): string[] {
  return names.filter((name) => {
    const slash = name.indexOf('/');
    const namespace = slash < 0 ? '' : name.slice(0, slash);
    const isIn = (domain: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`);
    if (isIn(RESTRICTED)) return true;
    return KUBERNETES.some(isIn) && !KUBELET_LABELS.has(name) && !KUBELET_NAMESPACES.some(isIn);
  }).sort();
}
