import type {
  V1AWSElasticBlockStoreVolumeSource, V1AzureDiskVolumeSource, V1FCVolumeSource, V1FlexVolumeSource, V1FlockerVolumeSource, V1GCEPersistentDiskVolumeSource, V1HostPathVolumeSource,
  V1ISCSIVolumeSource, V1NFSVolumeSource, V1QuobyteVolumeSource,
} from '../../../generated/types.ts';
import { append, type FieldError, invalid, notSupported, required } from '../../../fieldError.ts';
import { oneOfIfSet } from '../../../validation/fields.ts';
import { rangeMessage } from '../../../validation/names.ts';
import { noBacksteps } from './paths.ts';

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
const REGISTRY_MESSAGE = 'must be a host:port pair or multiple pairs separated by commas';
const MANAGED_DISK = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';
/** Of initiators and targets, by how they begin. */
const ISCSI_FORMS: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
};

/** What a source cannot do without. */
export function requireEach<T extends object>(field: string, source: T, names: readonly (keyof T & string)[]): FieldError[] {
  return names.flatMap((name) => (source[name] ? [] : [required(`${field}.${name}`)]));
}

const between = (field: string, value: number | undefined, low: number, high: number, message = rangeMessage(low, high)): FieldError[] => (value === undefined || (value >= low && value <= high) ? [] : [invalid(field, value, message)]);

/** `validateHostPathVolumeSource`. */
export function validateHostPath(field: string, { path, type }: V1HostPathVolumeSource): FieldError[] {
  if (!path) return [required(`${field}.path`)];
  return [...noBacksteps(`${field}.path`, path), ...oneOfIfSet(`${field}.type`, type, HOST_PATH_TYPES)];
}

export function validateNfs(field: string, nfs: V1NFSVolumeSource): FieldError[] {
  const errors = requireEach(field, nfs, ['server', 'path']);
  return nfs.path?.startsWith('/') ? errors : [...errors, invalid(`${field}.path`, nfs.path ?? '', 'must be an absolute path')];
}

/** Partitions are named from 1 by the message, though 0 stands for the whole disk. */
export function validateGcePersistentDisk(field: string, disk: V1GCEPersistentDiskVolumeSource): FieldError[] {
  return [...requireEach(field, disk, ['pdName']), ...between(`${field}.partition`, disk.partition, 0, 255, rangeMessage(1, 255))];
}

export function validateAwsElasticBlockStore(field: string, disk: V1AWSElasticBlockStoreVolumeSource): FieldError[] {
  return [...requireEach(field, disk, ['volumeID']), ...between(`${field}.partition`, disk.partition, 0, 255, rangeMessage(1, 255))];
}

/** Of a pod's and of a PersistentVolume's source; the latter's messages do not name the forms that there are (`validateISCSI…VolumeSource`). */
export function validateIscsi(field: string, iscsi: V1ISCSIVolumeSource, prefixMessage = 'must be valid format starting with iqn, eui, or naa'): FieldError[] {
  const { iqn, lun, initiatorName } = iscsi;
  const errors = requireEach(field, iscsi, ['targetPortal', 'iqn']);
  if (iqn) append(errors, validateIscsiName(`${field}.iqn`, iqn, prefixMessage));
  append(errors, between(`${field}.lun`, lun, 0, 255));
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef) errors.push(required(`${field}.secretRef`));
  return initiatorName === undefined ? errors : [...errors, ...validateIscsiName(`${field}.initiatorname`, initiatorName, prefixMessage)];
}

function validateIscsiName(field: string, name: string, prefixMessage: string): FieldError[] {
  const form = ISCSI_FORMS[name.slice(0, 3)];
  if (!form) return [invalid(field, name, prefixMessage)];
  return form.test(name) ? [] : [invalid(field, name, 'must be valid format')];
}

/** What is too long for the name of an iSCSI session. */
export const ISCSI_LENGTH_MESSAGE = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

export const isIscsiNameTooLong = (volume: string, { initiatorName, targetPortal }: V1ISCSIVolumeSource): boolean => initiatorName !== undefined && `${volume}:${targetPortal ?? ''}`.length > 64;

export function validateFibreChannel(field: string, { targetWWNs = [], wwids = [], lun }: V1FCVolumeSource): FieldError[] {
  const errors: FieldError[] = [];
  if (targetWWNs.length === 0 && wwids.length === 0) errors.push(required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
  if (targetWWNs.length > 0 && wwids.length > 0) errors.push(invalid(`${field}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  if (targetWWNs.length === 0) return errors;
  return lun === undefined ? [...errors, required(`${field}.lun`, 'lun is required if targetWWNs is specified')] : [...errors, ...between(`${field}.lun`, lun, 0, 255)];
}

export function validateQuobyte(field: string, { registry, tenant = '', volume }: V1QuobyteVolumeSource): FieldError[] {
  const errors: FieldError[] = [];
  if (!registry) errors.push(required(`${field}.registry`, REGISTRY_MESSAGE));
  else if (tenant.length >= 65) errors.push(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  else for (const pair of registry.split(',')) if (!isHostAndPort(pair)) errors.push(invalid(`${field}.registry`, registry, REGISTRY_MESSAGE));
  return volume ? errors : [...errors, required(`${field}.volume`)];
}

const isHostAndPort = (text: string): boolean => /^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(text);

export function validateFlocker(field: string, { datasetName = '', datasetUUID = '' }: V1FlockerVolumeSource): FieldError[] {
  const errors: FieldError[] = [];
  if (datasetName === '' && datasetUUID === '') errors.push(required(field, 'one of datasetName and datasetUUID is required'));
  if (datasetName !== '' && datasetUUID !== '') errors.push(invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  return datasetName.includes('/') ? [...errors, invalid(`${field}.datasetName`, datasetName, "must not contain '/'")] : errors;
}

export function validateFlexVolume(field: string, flex: Pick<V1FlexVolumeSource, 'driver' | 'options'>): FieldError[] {
  const errors = requireEach(field, flex, ['driver']);
  for (const key of Object.keys(flex.options ?? {})) {
    const slash = key.indexOf('/');
    const domain = `.${(slash < 0 ? key : key.slice(0, slash)).toLowerCase()}`;
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')) errors.push(invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
  return errors;
}

export function validateAzureDisk(field: string, disk: V1AzureDiskVolumeSource): FieldError[] {
  const { kind } = disk;
  const diskURI = disk.diskURI || '';
  const errors = [
    ...requireEach(field, disk, ['diskName', 'diskURI']),
    ...oneOfIfSet(`${field}.cachingMode`, disk.cachingMode, ['None', 'ReadOnly', 'ReadWrite']),
    ...oneOfIfSet(`${field}.kind`, kind, ['Dedicated', 'Managed', 'Shared']),
  ];
  if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/')) errors.push(notSupported(`${field}.diskURI`, diskURI, [MANAGED_DISK]));
  if (kind !== undefined && kind !== 'Managed' && !diskURI.startsWith('https://')) errors.push(notSupported(`${field}.diskURI`, diskURI, [BLOB_DISK]));
  return errors;
}
