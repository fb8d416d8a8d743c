import type { V1ContainerState, V1ContainerStatus, V1Pod, V1PodCondition } from '../../../generated/types.ts';
import type { RowCondition, TableColumn } from '../../../resourceDefinition.ts';
import { humanDuration, parseTime } from '../../../values/duration.ts';
import { isSidecar } from '../../../values/podResources.ts';
import { ageColumn, orNone } from '../../columns.ts';

/** What one line of `kubectl get pods` says of a pod's containers (`printPod`). */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  /** When a container last ended before a restart; NaN where none did. */
  readonly lastRestart: number;
}

/** Counts restarts and remembers the newest end that led to one. */
class Restarts {
  count = 0;
  last = Number.NaN;

  add({ restartCount, lastState }: V1ContainerStatus): void {
    this.count += restartCount;
    const ended = parseTime(lastState?.terminated?.finishedAt);
    if (!Number.isNaN(ended) && !(ended <= this.last)) this.last = ended;
  }
}

/** A pod's state in the words that kubectl shows. */
export function summarizePod(pod: V1Pod): PodSummary {
  const status = pod.status ?? {};
  const conditions = status.conditions ?? [];
  const initContainers = pod.spec?.initContainers ?? [];
  const sidecars = new Set(initContainers.filter(isSidecar).map((each) => each.name));
  const total = (pod.spec?.containers?.length ?? 0) + sidecars.size;
  let reason = status.reason || (status.phase ?? '');
  if (conditions.some((each) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated')) reason = 'SchedulingGated';

  let ready = 0;
  let restarts = new Restarts();
  const ofSidecars = new Restarts();
  let initializing = false;
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    restarts.add(container);
    const isSidecarStatus = sidecars.has(container.name);
    if (isSidecarStatus) ofSidecars.add(container);
    if (container.state?.terminated?.exitCode === 0) continue;
    if (isSidecarStatus && container.started) {
      if (container.ready) ready++;
      continue;
    }
    reason = initReason(container.state, index, initContainers.length);
    initializing = true;
    break;
  }

  if (!initializing || isTrue(conditions, 'Initialized')) {
    restarts = ofSidecars;
    let hasRunning = false;
    for (const container of (status.containerStatuses ?? []).toReversed()) {
      restarts.add(container);
      const { waiting, terminated, running } = container.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = terminated.reason || exitReason(terminated);
      else if (container.ready && running) {
        hasRunning = true;
        ready++;
      }
    }
    if (reason === 'Completed' && hasRunning) reason = isTrue(conditions, 'Ready') ? 'Running' : 'NotReady';
  }

  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating';
  }
  return { ready, total, status: reason, restarts: restarts.count, lastRestart: restarts.last };
}

function initReason(state: V1ContainerState | undefined, index: number, count: number): string {
  if (state?.terminated) return `Init:${state.terminated.reason || exitReason(state.terminated)}`;
  if (state?.waiting?.reason && state.waiting.reason !== 'PodInitializing') return `Init:${state.waiting.reason}`;
  return `Init:${index}/${count}`;
}

const exitReason = ({ signal, exitCode }: { readonly signal?: number; readonly exitCode: number }): string => (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);

const isTrue = (conditions: readonly V1PodCondition[], type: string): boolean => conditions.some((each) => each.type === type && each.status === 'True');

function restartsText({ restarts, lastRestart }: PodSummary, now: number): string {
  return restarts !== 0 && !Number.isNaN(lastRestart) ? `${restarts} (${humanDuration(now - lastRestart)} ago)` : String(restarts);
}

function readinessGates(pod: V1Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  return `${gates.filter((each) => isTrue(pod.status?.conditions ?? [], each.conditionType)).length}/${gates.length}`;
}

export const podColumns: readonly TableColumn<V1Pod>[] = [
  {
    name: 'Ready', type: 'string', priority: 0, description: 'The aggregate readiness state of this pod for accepting traffic.',
    value(pod) {
      const { ready, total } = summarizePod(pod);
      return `${ready}/${total}`;
    },
  },
  { name: 'Status', type: 'string', priority: 0, description: 'The aggregate status of the containers in this pod.', value: (pod) => summarizePod(pod).status },
  {
    name: 'Restarts', type: 'string', priority: 0, description: 'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    value: (pod, now) => restartsText(summarizePod(pod), now),
  },
  ageColumn,
  { name: 'IP', type: 'string', priority: 1, description: { of: 'V1PodStatus.podIP' }, value: (pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP) },
  { name: 'Node', type: 'string', priority: 1, description: { of: 'V1PodSpec.nodeName' }, value: (pod) => orNone(pod.spec?.nodeName) },
  { name: 'Nominated Node', type: 'string', priority: 1, description: { of: 'V1PodStatus.nominatedNodeName' }, value: (pod) => orNone(pod.status?.nominatedNodeName) },
  { name: 'Readiness Gates', type: 'string', priority: 1, description: { of: 'V1PodSpec.readinessGates' }, value: readinessGates },
];

const SUCCEEDED: readonly RowCondition[] = [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }];
const FAILED: readonly RowCondition[] = [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }];

/** A pod that has ended says so beside its row. */
export function podRowConditions({ status }: V1Pod): readonly RowCondition[] | undefined {
  return status?.phase === 'Succeeded' ? SUCCEEDED : status?.phase === 'Failed' ? FAILED : undefined;
}
