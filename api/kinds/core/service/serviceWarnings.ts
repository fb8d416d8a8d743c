import type { V1Service } from '../../../generated/types.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { cidrWarnings, ipWarnings } from '../../../validation/addressWarnings.ts';

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';

/** `GetWarningsForService`. */
export function serviceWarnings({ metadata, spec }: IncomingObject<V1Service>): string[] {
  if (!spec) return [];
  const { type, clusterIP, externalIPs = [], loadBalancerIP } = spec;
  const isHeadless = type === 'ClusterIP' && clusterIP === 'None';
  const isName = type === 'ExternalName';
  const texts: string[] = [];
  if (metadata.annotations?.[TOPOLOGY_HINTS] !== undefined) texts.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`);
  if (clusterIP && clusterIP !== 'None') for (const [index, address] of (spec.clusterIPs ?? []).entries()) texts.push(...ipWarnings(`spec.clusterIPs[${index}]`, address));
  if (isHeadless && loadBalancerIP) texts.push('spec.loadBalancerIP is ignored for headless services');
  if (isHeadless && externalIPs.length > 0) texts.push('spec.externalIPs is ignored for headless services');
  if (isHeadless && spec.sessionAffinity !== 'None') texts.push('spec.SessionAffinity is ignored for headless services');
  for (const [index, address] of externalIPs.entries()) texts.push(...ipWarnings(`spec.externalIPs[${index}]`, address));
  if (externalIPs.length > 0 && !isHeadless && !isName) texts.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  if (loadBalancerIP) texts.push(...ipWarnings('spec.loadBalancerIP', loadBalancerIP));
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) texts.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, range));
  if (isName && externalIPs.length > 0) texts.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (!isName && spec.externalName) texts.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === 'PreferClose') texts.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return texts;
}
