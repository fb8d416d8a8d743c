import type { V1Taint, V1Toleration } from '../../api/generated/types.ts';
import { tolerates, untoleratedTaint } from '../../api/values/taints.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import { normalizeByMaximum, type Plugin, type Rejection } from '../framework/types.ts';

const NAME = 'TaintToleration';

const untolerated = ({ key, value = '' }: V1Taint): Rejection => ({ plugin: NAME, reasons: [`node(s) had untolerated taint {${key}: ${value}}`], unresolvable: true });

/** Keeps pods off nodes whose NoSchedule and NoExecute taints they don't tolerate; PreferNoSchedule ones cost points. */
export const taintToleration: Plugin = {
  name: NAME,
  events: ['NodeAdded', 'NodeTaintsChanged'],
  mayHelp: (pod, event) => 'node' in event && event.node !== undefined && forbidding(event.node, pod.tolerations) === undefined,
  preFilter: ({ tolerations }) => ({
    filter(node) {
      const taint = forbidding(node, tolerations);
      return taint && untolerated(taint);
    },
  }),
  preScore(pod, _, nodes) {
    if (!nodes.some((node) => node.taints.length > 0)) return undefined;
    const relevant = pod.tolerations.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return { score: (node) => countIntolerable(node.taints, relevant), normalize: (scores) => normalizeByMaximum(scores, true) };
  },
};

function forbidding(node: NodeInfo, tolerations: readonly V1Toleration[]): V1Taint | undefined {
  return node.taints.length === 0 ? undefined : untoleratedTaint(node.taints, tolerations, ['NoSchedule', 'NoExecute']);
}

function countIntolerable(taints: readonly V1Taint[], tolerations: readonly V1Toleration[]): number {
  return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerations.some((each) => tolerates(each, taint))).length;
}
