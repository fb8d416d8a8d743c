import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { type Plugin, type Rejection, SKIP } from '../framework/types.ts';

const NAME = 'NodePorts';

const TAKEN: Rejection = { plugin: NAME, reasons: ["node(s) didn't have free ports for the requested pod ports"], unresolvable: false };

/** Keeps pods off nodes where a host port that they ask for is taken. */
export const nodePorts: Plugin = {
  name: NAME,
  events: ['NodeAdded', 'PodDeleted'],
  mayHelp: (pod, event) => event.kind === 'NodeAdded' || (event.kind === 'PodDeleted' && event.pod.hostPorts.some(({ port }) => pod.hostPorts.some((wanted) => wanted.port === port))),
  preFilter: (pod) => (pod.hostPorts.length === 0 ? SKIP : { filter: (node) => (fits(pod, node) ? undefined : TAKEN) }),
};

function fits(pod: PodInfo, node: NodeInfo): boolean {
  return !pod.hostPorts.some((port) => node.ports.conflicts(port));
}
