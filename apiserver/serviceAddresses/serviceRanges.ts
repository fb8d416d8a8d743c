import type { V1ServiceCIDR } from '../../api/generated/types.ts';
import { rangeOf, type AddressRange } from './ipv4Range.ts';

/** Kubernetes' name for the ServiceCIDR of `--service-cluster-ip-range`. */
export const DEFAULT_SERVICE_CIDR = 'kubernetes';

/**
 * The ranges that Services are given addresses of: those of every ServiceCIDR that is ready and not about to go, the default one's first. One of which
 * nothing is said counts as ready, since no controller may run. `configured` is the flag's, for as long as the default ServiceCIDR isn't there.
 */
export function serviceRanges(configured: AddressRange, serviceCIDRs: readonly V1ServiceCIDR[]): readonly AddressRange[] {
  const isDefault = ({ metadata }: V1ServiceCIDR): boolean => metadata.name === DEFAULT_SERVICE_CIDR;
  const ordered = [...serviceCIDRs.filter(isDefault), ...serviceCIDRs.filter((each) => !isDefault(each))];
  const cidrs = new Set(ordered.filter(isUsable).flatMap(({ spec }) => spec?.cidrs ?? []));
  // Ranges of IPv6, and such as are too small or too large to be given out of, are another matter's.
  const ranges = [...cidrs].flatMap((cidr) => rangeOf(cidr) ?? []);
  return ordered.some(isDefault) ? ranges : [configured, ...ranges.filter(({ cidr }) => cidr !== configured.cidr)];
}

const isUsable = ({ metadata, status }: V1ServiceCIDR): boolean => metadata.deletionTimestamp === undefined && status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False';
