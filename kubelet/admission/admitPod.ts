import type { V1Node, V1Pod } from '../../api/generated/types.ts';
import { featuresToRun, missingFeatures } from '../../api/values/nodeFeatures.ts';
import { requiredNodeAffinity, satisfies } from '../../api/values/nodeAffinity.ts';
import { podRequests, type ResourceAmounts } from '../../api/values/podResources.ts';
import { addQuantities, milliValue, parseQuantity, type Quantity, quantityValue, ZERO_QUANTITY } from '../../api/values/quantity.ts';
import { untoleratedTaint } from '../../api/values/taints.ts';
import { DECLARED_FEATURES } from '../node/nodeStatus.ts';
import { specOf } from '../podContainers.ts';
import { isStatic } from '../podSources/staticPod.ts';
import { conflicts, hostPortsOf } from './hostPortClaims.ts';
import { ownField } from '../../api/values/ownField.ts';

/** Why a pod may not run on this node: the event's text, and the reason of its status. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

export interface AdmissionInput {
  readonly pod: V1Pod;
  /** The pods that were admitted to this node before and are not over. */
  readonly others: readonly V1Pod[];
  readonly node: V1Node;
}

/** Sysctls that are namespaced and harm no neighbour (`sysctl.SafeSysctlAllowlist`). */
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem',
]);

/**
 * The kubelet's own look at a pod that is bound to its node, by whomever (`lifecycle.predicateAdmitHandler`): whether it is meant for
 * this node and finds room. Undefined where it may run.
 */
export function admitPod({ pod, others, node }: AdmissionInput): Rejection | undefined {
  return forbiddenSysctl(pod) ?? operatingSystem(pod, node) ?? lackingFeature(pod) ?? shortage(pod, others, node) ?? predicates(pod, others, node);
}

function forbiddenSysctl(pod: V1Pod): Rejection | undefined {
  const forbidden = specOf(pod).securityContext?.sysctls?.find(({ name }) => !SAFE_SYSCTLS.has(name.replaceAll('/', '.')));
  return forbidden && { reason: 'SysctlForbidden', message: `forbidden sysctl: "${forbidden.name}" not allowlisted` };
}

function operatingSystem(pod: V1Pod, node: V1Node): Rejection | undefined {
  const wanted = specOf(pod).nodeSelector?.['kubernetes.io/os'];
  if (wanted !== undefined && wanted !== node.metadata.labels?.['kubernetes.io/os']) {
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label" };
  }
  const os = specOf(pod).os?.name;
  return os === undefined || os === 'linux' ? undefined : { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
}

/** `declaredFeaturesAdmitHandler`. */
function lackingFeature(pod: V1Pod): Rejection | undefined {
  const missing = missingFeatures(featuresToRun(specOf(pod)), DECLARED_FEATURES);
  return missing.length === 0 ? undefined : { reason: 'PodFeatureUnsupported', message: `Pod requires node features that are not available: ${missing.join(', ')}` };
}

function shortage(pod: V1Pod, others: readonly V1Pod[], node: V1Node): Rejection | undefined {
  const allocatable = node.status?.allocatable ?? {};
  const places = allocatable['pods'] === undefined ? Infinity : quantityValue(parseQuantity(allocatable['pods']));
  if (others.length + 1 > places) return insufficient('pods', 1, others.length, places);
  const requests = podRequests(specOf(pod));
  const used = totalOf(others);
  // Of what this node does not have at all, only the scheduler knows.
  const names = ['cpu', 'memory', 'ephemeral-storage', ...[...requests.keys()].filter((name) => !COMPUTE.has(name)).sort()];
  for (const name of names) {
    const capacity = ownField(allocatable, name);
    const requested = requests.get(name);
    if (capacity === undefined || requested === undefined || requested.nanos <= 0n) continue;
    const value = (quantity: Quantity): number => (name === 'cpu' ? milliValue(quantity) : quantityValue(quantity));
    const [wanted, taken, total] = [value(requested), value(used.get(name) ?? ZERO_QUANTITY), value(parseQuantity(capacity))];
    if (wanted > total - taken) return insufficient(name, wanted, taken, total);
  }
  return undefined;
}

const COMPUTE = new Set(['cpu', 'memory', 'ephemeral-storage']);

function totalOf(pods: readonly V1Pod[]): ResourceAmounts {
  const total: ResourceAmounts = new Map();
  for (const pod of pods) for (const [name, amount] of podRequests(specOf(pod))) total.set(name, addQuantities(total.get(name) ?? ZERO_QUANTITY, amount));
  return total;
}

function insufficient(name: string, requested: number, used: number, capacity: number): Rejection {
  return { reason: `OutOf${name}`, message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}` };
}

function predicates(pod: V1Pod, others: readonly V1Pod[], node: V1Node): Rejection | undefined {
  const spec = specOf(pod);
  const labeled = { name: node.metadata.name, labels: node.metadata.labels ?? {} };
  if (!satisfies(requiredNodeAffinity(spec), labeled)) return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return failed('NodeName', "node(s) didn't match the requested node name");
  const taken = others.flatMap(hostPortsOf);
  if (hostPortsOf(pod).some((wanted) => taken.some((each) => conflicts(wanted, each)))) return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  // Whether a pod may be put here by the other effects was the scheduler's to say; a static pod nobody may drive away.
  if (!isStatic(pod) && untoleratedTaint(node.spec?.taints, spec.tolerations, ['NoExecute'])) return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  return undefined;
}

function failed(predicate: string, description: string): Rejection {
  return { reason: predicate, message: `Predicate ${predicate} failed: ${description}` };
}
