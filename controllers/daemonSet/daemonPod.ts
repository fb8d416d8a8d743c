import type { Draft } from '../../api/meta.ts';
import type { V1DaemonSet, V1Node, V1NodeSelectorTerm, V1Pod, V1PodSpec, V1PodTemplateSpec, V1Toleration } from '../../api/generated/types.ts';
import { requiredNodeAffinity, satisfies } from '../../api/values/nodeAffinity.ts';
import { untoleratedTaint } from '../../api/values/taints.ts';
import { podFromTemplate } from '../podControl.ts';
import { REVISION_HASH_LABEL } from '../revisionHistory.ts';

const TEMPLATE_GENERATION_LABEL = 'pod-template-generation';
const TEMPLATE_GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

/** Daemons stay where other pods would be evicted, and come where others may not. */
const TOLERATIONS: readonly V1Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK_TOLERATION: V1Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' };

function withTolerations(spec: V1PodSpec): V1PodSpec {
  const wanted = spec.hostNetwork ? [...TOLERATIONS, HOST_NETWORK_TOLERATION] : TOLERATIONS;
  const same = (left: V1Toleration, right: V1Toleration): boolean => left.key === right.key && left.effect === right.effect && left.operator === right.operator;
  const present = spec.tolerations ?? [];
  return { ...spec, tolerations: [...present, ...wanted.filter((each) => !present.some((toleration) => same(toleration, each)))] };
}

/** Whether a new daemon belongs on a node, and whether one that is there may stay. */
export function placement(set: V1DaemonSet, node: V1Node): { readonly shouldRun: boolean; readonly shouldContinue: boolean } {
  const spec = withTolerations(set.spec?.template.spec ?? { containers: [] });
  const nodeName = spec.nodeName ?? '';
  const fits = (nodeName === '' || nodeName === node.metadata.name) && satisfies(requiredNodeAffinity(spec), { name: node.metadata.name, labels: node.metadata.labels ?? {} });
  const tolerated = (effects: readonly string[]): boolean => untoleratedTaint(node.spec?.taints, spec.tolerations, effects) === undefined;
  return { shouldRun: fits && tolerated(['NoSchedule', 'NoExecute']), shouldContinue: fits && tolerated(['NoExecute']) };
}

/** The node a daemon is on, or is bound for while the scheduler has not yet seen it. */
export function targetNode(pod: V1Pod): string | undefined {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  for (const term of pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) {
    const field = term.matchFields?.find((each) => each.key === 'metadata.name' && each.operator === 'In');
    if (field?.values?.length === 1) return field.values[0];
  }
  return undefined;
}

/** A daemon for one node: the scheduler places it, but can choose no other node. */
export function daemonPod(set: V1DaemonSet, template: V1PodTemplateSpec, revision: string, nodeName: string): Draft<V1Pod> {
  const pod = podFromTemplate(set, template);
  const spec = withTolerations(pod.spec!);
  const generation = set.metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION];
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [REVISION_HASH_LABEL]: revision, ...(generation === undefined ? {} : { [TEMPLATE_GENERATION_LABEL]: generation }) } },
    spec: { ...spec, affinity: { ...spec.affinity, nodeAffinity: pinned(spec, nodeName) } },
  };
}

function pinned(spec: V1PodSpec, nodeName: string): NonNullable<NonNullable<V1PodSpec['affinity']>['nodeAffinity']> {
  const term: V1NodeSelectorTerm = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] };
  const given = spec.affinity?.nodeAffinity;
  const terms = given?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const nodeSelectorTerms = terms.length === 0 ? [term] : terms.map((each) => ({ ...each, matchFields: term.matchFields }));
  return { ...given, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
}
