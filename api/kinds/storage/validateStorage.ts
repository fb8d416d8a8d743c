import type { V1CSIDriver, V1CSINode, V1VolumeAttachment } from '../../generated/types.ts';
import { duplicate, forbidden, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, invalidEach, labelName, oneOfIfSet, strictlyImmutable } from '../../validation/fields.ts';
import { validateDns1123Subdomain } from '../../validation/names.ts';
import { validateDriverName } from '../core/volumes/driverName.ts';

const MODES = ['Ephemeral', 'Persistent'];

export function validateCSIDriver({ metadata, spec }: IncomingObject<V1CSIDriver>): FieldError[] {
  return [
    ...validateDriverName('metadata.name', metadata.name ?? ''),
    ...oneOfIfSet('spec.fsGroupPolicy', spec?.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...(spec?.volumeLifecycleModes ?? []).flatMap((mode, index) => (MODES.includes(mode) ? [] : [notSupported(`spec.volumeLifecycleModes[${index}]`, mode, MODES)])),
    ...(spec?.tokenRequests ?? []).flatMap(({ audience }, index, all) => (all.findIndex((each) => each.audience === audience) < index ? [duplicate(`spec.tokenRequests[${index}].audience`, audience)] : [])),
  ];
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
  return drivers.flatMap(({ name, nodeID, topologyKeys = [] }, index) => {
    const field = `spec.drivers[${index}]`;
    return [
      ...validateDriverName(`${field}.name`, name ?? ''),
      ...(nodeID ? [] : [required(`${field}.nodeID`)]),
      ...topologyKeys.flatMap((key, at) => (topologyKeys.indexOf(key) < at ? [duplicate(`${field}.topologyKeys[${at}]`, key)] : labelName(`${field}.topologyKeys[${at}]`, key))),
      ...(drivers.findIndex((each) => each.name === name) < index ? [duplicate(`${field}.name`, name)] : []),
    ];
  });
}

export function validateVolumeAttachment({ spec }: IncomingObject<V1VolumeAttachment>): FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName } = spec?.source ?? {};
  const field = 'spec.source';
  const nodeName = spec?.nodeName ?? '';
  const errors = [...validateDriverName('spec.attacher', spec?.attacher ?? '')];
  if (!inlineVolumeSpec && persistentVolumeName === undefined) errors.push(required(field, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  if (inlineVolumeSpec && persistentVolumeName !== undefined) errors.push(forbidden(field, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  if (persistentVolumeName === '') errors.push(required(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName'));
  return [...errors, ...(nodeName === '' ? [required('spec.nodeName')] : invalidEach('spec.nodeName', nodeName, validateDns1123Subdomain(nodeName)))];
}
