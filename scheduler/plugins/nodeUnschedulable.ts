import { tolerates } from '../../api/values/taints.ts';
import { TAINT_UNSCHEDULABLE } from '../../api/wellKnown.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { type Plugin, type Rejection, SKIP } from '../framework/types.ts';

const NAME = 'NodeUnschedulable';

const UNSCHEDULABLE: Rejection = { plugin: NAME, reasons: ['node(s) were unschedulable'], unresolvable: true };

/** Keeps pods off nodes that are cordoned, unless they tolerate the taint of that name. */
export const nodeUnschedulable: Plugin = {
  name: NAME,
  events: ['NodeAdded', 'NodeTaintsChanged'],
  mayHelp: (pod, event) => 'node' in event && event.node !== undefined && fits(pod, event.node),
  preFilter: (pod) => (toleratesCordon(pod) ? SKIP : { filter: (node) => (fits(pod, node) ? undefined : UNSCHEDULABLE) }),
};

function fits(pod: PodInfo, node: NodeInfo): boolean {
  return !node.node?.spec?.unschedulable || toleratesCordon(pod);
}

function toleratesCordon({ tolerations }: PodInfo): boolean {
  return tolerations.some((each) => tolerates(each, { key: TAINT_UNSCHEDULABLE, effect: 'NoSchedule' }));
}
