import { isIPv6 } from 'node:net';
import type { V1ServiceSpec } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, notSupported, required } from '../../../fieldError.ts';
import { invalidEach, oneOfIfSet } from '../../../validation/fields.ts';
import { validateIPAddress } from '../../../validation/ipText.ts';

const FAMILIES = ['IPv4', 'IPv6'];

/** `ValidateServiceClusterIPsRelatedFields`. */
export function validateClusterIPs(spec: V1ServiceSpec): FieldError[] {
  const { type, clusterIP, clusterIPs = [], ipFamilies = [] } = spec;
  if (type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  const field = 'spec.clusterIPs';
  if (clusterIP && clusterIPs.length === 0) errors.push(required(field));
  else if (clusterIP && clusterIPs[0] !== clusterIP) errors.push(invalid(field, clusterIPs, 'first value must match `clusterIP`'));
  if (!clusterIP && clusterIPs.length > 0) errors.push(invalid(field, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  for (const [index, family] of ipFamilies.entries()) {
    if (!FAMILIES.includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES));
    if (ipFamilies.indexOf(family) < index) errors.push(duplicate(`spec.ipFamilies[${index}]`, family));
  }
  append(errors, oneOfIfSet('spec.ipFamilyPolicy', spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']));
  const isNone = clusterIPs[0] === 'None';
  if (isNone && clusterIPs.length > 1) errors.push(invalid(field, clusterIPs, "'None' must be the first and only value"));
  const malformed = clusterIPs.flatMap((address, index) => (index === 0 && isNone ? [] : invalidEach(`${field}[${index}]`, address, validateIPAddress(address))));
  append(errors, malformed);
  if (clusterIPs.length > 2) errors.push(invalid(field, clusterIPs, 'may only hold up to 2 values'));
  if (malformed.length > 0 || (isNone && clusterIPs.length > 1)) return errors;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map((address) => isIPv6(address))).size < 2) errors.push(invalid(field, clusterIPs, 'may specify no more than one IP for each IP family'));
  if (isNone) return errors;
  return [...errors, ...clusterIPs.flatMap((address, index) => {
    const family = ipFamilies[index];
    if (family === undefined || !FAMILIES.includes(family) || (family === 'IPv6') === isIPv6(address)) return [];
    return [invalid(`${field}[${index}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)];
  })];
}
