import { invalid, type FieldError } from '../../api/fieldError.ts';
import type { V1ServiceSpec } from '../../api/generated/types.ts';

const isHeadless = ({ clusterIP, clusterIPs }: V1ServiceSpec): boolean => clusterIP === 'None' || clusterIPs?.[0] === 'None';

/**
 * Fills in what a cluster with IPv4 Services has for `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`, in place, and tells what it cannot
 * have (`initIPFamilyFields`, `NormalizeClusterIPs`).
 */
export function settleFamilies(spec: V1ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  else if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
  // Nobody here gives out addresses of a headless Service without a selector: it may have any family.
  if (isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0) {
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    if (!spec.ipFamilies?.length) spec.ipFamilies = spec.ipFamilyPolicy === 'SingleStack' ? ['IPv4'] : ['IPv4', 'IPv6'];
    return [];
  }
  const errors: FieldError[] = [];
  if (spec.ipFamilyPolicy === 'RequireDualStack') errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (family === 'IPv6') errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  }
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address.includes(':')) errors.push(invalid(`spec.clusterIPs[${index}]`, address, 'IPv6 is not configured on this cluster'));
  }
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4'];
  return errors;
}
