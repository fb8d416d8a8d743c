import type { V1Device, V1DeviceAttribute, V1ResourceSlice, V1ResourceSliceSpec } from '../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, ofEach, required, tooLong, tooMany } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, strictlyImmutable } from '../../validation/fields.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../validation/names.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { validateNodeSelectorTerms } from '../core/pod/validateAffinity.ts';
import { validateDriverName } from '../core/volumes/driverName.ts';
import { validateBindingConditions, validatePoolName, validateQualifiedDeviceName, validateTaint } from './deviceFields.ts';
import { validateCapacity } from './validateCapacity.ts';
import { validateConsumption, validateCounterSets } from './validateCounters.ts';
import { internalForm } from '../internalForm.ts';

const MAX_DEVICES = 128;
/** Where devices share counters or bear taints, they take more room. */
const MAX_COSTLY_DEVICES = 64;
const MAX_ATTRIBUTES_AND_CAPACITIES = 32;
const MAX_ATTRIBUTE_BYTES = 64;
const MAX_TAINTS = 16;
const MAX_CONSUMPTIONS = 2;
const PRERELEASE = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const SEMVER = new RegExp(`^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-${PRERELEASE}(\\.${PRERELEASE})*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$`);

/** `ValidateResourceSlice`. */
export function validateSlice({ spec }: Partial<IncomingObject<V1ResourceSlice>>): FieldError[] {
  const { driver = '', pool, devices = [], sharedCounters }: Partial<V1ResourceSliceSpec> = spec ?? {};
  const errors = [...validateDriverName('spec.driver', driver), ...validatePoolName('spec.pool.name', pool?.name ?? '')];
  if ((pool?.resourceSliceCount ?? 0) <= 0) errors.push(invalid('spec.pool.resourceSliceCount', pool?.resourceSliceCount ?? 0, 'must be greater than zero'));
  if ((pool?.generation ?? 0) < 0) errors.push(invalid('spec.pool.generation', pool?.generation, 'must be greater than or equal to zero'));
  append(errors, validatePlace(spec ?? {}));
  if (sharedCounters && spec?.devices) errors.push(invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed'));
  const most = devices.some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length) ? MAX_COSTLY_DEVICES : MAX_DEVICES;
  if (devices.length > most) errors.push(tooMany('spec.devices', devices.length, most));
  else {
    append(errors, devices.flatMap((device, index) => validateDevice(`spec.devices[${index}]`, device, spec?.perDeviceNodeSelection === true)));
    append(errors, devices.flatMap(({ name }, index) => (devices.findIndex((each) => each.name === name) < index ? [duplicate(`spec.devices[${index}]`, name)] : [])));
  }
  return [...errors, ...validateCounterSets('spec.sharedCounters', sharedCounters ?? [])];
}

/** Where the devices are: said in one way, of the slice or of each device. */
function validatePlace({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: Partial<V1ResourceSliceSpec>): FieldError[] {
  const errors: FieldError[] = [];
  if (nodeName === '') errors.push(invalid('spec.nodeName', nodeName, 'must be either unset or set to a non-empty string'));
  if (nodeName) append(errors, invalidEach('spec.nodeName', nodeName, validateDns1123Subdomain(nodeName)));
  if (nodeSelector) {
    append(errors, validateNodeSelectorTerms('spec.nodeSelector', nodeSelector.nodeSelectorTerms));
    // One term is enough to tell nodes apart, and several could not be joined with those of a claim.
    if (nodeSelector.nodeSelectorTerms?.length !== 1) errors.push(invalid('spec.nodeSelector.nodeSelectorTerms', internalForm('[]NodeSelectorTerm', nodeSelector.nodeSelectorTerms), 'must have exactly one node selector term'));
  }
  for (const [name, value] of Object.entries({ allNodes, perDeviceNodeSelection })) if (value === false) errors.push(invalid(`spec.${name}`, value, 'must be either unset or set to true'));
  const set = Object.entries({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }).filter(([, value]) => value).map(([name]) => `\`${name}\``);
  const choice = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (set.length === 0) errors.push(required('spec', choice));
  if (set.length > 1) errors.push(invalid('spec', `{${set.join(', ')}}`, `${choice}, but multiple fields are set`));
  return errors;
}

function validateDevice(field: string, device: V1Device, isPlaced: boolean): FieldError[] {
  const { name, attributes = {}, capacity = {}, taints = [], consumesCounters = [] } = device;
  const errors = invalidEach(`${field}.name`, name ?? '', validateDns1123Label(name ?? ''));
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_ATTRIBUTES_AND_CAPACITIES) errors.push(invalid(field, count, `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES_AND_CAPACITIES}`));
  for (const [key, attribute] of Object.entries(attributes)) append(errors, validateQualifiedDeviceName(`${field}.attributes`, key), validateAttribute(`${field}.attributes[${key}]`, attribute));
  for (const [key, value] of Object.entries(capacity)) append(errors, validateQualifiedDeviceName(`${field}.capacity`, key), validateCapacity(`${field}.capacity[${key}]`, value, device.allowMultipleAllocations === true));
  if (taints.length > MAX_TAINTS) errors.push(tooMany(`${field}.taints`, taints.length, MAX_TAINTS));
  else append(errors, ofEach(`${field}.taints`, taints, validateTaint));
  const path = `${field}.consumesCounters`;
  if (consumesCounters.length > MAX_CONSUMPTIONS) errors.push(tooMany(path, consumesCounters.length, MAX_CONSUMPTIONS));
  else append(errors, consumesCounters.flatMap((each, index) => [
    ...validateConsumption(`${path}[${index}]`, each),
    ...(consumesCounters.findIndex(({ counterSet }) => counterSet === each.counterSet) < index ? [duplicate(`${path}[${index}]`, each.counterSet)] : []),
  ]));
  return [...errors, ...validateDevicePlace(field, device, isPlaced), ...validateBindingConditions(field, device)];
}

function validateDevicePlace(field: string, { nodeName, nodeSelector, allNodes }: V1Device, isPlaced: boolean): FieldError[] {
  if (!isPlaced) {
    const isSet = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined;
    return isSet ? [invalid(field, null, '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec')] : [];
  }
  const errors: FieldError[] = [];
  if (nodeName === '') errors.push(invalid(`${field}.nodeName`, nodeName, 'must not be empty'));
  if (nodeName) append(errors, invalidEach(`${field}.nodeName`, nodeName, validateDns1123Subdomain(nodeName)));
  if (nodeSelector) append(errors, validateNodeSelectorTerms(`${field}.nodeSelector`, nodeSelector.nodeSelectorTerms));
  if (allNodes === false) errors.push(invalid(`${field}.allNodes`, allNodes, 'must be either unset or set to true'));
  const set = Object.entries({ nodeName, nodeSelector, allNodes }).filter(([, value]) => value).map(([name]) => `\`${name}\``);
  const choice = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (set.length === 0) errors.push(required(field, choice));
  if (set.length > 1) errors.push(invalid(field, `{${set.join(', ')}}`, choice));
  return errors;
}

function validateAttribute(field: string, attribute: V1DeviceAttribute): FieldError[] {
  const values = Object.entries(attribute).filter(([, value]) => value !== undefined);
  const { string: text, version } = attribute;
  const errors: FieldError[] = [];
  if (text !== undefined && Buffer.byteLength(text) > MAX_ATTRIBUTE_BYTES) errors.push(tooLong(`${field}.string`, MAX_ATTRIBUTE_BYTES));
  if (version !== undefined && !SEMVER.test(version)) errors.push(invalid(`${field}.version`, version, 'must be a string compatible with semver.org spec 2.0.0'));
  if (version !== undefined && Buffer.byteLength(version) > MAX_ATTRIBUTE_BYTES) errors.push(tooLong(`${field}.version`, MAX_ATTRIBUTE_BYTES));
  if (values.length === 0) errors.push(invalid(field, '', 'exactly one value must be specified'));
  if (values.length > 1) errors.push(invalid(field, internalForm('DeviceAttribute', attribute), 'exactly one value must be specified'));
  return errors;
}

/** In place: a taint that does not say since when it is there is of `now`; one that was there before keeps its time (`SetDefaults_DeviceTaint`). */
export function stampTaints({ spec }: IncomingObject<V1ResourceSlice>, previous: V1ResourceSlice | undefined, now: string): void {
  const known = new Map(previous?.spec.devices?.map((each) => [each.name, each.taints]));
  for (const { name, taints } of spec?.devices ?? []) {
    const before = known.get(name);
    for (const taint of taints ?? []) taint.timeAdded ??= before?.find((each) => semanticEqual({ ...each, timeAdded: undefined }, { ...taint, timeAdded: undefined }))?.timeAdded ?? now;
  }
}

/** A slice stays with its driver, its pool and its place (`ValidateResourceSliceUpdate`). */
export function validateSliceUpdate({ spec }: IncomingObject<V1ResourceSlice>, previous: V1ResourceSlice): FieldError[] {
  const before = previous.spec;
  return [
    ...strictlyImmutable('spec.pool.name', spec?.pool?.name, before.pool?.name),
    ...strictlyImmutable('spec.driver', spec?.driver, before.driver),
    ...strictlyImmutable('spec.nodeName', spec?.nodeName, before.nodeName),
  ];
}
