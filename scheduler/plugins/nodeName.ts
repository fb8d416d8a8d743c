import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { type Plugin, type Rejection, SKIP } from '../framework/types.ts';

const NAME = 'NodeName';

const OTHER_NODE: Rejection = { plugin: NAME, reasons: ["node(s) didn't match the requested node name"], unresolvable: true };

/** A pod that names its node goes nowhere else. */
export const nodeName: Plugin = {
  name: NAME,
  events: ['NodeAdded'],
  mayHelp: (pod, event) => event.kind === 'NodeAdded' && fits(pod, event.node),
  preFilter: (pod) => (pod.spec.nodeName ? { filter: (node) => (fits(pod, node) ? undefined : OTHER_NODE) } : SKIP),
};

function fits({ spec }: PodInfo, node: NodeInfo): boolean {
  return !spec.nodeName || spec.nodeName === node.name;
}
