import { featuresToRun, missingFeatures } from '../../api/values/nodeFeatures.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import { type Plugin, type Rejection, SKIP } from '../framework/types.ts';

const NAME = 'NodeDeclaredFeatures';

const LACKING: Rejection = { plugin: NAME, reasons: ["node(s) didn't match Pod's required features"], unresolvable: true };

/** A pod that uses a feature goes only where the kubelet says that it knows it. */
export const nodeDeclaredFeatures: Plugin = {
  name: NAME,
  events: ['NodeAdded', 'NodeFeaturesChanged'],
  mayHelp: (pod, event) => 'node' in event && event.node !== undefined && has(event.node, featuresToRun(pod.spec)),
  preFilter({ spec }) {
    const needed = featuresToRun(spec);
    return needed.length === 0 ? SKIP : { filter: (node) => (has(node, needed) ? undefined : LACKING) };
  },
};

function has({ node }: NodeInfo, needed: readonly string[]): boolean {
  return missingFeatures(needed, node?.status?.declaredFeatures).length === 0;
}
