import type { V1Device, V1DeviceAttribute, V1ResourceSlice, V1ResourceSliceSpec } from '../../generated/types.ts';
import { duplicate, invalid, required, tooLong, tooMany, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, strictlyImmutable } from '../../validation/fields.ts';
import { validateDns1123Label, validateDns1123Subdomain, validateQualifiedName } from '../../validation/names.ts';
import { validateDriverName } from '../core/volumes/driverName.ts';
import { validateNodeSelectorTerms } from '../core/pod/validateAffinity.ts';
import { validatePoolName, validateTaint } from './deviceFields.ts';

const MAX_DEVICES = 128;
/** Where devices share counters or bear taints, they take more room. */
const MAX_COSTLY_DEVICES = 64;
const MAX_ATTRIBUTES_AND_CAPACITIES = 32;
const MAX_ATTRIBUTE_BYTES = 64;
const MAX_TAINTS = 16;
const PLACES = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

/** `ValidateResourceSlice`. */
export function validateSlice({ spec }: Partial<IncomingObject<V1ResourceSlice>>): FieldError[] {
  const { driver = '', nodeName, nodeSelector, pool, devices = [] }: Partial<V1ResourceSliceSpec> = spec ?? {};
  const errors = [...validateDriverName('spec.driver', driver), ...validatePoolName('spec.pool.name', pool?.name ?? '')];
  if ((pool?.resourceSliceCount ?? 0) <= 0) errors.push(invalid('spec.pool.resourceSliceCount', pool?.resourceSliceCount ?? 0, 'must be greater than zero'));
  if ((pool?.generation ?? 0) < 0) errors.push(invalid('spec.pool.generation', pool?.generation, 'must be greater than or equal to zero'));
  errors.push(...validatePlace(spec));
  if (nodeName) errors.push(...invalidEach('spec.nodeName', nodeName, validateDns1123Subdomain(nodeName)));
  if (nodeSelector) {
    errors.push(...validateNodeSelectorTerms('spec.nodeSelector', nodeSelector.nodeSelectorTerms));
    // One term is enough to tell nodes apart, and several could not be joined with those of a claim.
    if (nodeSelector.nodeSelectorTerms?.length !== 1) errors.push(invalid('spec.nodeSelector.nodeSelectorTerms', nodeSelector.nodeSelectorTerms, 'must have exactly one node selector term'));
  }
  const most = devices.some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length) ? MAX_COSTLY_DEVICES : MAX_DEVICES;
  if (devices.length > most) return [...errors, tooMany('spec.devices', devices.length, most)];
  return [...errors, ...devices.flatMap((device, index) => [
    ...validateDevice(`spec.devices[${index}]`, device),
    ...(devices.findIndex(({ name }) => name === device.name) < index ? [duplicate(`spec.devices[${index}].name`, device.name)] : []),
  ])];
}

function validatePlace(spec: Partial<V1ResourceSliceSpec> | undefined): FieldError[] {
  const set = PLACES.filter((name) => spec?.[name]);
  const choice = `exactly one of ${PLACES.map((name) => `\`${name}\``).join(', ')} is required`;
  if (set.length === 0) return [required('spec', choice)];
  return set.length > 1 ? [invalid('spec', `{${set.map((name) => `\`${name}\``).join(', ')}}`, `${choice}, but multiple fields are set`)] : [];
}

function validateDevice(field: string, { name, attributes = {}, capacity = {}, taints = [] }: V1Device): FieldError[] {
  const errors = name ? invalidEach(`${field}.name`, name, validateDns1123Label(name)) : [required(`${field}.name`)];
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_ATTRIBUTES_AND_CAPACITIES) errors.push(invalid(field, count, `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES_AND_CAPACITIES}`));
  for (const [key, attribute] of Object.entries(attributes)) errors.push(...invalidEach(`${field}.attributes`, key, validateQualifiedName(key)), ...validateAttribute(`${field}.attributes[${key}]`, attribute));
  for (const key of Object.keys(capacity)) errors.push(...invalidEach(`${field}.capacity`, key, validateQualifiedName(key)));
  if (taints.length > MAX_TAINTS) return [...errors, tooMany(`${field}.taints`, taints.length, MAX_TAINTS)];
  return [...errors, ...taints.flatMap((taint, index) => validateTaint(`${field}.taints[${index}]`, taint))];
}

function validateAttribute(field: string, attribute: V1DeviceAttribute): FieldError[] {
  const values = Object.entries(attribute).filter(([, value]) => value !== undefined);
  if (values.length === 0) return [required(field, 'exactly one value must be specified')];
  if (values.length > 1) return [invalid(field, attribute, 'exactly one value must be specified')];
  const { string: text, version } = attribute;
  if (text !== undefined && Buffer.byteLength(text) > MAX_ATTRIBUTE_BYTES) return [tooLong(`${field}.string`, MAX_ATTRIBUTE_BYTES)];
  if (version === undefined) return [];
  const errors = SEMVER.test(version) ? [] : [invalid(`${field}.version`, version, 'must be a string compatible with semver.org spec 2.0.0')];
  return Buffer.byteLength(version) > MAX_ATTRIBUTE_BYTES ? [...errors, tooLong(`${field}.version`, MAX_ATTRIBUTE_BYTES)] : errors;
}

/** A slice stays with its driver, its pool and its place (`ValidateResourceSliceUpdate`). */
export function validateSliceUpdate({ spec }: IncomingObject<V1ResourceSlice>, previous: V1ResourceSlice): FieldError[] {
  const before = previous.spec;
  return [
    ...strictlyImmutable('spec.driver', spec?.driver, before.driver),
    ...strictlyImmutable('spec.pool.name', spec?.pool?.name, before.pool?.name),
    ...strictlyImmutable('spec.nodeName', spec?.nodeName, before.nodeName),
  ];
}
