import type { V1DeviceClaim, V1DeviceClaimConfiguration, V1DeviceClassSpec, V1DeviceConstraint, V1DeviceRequest, V1DeviceSubRequest, V1ExactDeviceRequest, V1ResourceClaimSpec } from '../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../fieldError.ts';
import { invalidEach, repeats } from '../../validation/fields.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../validation/names.ts';
import { isExtendedResource } from '../../validation/resources.ts';
import { validateFullyQualifiedDeviceName, validateOpaque, validateSelectors, validateTolerations } from './deviceFields.ts';

export const MAX_LIST = 32;
const MAX_ALTERNATIVES = 8;
const REFERENCE_MESSAGE = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** In place: one device, unless the request says otherwise (`SetDefaults_ExactDeviceRequest`). */
export function setClaimDefaults({ devices }: V1ResourceClaimSpec): void {
  for (const { exactly, firstAvailable } of devices?.requests ?? []) {
    for (const request of [...(exactly ? [exactly] : []), ...(firstAvailable ?? [])]) {
      request.allocationMode ||= 'ExactCount';
      if (request.allocationMode === 'ExactCount') request.count ||= 1;
      for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal';
    }
  }
}

/** `ValidateDeviceClass`. */
export function validateDeviceClass({ selectors, config = [], extendedResourceName }: V1DeviceClassSpec): FieldError[] {
  const errors = validateSelectors('spec.selectors', selectors);
  append(errors, (config.length > MAX_LIST ? [tooMany('spec.config', config.length, MAX_LIST)] : config.flatMap(({ opaque }, index) => validateOpaque(`spec.config[${index}].opaque`, opaque))));
  if (extendedResourceName !== undefined && !isExtendedResource(extendedResourceName)) errors.push(invalid('spec.extendedResourceName', extendedResourceName, 'must be a valid extended resource name'));
  return errors;
}

/** `validateDeviceClaim`, of a claim and of a template. */
export function validateClaimSpec(field: string, { devices = {} }: V1ResourceClaimSpec): FieldError[] {
  const path = `${field}.devices`;
  const names = requestNames(devices);
  return [
    ...bounded(`${path}.requests`, devices.requests, (request, at) => validateRequest(at, request)),
    ...repeatedNames(`${path}.requests`, devices.requests),
    ...bounded(`${path}.constraints`, devices.constraints, (constraint, at) => validateConstraint(at, constraint, names)),
    ...bounded(`${path}.config`, devices.config, (config, at) => validateConfig(at, config, names)),
  ];
}

/** Judges each item of a list that is not too long. */
export function bounded<T>(field: string, given: readonly T[] | null | undefined, validate: (item: T, field: string) => FieldError[], most = MAX_LIST): FieldError[] {
  const list = given ?? [];
  return list.length > most ? [tooMany(field, list.length, most)] : list.flatMap((item, index) => validate(item, `${field}[${index}]`));
}

function repeatedNames(field: string, list: readonly { readonly name: string }[] | null | undefined): FieldError[] {
  const isSame = repeats();
  return (list ?? []).flatMap(({ name }, index) => (isSame(name) ? [duplicate(`${field}[${index}]`, name)] : []));
}

/** What constraints and settings may refer to: requests, and their alternatives as `request/alternative`. */
export function requestNames({ requests }: V1DeviceClaim): ReadonlySet<string> {
  return new Set((requests ?? []).flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((each) => `${name}/${each.name}`)]));
}

function validateRequestName(field: string, name = ''): FieldError[] {
  return invalidEach(field, name, validateDns1123Label(name));
}

function validateRequest(field: string, { name, exactly, firstAvailable }: V1DeviceRequest): FieldError[] {
  const errors = validateRequestName(`${field}.name`, name);
  const choice = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly && firstAvailable?.length) return [...errors, invalid(field, null, `${choice}, but multiple fields are set`)];
  if (exactly) return [...errors, ...validateExact(`${field}.exactly`, exactly)];
  if (!firstAvailable?.length) return [...errors, required(field, choice)];
  append(errors, bounded(`${field}.firstAvailable`, firstAvailable, (each, at) => [...validateRequestName(`${at}.name`, each.name), ...validateExact(at, each)], MAX_ALTERNATIVES));
  return firstAvailable.length > MAX_ALTERNATIVES ? errors : [...errors, ...repeatedNames(`${field}.firstAvailable`, firstAvailable)];
}

function validateExact(field: string, request: V1ExactDeviceRequest | V1DeviceSubRequest): FieldError[] {
  const { deviceClassName, selectors, allocationMode = '', count = 0, tolerations } = request;
  const errors = deviceClassName ? invalidEach(`${field}.deviceClassName`, deviceClassName, validateDns1123Subdomain(deviceClassName)) : [required(`${field}.deviceClassName`)];
  append(errors, validateSelectors(`${field}.selectors`, selectors));
  if (allocationMode === 'All') {
    if (count !== 0) errors.push(invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(invalid(`${field}.count`, count, 'must be greater than zero'));
  } else {
    errors.push(notSupported(`${field}.allocationMode`, allocationMode, ['All', 'ExactCount']));
  }
  return [...errors, ...validateTolerations(`${field}.tolerations`, tolerations)];
}

export function validateReferences(field: string, references: readonly string[] | undefined, names: ReadonlySet<string>): FieldError[] {
  const errors = bounded(field, references, (name, at) => validateReference(at, name, names));
  const isSame = repeats();
  return [...errors, ...(references ?? []).flatMap((name, index) => (isSame(name) ? [duplicate(`${field}[${index}]`, name)] : []))];
}

export function validateReference(field: string, name: string, names: ReadonlySet<string>): FieldError[] {
  const segments = name.split('/');
  const unknown = names.has(name) ? [] : [invalid(field, name, REFERENCE_MESSAGE)];
  return segments.length > 2 ? unknown : [...segments.flatMap((segment) => validateRequestName(field, segment)), ...unknown];
}

function validateConstraint(field: string, { requests, matchAttribute, distinctAttribute }: V1DeviceConstraint, names: ReadonlySet<string>): FieldError[] {
  const errors = validateReferences(`${field}.requests`, requests, names);
  if (matchAttribute !== undefined) return [...errors, ...validateFullyQualifiedDeviceName(`${field}.matchAttribute`, matchAttribute)];
  if (distinctAttribute !== undefined) return [...errors, ...validateFullyQualifiedDeviceName(`${field}.distinctAttribute`, distinctAttribute)];
  // The text is of more than one, where it means none.
  return [...errors, required(field, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set')];
}

function validateConfig(field: string, { requests, opaque }: V1DeviceClaimConfiguration, names: ReadonlySet<string>): FieldError[] {
  return [...validateReferences(`${field}.requests`, requests, names), ...validateOpaque(`${field}.opaque`, opaque)];
}
