import type { V1Service, V1ServiceSpec } from '../../../generated/types.ts';
import { forbidden, invalid, type FieldError } from '../../../fieldError.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { isHeadless, needsHealthCheck } from './validateService.ts';

const UNCHANGED = 'may not change once set';

/** Addresses and families stay with a Service, but for a second one that comes or goes (`ValidateServiceUpdate`). */
export function validateServiceUpdate({ spec }: IncomingObject<V1Service>, previous: V1Service): FieldError[] {
  const before = previous.spec;
  if (!spec || !before) return [];
  const errors = [...validateAddresses(spec, before), ...validateFamilies(spec, before)];
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer' && spec.loadBalancerClass !== before.loadBalancerClass) errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, UNCHANGED));
  if (needsHealthCheck(before) && needsHealthCheck(spec) && (spec.healthCheckNodePort ?? 0) !== (before.healthCheckNodePort ?? 0)) errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  return errors;
}

const isName = ({ type }: V1ServiceSpec): boolean => type === 'ExternalName';
const addressesOf = ({ clusterIPs, clusterIP }: V1ServiceSpec): readonly string[] => (clusterIPs?.length ? clusterIPs : clusterIP ? [clusterIP] : []);

function validateAddresses(spec: V1ServiceSpec, before: V1ServiceSpec): FieldError[] {
  if (isName(spec) || isName(before) || (isHeadless(spec) && isHeadless(before))) return [];
  const [now, old] = [addressesOf(spec), addressesOf(before)];
  if (now.length === old.length) return old.flatMap((address, index) => (now[index] === address ? [] : [invalid(`spec.clusterIPs[${index}]`, now, UNCHANGED)]));
  if (now.length === 0) return [invalid('spec.clusterIPs[0]', now, 'primary clusterIP can not be unset')];
  const errors = old.length > 0 && now[0] !== old[0] ? [invalid('spec.clusterIPs[0]', now, UNCHANGED)] : [];
  return [...errors, ...validateRelease(spec, old.length > now.length && now.length === 1, 'clusterIP')];
}

function validateFamilies(spec: V1ServiceSpec, before: V1ServiceSpec): FieldError[] {
  // A headless service may change them, as it has no address.
  if (isName(spec) || isName(before) || isHeadless(spec) || isHeadless(before)) return [];
  const [now, old] = [spec.ipFamilies ?? [], before.ipFamilies ?? []];
  if (now.length === old.length) return old.flatMap((family, index) => (now[index] === family ? [] : [invalid('spec.ipFamilies[0]', now, UNCHANGED)]));
  const errors: FieldError[] = [];
  if (now.length < old.length && addressesOf(spec).length === 0) errors.push(invalid('spec.ipFamilies[0]', now, 'primary ipFamily can not be unset'));
  if (now.length > 0 && old.length > 0 && now[0] !== old[0]) errors.push(invalid('spec.ipFamilies[0]', addressesOf(spec), UNCHANGED));
  return [...errors, ...validateRelease(spec, old.length > now.length && now.length === 1, 'ipFamily')];
}

function validateRelease({ ipFamilyPolicy }: V1ServiceSpec, isReleased: boolean, what: string): FieldError[] {
  return isReleased && ipFamilyPolicy !== 'SingleStack' ? [invalid('spec.ipFamilyPolicy', ipFamilyPolicy, `must be set to 'SingleStack' when releasing the secondary ${what}`)] : [];
}
