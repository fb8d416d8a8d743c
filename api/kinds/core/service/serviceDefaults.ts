import type { V1Service, V1ServicePort, V1ServiceSpec } from '../../../generated/types.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { deepEqual } from '../../../values/deepEqual.ts';

/** Three hours, in seconds. */
const DEFAULT_AFFINITY_TIMEOUT = 10_800;

export const isExternallyAccessible = ({ type, externalIPs }: V1ServiceSpec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && Boolean(externalIPs?.length));

const hasNodePorts = ({ type }: V1ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';
const hasClusterIP = ({ type }: V1ServiceSpec): boolean => type !== 'ExternalName';

/** Defaults of a Service, in place; addresses and node ports are given out by the API server. */
export function setServiceDefaults({ spec, status }: IncomingObject<V1Service>): void {
  if (!spec) return;
  if (spec.type === 'LoadBalancer') for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
  spec.sessionAffinity ||= 'None';
  spec.type ||= 'ClusterIP';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: DEFAULT_AFFINITY_TIMEOUT } };
  }
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (hasClusterIP(spec)) spec.internalTrafficPolicy ||= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

const samePort = (a: V1ServicePort, b: V1ServicePort): boolean => a.port === b.port && a.protocol === b.protocol;

/**
 * An update that leaves out what was given out keeps it, and one that changes the type loses what the new type does not have, unless it
 * was set anew (`patchAllocatedValues`, `dropTypeDependentFields`). In place.
 */
export function carryAllocations({ spec }: IncomingObject<V1Service>, previous: V1Service): void {
  const before = previous.spec;
  if (!spec || !before) return;
  if (hasClusterIP(before) && hasClusterIP(spec)) {
    if (!spec.clusterIP && !spec.clusterIPs?.length) {
      spec.clusterIP = before.clusterIP;
      spec.clusterIPs = before.clusterIPs;
    } else if (!spec.clusterIPs?.length && spec.clusterIP === before.clusterIP) {
      spec.clusterIPs = before.clusterIPs;
    } else if (spec.clusterIP && spec.clusterIP !== before.clusterIP && deepEqual(spec.clusterIPs, before.clusterIPs)) {
      // A client that knows only the older field: the list follows it (`NormalizeClusterIPs`), and validation judges it.
      spec.clusterIPs = [spec.clusterIP, ...(before.clusterIPs ?? []).slice(1)];
    }
    spec.ipFamilyPolicy ??= before.ipFamilyPolicy;
    spec.ipFamilies ??= before.ipFamilies;
  }
  if (hasNodePorts(before) && hasNodePorts(spec)) carryNodePorts(spec, before);
  if (spec.externalTrafficPolicy === 'Local' && spec.type === 'LoadBalancer' && before.healthCheckNodePort) spec.healthCheckNodePort ||= before.healthCheckNodePort;
  dropForeignFields(spec, before);
}

/** By port and protocol, unless another port of the Service has been given the number. */
function carryNodePorts(spec: V1ServiceSpec, before: V1ServiceSpec): void {
  const taken = new Set((spec.ports ?? []).flatMap((each) => (each.nodePort ? [`${each.protocol}/${each.nodePort}`] : [])));
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const old = before.ports?.find((each) => samePort(each, port));
    if (old?.nodePort && !taken.has(`${old.protocol}/${old.nodePort}`)) port.nodePort = old.nodePort;
  }
}

function dropForeignFields(spec: V1ServiceSpec, before: V1ServiceSpec): void {
  if (hasClusterIP(before) && !hasClusterIP(spec) && (spec.clusterIP ?? '') === (before.clusterIP ?? '')) {
    for (const name of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) delete spec[name];
  }
  if (hasNodePorts(before) && !hasNodePorts(spec)) {
    const unchanged = (spec.ports ?? []).every((port) => !port.nodePort || before.ports?.some((each) => samePort(each, port) && each.nodePort === port.nodePort));
    if (unchanged) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    for (const name of ['allocateLoadBalancerNodePorts', 'loadBalancerClass', 'healthCheckNodePort'] as const) if (spec[name] === before[name]) delete spec[name];
  }
  if (isExternallyAccessible(before) && !isExternallyAccessible(spec) && spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  if (hasClusterIP(before) && !hasClusterIP(spec) && spec.internalTrafficPolicy === before.internalTrafficPolicy) delete spec.internalTrafficPolicy;
}
