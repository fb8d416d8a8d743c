import type { StorageV1TokenRequest, V1CSIDriver, V1CSINode, V1CSINodeDriver, V1CSIStorageCapacity, V1VolumeAttachment, V1VolumeError } from '../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, invalidEach, labelName, nonNegative, oneOfIfSet, strictlyImmutable, repeats } from '../../validation/fields.ts';
import { IMMUTABLE_MESSAGE, validateDns1123Subdomain } from '../../validation/names.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { validateResourceQuantity } from '../../validation/resources.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { validateVolumeSpec } from '../core/validatePersistentVolume.ts';
import { internalForm } from '../internalForm.ts';
import { validateParameters } from './parameters.ts';
import { validateDriverName } from '../core/volumes/driverName.ts';

const MAX_NODE_ID = 192;
const MAX_ERROR_BYTES = 1024;
const MIN_TOKEN_SECONDS = 600;
const MIN_UPDATE_PERIOD = 10;
const MODES = ['Ephemeral', 'Persistent'];

export function validateCSIDriver({ metadata, spec }: IncomingObject<V1CSIDriver>): FieldError[] {
  const isSame = repeats();
  return [
    ...validateDriverName('metadata.name', metadata.name ?? ''),
    ...oneOfIfSet('spec.fsGroupPolicy', spec?.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...(spec?.volumeLifecycleModes ?? []).flatMap((mode, index) => (MODES.includes(mode) ? [] : [notSupported(`spec.volumeLifecycleModes[${index}]`, mode, MODES)])),
    ...(spec?.tokenRequests ?? []).flatMap((request, index) => validateTokenRequest(`spec.tokenRequests[${index}]`, request, isSame(request.audience))),
    ...((spec?.nodeAllocatableUpdatePeriodSeconds ?? MIN_UPDATE_PERIOD) < MIN_UPDATE_PERIOD ? [invalid('spec.nodeAllocatableUpdatePeriodSeconds', spec?.nodeAllocatableUpdatePeriodSeconds, `must be greater than or equal to ${MIN_UPDATE_PERIOD} seconds`)] : []),
  ];
}

function validateTokenRequest(field: string, { audience, expirationSeconds }: StorageV1TokenRequest, isRepeated: boolean): FieldError[] {
  const errors = isRepeated ? [duplicate(`${field}.audience`, audience)] : [];
  if (expirationSeconds === undefined) return errors;
  if (expirationSeconds < MIN_TOKEN_SECONDS) errors.push(invalid(`${field}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  if (expirationSeconds > 2 ** 32) errors.push(invalid(`${field}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  return errors;
}

/** How volumes were attached must not change while they are. */
export function validateCSIDriverUpdate({ spec }: IncomingObject<V1CSIDriver>, previous: V1CSIDriver): FieldError[] {
  return [
    ...strictlyImmutable('spec.attachRequired', spec?.attachRequired, previous.spec?.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec?.volumeLifecycleModes, previous.spec?.volumeLifecycleModes),
  ];
}

export function validateCSINode({ spec }: IncomingObject<V1CSINode>): FieldError[] {
  const drivers = spec?.drivers ?? [];
  const isSame = repeats();
  return drivers.flatMap(({ name, nodeID = '', topologyKeys, allocatable }: Partial<V1CSINodeDriver>, index) => {
    const field = `spec.drivers[${index}]`;
    const isSameKey = repeats();
    return [
      ...validateDriverName(`${field}.name`, name ?? ''),
      ...(nodeID ? [] : [required(`${field}.nodeID`, nodeID)]),
      ...(Buffer.byteLength(nodeID) > MAX_NODE_ID ? [tooLong(`${field}.nodeID`, MAX_NODE_ID)] : []),
      ...nonNegative(`${field}.allocatable.count`, allocatable?.count),
      ...(topologyKeys ?? []).flatMap((key, at) => (isSameKey(key) ? [duplicate(`${field}.topologyKeys[${at}]`, key)] : labelName(`${field}.topologyKeys[${at}]`, key))),
      ...(isSame(name) ? [duplicate(`${field}.name`, name)] : []),
    ];
  });
}

/** A driver that a node has stays as it is; how many volumes it may have can change (`ValidateCSINodeUpdate`). */
export function validateCSINodeUpdate({ spec }: IncomingObject<V1CSINode>, previous: V1CSINode): FieldError[] {
  const drivers = spec?.drivers ?? [];
  // Of several of one name, the first.
  const byName = new Map(drivers.toReversed().map((each) => [each.name, each]));
  return (previous.spec?.drivers ?? []).flatMap((old) => {
    const now = byName.get(old.name);
    const isSame = !now || semanticEqual({ ...now, allocatable: undefined }, { ...old, allocatable: undefined });
    return isSame ? [] : [invalid('CSINode', internalForm('[]CSINodeDriver', drivers), IMMUTABLE_MESSAGE)];
  });
}

/** `ValidateCSIStorageCapacity`. */
export function validateCSIStorageCapacity({ nodeTopology, storageClassName = '', capacity, maximumVolumeSize }: Partial<IncomingObject<V1CSIStorageCapacity>>): FieldError[] {
  const amounts = Object.entries({ capacity, maximumVolumeSize });
  return [
    ...validateLabelSelector('nodeTopology', nodeTopology),
    ...invalidEach('storageClassName', storageClassName, validateDns1123Subdomain(storageClassName)),
    ...amounts.flatMap(([name, amount]) => (amount === undefined ? [] : validateResourceQuantity(name, 'storage', amount))),
  ];
}

/** What a driver says went wrong is bounded (`validateVolumeAttachmentStatus`). */
export function validateVolumeAttachmentStatus({ status }: IncomingObject<V1VolumeAttachment>): FieldError[] {
  const error = (field: string, { message = '', errorCode }: V1VolumeError): FieldError[] => [
    ...(Buffer.byteLength(message) > MAX_ERROR_BYTES ? [tooLong(`${field}.message`, MAX_ERROR_BYTES)] : []),
    ...nonNegative(`${field}.errorCode`, errorCode),
  ];
  return [
    ...validateParameters('status.attachmentMetadata', status?.attachmentMetadata),
    ...(status?.attachError ? error('status.attachError', status.attachError) : []),
    ...(status?.detachError ? error('status.detachError', status.detachError) : []),
  ];
}

export function validateVolumeAttachment({ spec }: IncomingObject<V1VolumeAttachment>): FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName } = spec?.source ?? {};
  const field = 'spec.source';
  const nodeName = spec?.nodeName ?? '';
  const errors = [...validateDriverName('spec.attacher', spec?.attacher ?? '')];
  if (!inlineVolumeSpec && persistentVolumeName === undefined) errors.push(required(field, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  if (inlineVolumeSpec && persistentVolumeName !== undefined) errors.push(forbidden(field, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  if (persistentVolumeName === '') errors.push(required(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName'));
  else if (persistentVolumeName !== undefined) append(errors, invalidEach(`${field}.persistentVolumeName`, persistentVolumeName, validateDns1123Subdomain(persistentVolumeName)));
  if (inlineVolumeSpec && persistentVolumeName === undefined) append(errors, validateVolumeSpec(`${field}.inlineVolumeSpec`, inlineVolumeSpec, { name: '', isInline: true }));
  return [...errors, ...(nodeName === '' ? [required('spec.nodeName')] : invalidEach('spec.nodeName', nodeName, validateDns1123Subdomain(nodeName)))];
}
