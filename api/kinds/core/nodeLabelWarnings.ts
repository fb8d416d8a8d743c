import type { V1NodeSelectorTerm } from '../../generated/types.ts';

/** What to use in place of labels that nodes bear for older clients only. */
const DEPRECATED_LABELS: ReadonlyMap<string, string> = new Map(Object.entries({
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}));

/** Why a label of nodes should not be used; undefined for one that is in use. */
export const nodeLabelWarning = (label: string): string | undefined => DEPRECATED_LABELS.get(label);

/** `GetWarningsForNodeSelectorTerm`. */
export function nodeSelectorTermWarnings(field: string, { matchExpressions = [] }: V1NodeSelectorTerm): string[] {
  return matchExpressions.flatMap(({ key }, index) => {
    const message = nodeLabelWarning(key);
    return message === undefined ? [] : [`${field}.matchExpressions[${index}].key: ${key} is ${message}`];
  });
}
