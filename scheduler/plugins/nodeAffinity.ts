import type { V1PodSpec } from '../../api/generated/types.ts';
import { matchesTerm, nodeTerm, requiredNodeAffinity, satisfies } from '../../api/values/nodeAffinity.ts';
import { normalizeByMaximum, type Plugin, type Rejection, SKIP } from '../framework/types.ts';

const NAME = 'NodeAffinity';

const MISMATCH: Rejection = { plugin: NAME, reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true };

/** `nodeSelector` and node affinity: required terms filter, preferred ones score. */
export const nodeAffinity: Plugin = {
  name: NAME,
  events: ['NodeAdded', 'NodeLabelsChanged'],
  mayHelp: (pod, event) => 'node' in event && event.node !== undefined && satisfies(requiredNodeAffinity(pod.spec), event.node),
  preFilter({ spec }) {
    const affinity = requiredNodeAffinity(spec);
    if (affinity.nodeSelector.requirements.length === 0 && !affinity.terms) return SKIP;
    const only = namedNodes(spec);
    return { filter: (node) => (satisfies(affinity, node) ? undefined : MISMATCH), ...(only ? { only } : {}) };
  },
  preScore({ spec }) {
    const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (preferred.length === 0) return undefined;
    const terms = preferred.map(({ weight, preference }) => ({ weight, term: nodeTerm(preference) }));
    return {
      score: (node) => terms.reduce((sum, { weight, term }) => (matchesTerm(term, node) ? sum + weight : sum), 0),
      normalize: (scores) => normalizeByMaximum(scores, false),
    };
  },
};

/** The only nodes that can do, where every term names them by `metadata.name` (as those of DaemonSets do): the others need not be looked at. */
function namedNodes(spec: V1PodSpec): ReadonlySet<string> | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const names = terms.map(({ matchFields = [] }) => matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')?.values);
  if (names.length === 0 || names.includes(undefined)) return undefined;
  return new Set(names.flatMap((each) => each ?? []));
}
