import { invalid, type FieldError } from '../../api/fieldError.ts';
import type { V1ServiceSpec } from '../../api/generated/types.ts';
import { validateClusterIPs } from '../../api/kinds/core/service/validateClusterIPs.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';

/** What Services of this cluster can have, the one that they get by themselves first. */
const CONFIGURED: readonly string[] = ['IPv4'];
const POLICY = 'spec.ipFamilyPolicy';
const SINGLE = 'SingleStack';

const isHeadlessAlone = ({ clusterIP, selector }: V1ServiceSpec): boolean => clusterIP === 'None' && Object.keys(selector ?? {}).length === 0;

/**
 * Fills in what a cluster with IPv4 Services has for `ipFamilies` and `ipFamilyPolicy`, in place, and tells what it cannot have
 * (`initIPFamilyFields`). `before` is the stored spec, absent for a new Service.
 */
export function settleFamilies(spec: V1ServiceSpec, before?: V1ServiceSpec): readonly FieldError[] {
  if (spec.type === 'ExternalName') return [];
  // What asked for two families once gets no second address by itself when the cluster has come to have two, and loses none.
  if (before && isSamePreference(spec, before)) return [];
  spec.ipFamilyPolicy ??= before?.ipFamilyPolicy ?? (isHeadlessAlone(spec) ? 'RequireDualStack' : SINGLE);
  const malformed = validateClusterIPs(spec);
  if (malformed.length > 0) return malformed;
  const contrary = [...(before ? settleRelease(spec, before) : []), ...countFaults(spec), ...inferFamilies(spec)];
  if (contrary.length > 0) return contrary;
  if (isHeadlessAlone(spec)) {
    // Nobody here gives out addresses of a headless Service without a selector: it may have any family.
    const families = spec.ipFamilies?.length ? spec.ipFamilies : CONFIGURED.slice(0, 1);
    spec.ipFamilies = families.length < 2 && spec.ipFamilyPolicy !== SINGLE ? [...families, families[0] === 'IPv4' ? 'IPv6' : 'IPv4'] : [...families];
    return [];
  }
  const missing: FieldError[] = [];
  if (spec.ipFamilyPolicy === 'RequireDualStack') missing.push(invalid(POLICY, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) if (!CONFIGURED.includes(family)) missing.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  if (missing.length === 0 && !spec.ipFamilies?.length) spec.ipFamilies = CONFIGURED.slice(0, 1);
  return missing;
}

/** An update of what prefers two families, and of no address or family (`isMatchingPreferDualStackClusterIPFields`). */
function isSamePreference(spec: V1ServiceSpec, before: V1ServiceSpec): boolean {
  if (spec.type !== before.type || spec.ipFamilyPolicy !== 'PreferDualStack' || (before.ipFamilyPolicy ?? 'PreferDualStack') !== 'PreferDualStack') return false;
  return isSame(spec.clusterIPs, before.clusterIPs) && isSame(spec.ipFamilies, before.ipFamilies);
}

const isSame = (a: readonly string[] = [], b: readonly string[] = []): boolean => deepEqual(a, b);
const isReduced = (now: readonly string[] = [], old: readonly string[] = []): boolean => now.length > 0 && now.length < old.length;

/** One family is a clear wish where the lists are as they were; fewer addresses or families without it are none. */
function settleRelease(spec: V1ServiceSpec, before: V1ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy === SINGLE) {
    if (isSame(spec.clusterIPs, before.clusterIPs) && spec.clusterIPs) spec.clusterIPs = spec.clusterIPs.slice(0, 1);
    if (isSame(spec.ipFamilies, before.ipFamilies) && spec.ipFamilies) spec.ipFamilies = spec.ipFamilies.slice(0, 1);
    return [];
  }
  const errors: FieldError[] = [];
  if (isReduced(spec.clusterIPs, before.clusterIPs)) errors.push(invalid(POLICY, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"));
  if (isReduced(spec.ipFamilies, before.ipFamilies)) errors.push(invalid(POLICY, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"));
  return errors;
}

function countFaults({ ipFamilyPolicy, clusterIPs, ipFamilies }: V1ServiceSpec): FieldError[] {
  if (ipFamilyPolicy !== SINGLE) return [];
  const errors: FieldError[] = [];
  const detail = (what: string): string => `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  if (clusterIPs?.length === 2) errors.push(invalid(POLICY, ipFamilyPolicy, detail('cluster IPs')));
  if (ipFamilies?.length === 2) errors.push(invalid(POLICY, ipFamilyPolicy, detail('IP families')));
  return errors;
}

/** Families of addresses that are named without them, in place. */
function inferFamilies(spec: V1ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === 'None') break;
    const family = address.includes(':') ? 'IPv6' : 'IPv4';
    if (index < (spec.ipFamilies?.length ?? 0)) continue;
    if (CONFIGURED.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    else errors.push(invalid(`spec.clusterIPs[${index}]`, spec.clusterIPs, `${family} is not configured on this cluster`));
  }
  return errors;
}
