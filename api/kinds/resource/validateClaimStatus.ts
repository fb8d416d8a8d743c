import type { ResourceV1ResourceClaim, V1AllocatedDeviceStatus, V1AllocationResult, V1DeviceAllocationConfiguration, V1DeviceRequestAllocationResult, V1NetworkDeviceData } from '../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, notSupported, required, tooLong, tooMany } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { validateConditions } from '../../validation/conditions.ts';
import { immutable, invalidEach, repeats } from '../../validation/fields.ts';
import { validateInterfaceAddress } from '../../validation/ipText.ts';
import { validateDns1123Label } from '../../validation/names.ts';
import { validateNodeSelectorTerms } from '../core/pod/validateAffinity.ts';
import { validateDriverName } from '../core/volumes/driverName.ts';
import { deviceKey } from './claimStatusRights.ts';
import { validateBindingConditions, validateOpaque, validateParameters, validatePoolName, validateTolerations } from './deviceFields.ts';
import { bounded, MAX_LIST, requestNames, validateReference, validateReferences } from './validateClaim.ts';

const MAX_CONSUMERS = 256;
const MAX_CONDITIONS = 8;
const MAX_INTERFACE_NAME = 256;
const MAX_HARDWARE_ADDRESS = 128;
const MAX_ADDRESSES = 16;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Claim = IncomingObject<ResourceV1ResourceClaim>;

/** Who uses a claim, what it was given, which stays until it is given back, and what its drivers say of that (`validateResourceClaimStatusUpdate`). */
export function validateClaimStatus({ metadata, spec, status = {} }: Claim, previous: ResourceV1ResourceClaim): FieldError[] {
  const { reservedFor = [], allocation, devices = [] } = status;
  const before = previous.status ?? {};
  const field = 'status.reservedFor';
  const errors = bounded(field, reservedFor, (consumer, at) => (['resource', 'name', 'uid'] as const).flatMap((name) => (consumer[name] ? [] : [required(`${at}.${name}`)])), MAX_CONSUMERS);
  const isSame = repeats();
  append(errors, reservedFor.flatMap(({ uid }, index) => (isSame(uid) ? [duplicate(`${field}[${index}]`, uid)] : [])));
  append(errors, validateDeviceStatuses('status.devices', devices, new Set((allocation?.devices?.results ?? []).map(deviceKey))));
  if (reservedFor.length > 0 && !allocation) errors.push(forbidden(field, 'may not be specified when `allocated` is not set'));
  const known = new Set(before.reservedFor?.map(({ uid }) => uid));
  const isNew = reservedFor.some(({ uid }) => !known.has(uid));
  if (allocation && metadata.deletionTimestamp !== undefined && isNew) errors.push(forbidden(field, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'));
  if (!allocation) return errors;
  return [...errors, ...(before.allocation ? immutable('status.allocation', allocation, before.allocation) : validateAllocation('status.allocation', allocation, requestNames(spec?.devices ?? {})))];
}

function validateAllocation(field: string, { devices = {}, nodeSelector }: V1AllocationResult, names: ReadonlySet<string>): FieldError[] {
  return [
    ...bounded(`${field}.devices.results`, devices.results, (result, at) => validateResult(at, result, names)),
    ...bounded(`${field}.devices.config`, devices.config, (config, at) => validateAllocatedConfig(at, config, names), 2 * MAX_LIST),
    ...(nodeSelector ? validateNodeSelectorTerms(`${field}.nodeSelector`, nodeSelector.nodeSelectorTerms) : []),
  ];
}

function validateResult(field: string, result: V1DeviceRequestAllocationResult, names: ReadonlySet<string>): FieldError[] {
  return [
    ...validateReference(`${field}.request`, result.request ?? '', names),
    ...validateDeviceId(field, result),
    ...validateBindingConditions(field, result),
    ...validateTolerations(`${field}.tolerations`, result.tolerations),
    ...validateShare(field, result),
  ];
}

function validateDeviceId(field: string, { driver, pool, device }: { readonly driver?: string; readonly pool?: string; readonly device?: string }): FieldError[] {
  return [...validateDriverName(`${field}.driver`, driver ?? ''), ...validatePoolName(`${field}.pool`, pool ?? ''), ...invalidEach(`${field}.device`, device ?? '', validateDns1123Label(device ?? ''))];
}

/** Which of those who share a device this one is. */
function validateShare(field: string, { shareID }: { readonly shareID?: string }): FieldError[] {
  return shareID === undefined || UUID.test(shareID) ? [] : [invalid(`${field}.shareID`, shareID, 'must be a lowercase UUID in 8-4-4-4-12 format')];
}

function validateAllocatedConfig(field: string, { source, requests, opaque }: V1DeviceAllocationConfiguration, names: ReadonlySet<string>): FieldError[] {
  const ofSource = !source ? [required(`${field}.source`)] : source === 'FromClaim' || source === 'FromClass' ? [] : [notSupported(`${field}.source`, source, ['FromClaim', 'FromClass'])];
  return [...ofSource, ...validateReferences(`${field}.requests`, requests, names), ...validateOpaque(`${field}.opaque`, opaque)];
}

function validateDeviceStatuses(field: string, devices: readonly V1AllocatedDeviceStatus[], allocated: ReadonlySet<string>): FieldError[] {
  const isSame = repeats();
  return [
    ...devices.flatMap((device, index) => validateDeviceStatus(`${field}[${index}]`, device, allocated)),
    ...devices.map(deviceKey).flatMap((key, index) => (isSame(key) ? [duplicate(`${field}[${index}]`, key)] : [])),
  ];
}

function validateDeviceStatus(field: string, device: V1AllocatedDeviceStatus, allocated: ReadonlySet<string>): FieldError[] {
  const { data, networkData } = device;
  const conditions = device.conditions ?? [];
  const errors = [...validateDeviceId(field, device), ...validateShare(field, device)];
  if (!allocated.has(deviceKey(device))) errors.push(invalid(field, deviceKey(device), 'must be an allocated device in the claim'));
  if (conditions.length > MAX_CONDITIONS) errors.push(tooMany(`${field}.conditions`, conditions.length, MAX_CONDITIONS));
  append(errors, validateConditions(`${field}.conditions`, conditions));
  if (data !== undefined) append(errors, validateParameters(`${field}.data`, data));
  return networkData ? [...errors, ...validateNetworkData(`${field}.networkData`, networkData)] : errors;
}

function validateNetworkData(field: string, { interfaceName = '', hardwareAddress = '', ips = [] }: V1NetworkDeviceData): FieldError[] {
  return [
    ...(interfaceName.length > MAX_INTERFACE_NAME ? [tooLong(`${field}.interfaceName`, MAX_INTERFACE_NAME)] : []),
    ...(hardwareAddress.length > MAX_HARDWARE_ADDRESS ? [tooLong(`${field}.hardwareAddress`, MAX_HARDWARE_ADDRESS)] : []),
    ...(ips.length > MAX_ADDRESSES ? [tooMany(`${field}.ips`, ips.length, MAX_ADDRESSES)] : ips.flatMap((each, index) => [...invalidEach(`${field}.ips[${index}]`, each, validateInterfaceAddress(each)), ...(ips.indexOf(each) < index ? [duplicate(`${field}.ips[${index}]`, each)] : [])])),
  ];
}
