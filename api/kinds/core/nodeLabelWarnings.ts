import type { V1LabelSelector, V1NodeSelectorTerm } from '../../generated/types.ts';
import { validateLabelValue } from '../../validation/names.ts';

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

/** `GetWarningsForNodeSelectorTerm`: a value that no label can have is refused where it must be met, and told of where it is only wished for. */
export function nodeSelectorTermWarnings(field: string, { matchExpressions = [] }: V1NodeSelectorTerm, weight: 'required' | 'preferred'): string[] {
  return matchExpressions.flatMap(({ key, values = [] }, index) => {
    const message = nodeLabelWarning(key);
    const path = `${field}.matchExpressions[${index}]`;
    const ofValues = weight === 'required' ? [] : values.flatMap((value, at) => validateLabelValue(value).map((text) => `${path}.values[${at}]: ${value} is invalid, ${text}`));
    return message === undefined ? ofValues : [`${path}.key: ${key} is ${message}`, ...ofValues];
  });
}

/** `GetWarningsForNodeSelector`. */
export function nodeLabelSelectorWarnings(field: string, { matchExpressions, matchLabels = {} }: V1LabelSelector = {}): string[] {
  const ofLabels = Object.keys(matchLabels).flatMap((label) => {
    const message = nodeLabelWarning(label);
    return message === undefined ? [] : [`${field}.matchLabels.${label}: ${message}`];
  });
  return [...nodeSelectorTermWarnings(field, matchExpressions ? { matchExpressions } : {}, 'required'), ...ofLabels];
}
