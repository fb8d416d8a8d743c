import type { V1Service, V1ServiceSpec } from '../../../generated/types.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { deepEqual } from '../../../values/deepEqual.ts';

/** Three hours, in seconds. */
const DEFAULT_AFFINITY_TIMEOUT = 10_800;

export const isExternallyAccessible = ({ type, externalIPs }: V1ServiceSpec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && Boolean(externalIPs?.length));

const hasNodePorts = ({ type }: V1ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';
const hasHealthCheckPort = ({ type, externalTrafficPolicy }: V1ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
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

/**
 * An update that leaves out what was given out keeps it, and one that changes the type loses what the new type does not have, unless it
 * was set anew (`patchAllocatedValues`, `normalizeClusterIPs`, `dropTypeDependentFields`). In place.
 */
export function carryAllocations(service: IncomingObject<V1Service>, previous: V1Service): void {
  const { spec, status } = service;
  const before = previous.spec;
  if (!spec || !before) return;
  if (hasClusterIP(before) && hasClusterIP(spec)) {
    if (!spec.clusterIP && before.clusterIP) spec.clusterIP = before.clusterIP;
    if (!spec.clusterIPs?.length && before.clusterIPs?.length) spec.clusterIPs = [...before.clusterIPs];
  }
  if (hasNodePorts(before) && hasNodePorts(spec)) carryNodePorts(spec, before);
  if (hasHealthCheckPort(before) && hasHealthCheckPort(spec) && before.healthCheckNodePort) spec.healthCheckNodePort ||= before.healthCheckNodePort;
  matchClusterIPs(spec, before);
  dropForeignFields(spec, before);
  if (status && spec.type !== 'LoadBalancer') service.status = { ...status, loadBalancer: {} };
}

/** A new Service of a client that knows the older field only. In place. */
export function startClusterIPs({ spec }: IncomingObject<V1Service>): void {
  if (spec?.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
}

/** By the port's name; not a number that another port has been given. */
function carryNodePorts(spec: V1ServiceSpec, before: V1ServiceSpec): void {
  const taken = new Set((spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []));
  const byName = new Map((before.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]));
  for (const port of spec.ports ?? []) {
    const number = byName.get(port.name ?? '');
    if (!port.nodePort && number && !taken.has(number)) port.nodePort = number;
  }
}

/** The list follows the older field where a client has changed only that one. */
function matchClusterIPs(spec: V1ServiceSpec, before: V1ServiceSpec): void {
  const [now, old] = [spec.clusterIP ?? '', before.clusterIP ?? ''];
  if (now === old) {
    if (!spec.clusterIPs?.length && before.clusterIPs?.length) spec.clusterIPs = [...before.clusterIPs];
  } else if (deepEqual(spec.clusterIPs ?? [], before.clusterIPs ?? [])) {
    if (now === '') delete spec.clusterIPs;
    else spec.clusterIPs = [now];
  }
}

function dropForeignFields(spec: V1ServiceSpec, before: V1ServiceSpec): void {
  if (hasClusterIP(before) && !hasClusterIP(spec)) {
    if ((spec.clusterIP ?? '') === (before.clusterIP ?? '') && deepEqual(spec.clusterIPs ?? [], before.clusterIPs ?? [])) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    for (const name of ['ipFamilies', 'ipFamilyPolicy'] as const) if (deepEqual(spec[name], before[name])) delete spec[name];
  }
  if (hasNodePorts(before) && !hasNodePorts(spec)) {
    const known = new Set((before.ports ?? []).map(({ nodePort }) => nodePort));
    if ((spec.ports ?? []).every(({ nodePort }) => !nodePort || known.has(nodePort))) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (hasHealthCheckPort(before) && !hasHealthCheckPort(spec) && spec.healthCheckNodePort === before.healthCheckNodePort) delete spec.healthCheckNodePort;
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    for (const name of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'] as const) if (spec[name] === before[name]) delete spec[name];
  }
  if (isExternallyAccessible(before) && !isExternallyAccessible(spec) && spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy;
}
