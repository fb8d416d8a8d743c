import type { ResourceV1ResourceClaim, V1DeviceClaim, V1DeviceClaimConfiguration, V1DeviceClassSpec, V1DeviceConstraint, V1DeviceRequest, V1DeviceSubRequest, V1ExactDeviceRequest, V1ResourceClaimSpec } from '../../generated/types.ts';
import { duplicate, forbidden, invalid, notSupported, required, tooMany, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, strictlyImmutable } from '../../validation/fields.ts';
import { validateDns1123Label, validateDns1123Subdomain, validateQualifiedName } from '../../validation/names.ts';
import { isExtendedResource } from '../../validation/resources.ts';
import { validateOpaque, validateSelectors, validateTolerations } from './deviceFields.ts';

const MAX_LIST = 32;
const MAX_ALTERNATIVES = 8;
const MAX_CONSUMERS = 256;
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
  errors.push(...(config.length > MAX_LIST ? [tooMany('spec.config', config.length, MAX_LIST)] : config.flatMap(({ opaque }, index) => validateOpaque(`spec.config[${index}].opaque`, opaque))));
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

function bounded<T>(field: string, list: readonly T[] = [], validate: (item: T, field: string) => FieldError[], most = MAX_LIST): FieldError[] {
  return list.length > most ? [tooMany(field, list.length, most)] : list.flatMap((item, index) => validate(item, `${field}[${index}]`));
}

function repeatedNames(field: string, list: readonly { readonly name: string }[] = []): FieldError[] {
  return list.flatMap(({ name }, index) => (list.findIndex((each) => each.name === name) < index ? [duplicate(`${field}[${index}].name`, name)] : []));
}

/** What constraints and settings may refer to: requests, and their alternatives as `request/alternative`. */
function requestNames({ requests = [] }: V1DeviceClaim): ReadonlySet<string> {
  return new Set(requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((each) => `${name}/${each.name}`)]));
}

function validateRequestName(field: string, name: string | undefined): FieldError[] {
  return name ? invalidEach(field, name, validateDns1123Label(name)) : [required(field)];
}

function validateRequest(field: string, { name, exactly, firstAvailable }: V1DeviceRequest): FieldError[] {
  const errors = validateRequestName(`${field}.name`, name);
  const choice = 'exactly one of `exactly` or `firstAvailable` is required';
  if (!exactly && !firstAvailable?.length) errors.push(required(field, choice));
  if (exactly && firstAvailable?.length) errors.push(invalid(field, null, `${choice}, but multiple fields are set`));
  if (exactly) errors.push(...validateExact(`${field}.exactly`, exactly));
  errors.push(...bounded(`${field}.firstAvailable`, firstAvailable, (each, at) => [...validateRequestName(`${at}.name`, each.name), ...validateExact(at, each)], MAX_ALTERNATIVES));
  return [...errors, ...repeatedNames(`${field}.firstAvailable`, firstAvailable)];
}

function validateExact(field: string, request: V1ExactDeviceRequest | V1DeviceSubRequest): FieldError[] {
  const { deviceClassName, selectors, allocationMode = '', count = 0, tolerations } = request;
  const errors = deviceClassName ? invalidEach(`${field}.deviceClassName`, deviceClassName, validateDns1123Subdomain(deviceClassName)) : [required(`${field}.deviceClassName`)];
  errors.push(...validateSelectors(`${field}.selectors`, selectors));
  if (allocationMode === 'All') {
    if (count !== 0) errors.push(invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(invalid(`${field}.count`, count, 'must be greater than zero'));
  } else {
    errors.push(notSupported(`${field}.allocationMode`, allocationMode, ['All', 'ExactCount']));
  }
  return [...errors, ...validateTolerations(`${field}.tolerations`, tolerations)];
}

function validateReferences(field: string, references: readonly string[] | undefined, names: ReadonlySet<string>): FieldError[] {
  const errors = bounded(field, references, (name, at) => (names.has(name) ? [] : [invalid(at, name, REFERENCE_MESSAGE)]));
  return [...errors, ...(references ?? []).flatMap((name, index, all) => (all.indexOf(name) < index ? [duplicate(`${field}[${index}]`, name)] : []))];
}

function validateConstraint(field: string, { requests, matchAttribute, distinctAttribute }: V1DeviceConstraint, names: ReadonlySet<string>): FieldError[] {
  const errors = validateReferences(`${field}.requests`, requests, names);
  const choice = 'exactly one of `matchAttribute` or `distinctAttribute` is required';
  if (matchAttribute === undefined && distinctAttribute === undefined) return [...errors, required(field, choice)];
  if (matchAttribute !== undefined && distinctAttribute !== undefined) errors.push(invalid(field, null, `${choice}, but multiple fields are set`));
  for (const [name, attribute] of Object.entries({ matchAttribute, distinctAttribute })) if (attribute !== undefined) errors.push(...validateAttributeName(`${field}.${name}`, attribute));
  return errors;
}

/** With its domain, as several drivers may have attributes of one name. */
function validateAttributeName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field, 'must include a domain and the name')];
  return name.includes('/') ? invalidEach(field, name, validateQualifiedName(name)) : [invalid(field, name, 'must include a domain')];
}

function validateConfig(field: string, { requests, opaque }: V1DeviceClaimConfiguration, names: ReadonlySet<string>): FieldError[] {
  return [...validateReferences(`${field}.requests`, requests, names), ...validateOpaque(`${field}.opaque`, opaque)];
}

type Claim = IncomingObject<ResourceV1ResourceClaim>;

/** Who uses a claim, and what it was given, which stays until it is given back (`validateResourceClaimStatusUpdate`). */
export function validateClaimStatus({ metadata, status = {} }: Claim, previous: ResourceV1ResourceClaim): FieldError[] {
  const { reservedFor = [], allocation } = status;
  const before = previous.status ?? {};
  const field = 'status.reservedFor';
  const errors = bounded(field, reservedFor, (consumer, at) => (['resource', 'name', 'uid'] as const).flatMap((name) => (consumer[name] ? [] : [required(`${at}.${name}`)])), MAX_CONSUMERS);
  errors.push(...reservedFor.flatMap(({ uid }, index) => (reservedFor.findIndex((each) => each.uid === uid) < index ? [duplicate(`${field}[${index}].uid`, uid)] : [])));
  if (reservedFor.length > 0 && !allocation) errors.push(forbidden(field, 'may not be specified when `allocation` is not set'));
  const isNew = reservedFor.some(({ uid }) => !before.reservedFor?.some((each) => each.uid === uid));
  if (metadata.deletionTimestamp !== undefined && isNew) errors.push(forbidden(field, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'));
  if (before.allocation && allocation) errors.push(...strictlyImmutable('status.allocation', allocation, before.allocation));
  return errors;
}
