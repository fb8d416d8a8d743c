import type { V1DownwardAPIVolumeFile, V1KeyToPath, V1ProjectedVolumeSource, V1Volume } from '../../../generated/types.ts';
import { duplicate, forbidden, invalid, required, type FieldError } from '../../../fieldError.ts';
import { quantityOrZero } from '../../../values/quantity.ts';
import { invalidEach, oneOfIfSet } from '../../../validation/fields.ts';
import { validateDns1123Label } from '../../../validation/names.ts';
import { VOLUME_FIELDS, validateFieldRef, validateResourceFieldRef } from './validateEnv.ts';

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
const FILE_MODE_MESSAGE = 'must be a number between 0 and 0777 (octal), both inclusive';
const TEN_MINUTES = 600;

export function validateVolumes(field: string, volumes: readonly V1Volume[] | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, volume] of (volumes ?? []).entries()) {
    const path = `${field}[${index}]`;
    errors.push(...validateSource(path, volume));
    if (!volume.name) errors.push(required(`${path}.name`));
    else errors.push(...invalidEach(`${path}.name`, volume.name, validateDns1123Label(volume.name)));
    if (names.has(volume.name)) errors.push(duplicate(`${path}.name`, volume.name));
    names.add(volume.name);
  }
  return errors;
}

function validateSource(field: string, volume: V1Volume): FieldError[] {
  const kinds = Object.entries(volume).flatMap(([kind, source]) => (kind === 'name' || source === undefined || source === null ? [] : [kind]));
  const [first, ...others] = kinds;
  if (first === undefined) return [required(field, 'must specify a volume type')];
  return [...validateOne(`${field}.${first}`, volume), ...others.map((kind) => forbidden(`${field}.${kind}`, 'may not specify more than 1 volume type'))];
}

function validateOne(field: string, volume: V1Volume): FieldError[] {
  const { emptyDir, hostPath, secret, configMap, downwardAPI, projected, persistentVolumeClaim, nfs, csi, ephemeral } = volume;
  if (emptyDir) {
    const isNegative = quantityOrZero(emptyDir.sizeLimit).nanos < 0n;
    return isNegative ? [forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [];
  }
  if (hostPath) {
    if (!hostPath.path) return [required(`${field}.path`)];
    return [...noBacksteps(`${field}.path`, hostPath.path), ...oneOfIfSet(`${field}.type`, hostPath.type, HOST_PATH_TYPES)];
  }
  if (secret) return [...(secret.secretName ? [] : [required(`${field}.secretName`)]), ...fileMode(`${field}.defaultMode`, secret.defaultMode), ...validateItems(`${field}.items`, secret.items)];
  if (configMap) return [...(configMap.name ? [] : [required(`${field}.name`)]), ...fileMode(`${field}.defaultMode`, configMap.defaultMode), ...validateItems(`${field}.items`, configMap.items)];
  if (downwardAPI) return [...fileMode(`${field}.defaultMode`, downwardAPI.defaultMode), ...validateFiles(field, downwardAPI.items)];
  if (projected) return validateProjected(field, projected);
  if (persistentVolumeClaim) return persistentVolumeClaim.claimName ? [] : [required(`${field}.claimName`)];
  if (nfs) {
    const errors = nfs.server ? [] : [required(`${field}.server`)];
    if (!nfs.path) errors.push(required(`${field}.path`));
    else if (!nfs.path.startsWith('/')) errors.push(invalid(`${field}.path`, nfs.path, 'must be an absolute path'));
    return errors;
  }
  if (csi) return csi.driver ? [] : [required(`${field}.driver`)];
  if (ephemeral) return ephemeral.volumeClaimTemplate ? [] : [required(`${field}.volumeClaimTemplate`)];
  return [];
}

function validateItems(field: string, items: readonly V1KeyToPath[] | undefined): FieldError[] {
  return (items ?? []).flatMap(({ key, path, mode }, index) => {
    const at = `${field}[${index}]`;
    return [...(key ? [] : [required(`${at}.key`)]), ...(path ? [] : [required(`${at}.path`)]), ...localNonReservedPath(`${at}.path`, path ?? ''), ...fileMode(`${at}.mode`, mode)];
  });
}

function validateFiles(field: string, files: readonly V1DownwardAPIVolumeFile[] | undefined): FieldError[] {
  return (files ?? []).flatMap((file) => {
    const errors = file.path ? localNonReservedPath(`${field}.path`, file.path) : [required(`${field}.path`)];
    if (file.fieldRef) {
      errors.push(...validateFieldRef(`${field}.fieldRef`, file.fieldRef, VOLUME_FIELDS));
      if (file.resourceFieldRef) errors.push(invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    } else if (file.resourceFieldRef) {
      errors.push(...validateResourceFieldRef(`${field}.resourceFieldRef`, file.resourceFieldRef, true));
    } else {
      errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
    }
    return [...errors, ...fileMode(`${field}.mode`, file.mode)];
  });
}

function validateProjected(field: string, projected: V1ProjectedVolumeSource): FieldError[] {
  const errors = fileMode(`${field}.defaultMode`, projected.defaultMode);
  const paths = new Set<string>();
  const place = (at: string, path: string, name: string): void => {
    if (path !== '' && paths.has(path)) errors.push(invalid(at, path, name === '' ? 'conflicting duplicate paths' : `conflicting duplicate paths in ${name}`));
    paths.add(path);
  };
  for (const [index, source] of (projected.sources ?? []).entries()) {
    const at = `${field}.sources[${index}]`;
    const kinds = Object.entries(source).flatMap(([kind, value]) => (value === undefined || value === null ? [] : [kind]));
    if (kinds.length === 0) errors.push(required(at, 'must specify a projection source'));
    for (const kind of kinds.slice(1)) errors.push(forbidden(`${at}.${kind}`, 'may not specify more than 1 volume type'));
    for (const kind of ['secret', 'configMap'] as const) {
      const named = source[kind];
      if (!named) continue;
      if (!named.name) errors.push(required(`${at}.${kind}.name`));
      errors.push(...validateItems(`${at}.${kind}.items`, named.items));
      for (const { path } of named.items ?? []) place(at, path, named.name ?? '');
    }
    if (source.downwardAPI) {
      errors.push(...validateFiles(`${at}.downwardAPI`, source.downwardAPI.items));
      for (const { path } of source.downwardAPI.items ?? []) place(at, path, '');
    }
    const token = source.serviceAccountToken;
    if (token) {
      const { expirationSeconds = TEN_MINUTES, path } = token;
      if (expirationSeconds < TEN_MINUTES) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'));
      if (expirationSeconds > 2 ** 32) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
      if (!path) errors.push(required(`${at}.serviceAccountToken.path`));
      else errors.push(...localNonReservedPath(`${at}.serviceAccountToken.path`, path));
      place(at, path ?? '', '');
    }
  }
  return errors;
}

function fileMode(field: string, mode: number | undefined): FieldError[] {
  return mode !== undefined && (mode < 0 || mode > 0o777) ? [invalid(field, mode, FILE_MODE_MESSAGE)] : [];
}

function noBacksteps(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}

/** A path below a volume's root, which no `..` leaves. */
export function localDescendingPath(field: string, path: string): FieldError[] {
  return [...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []), ...noBacksteps(field, path)];
}

/** Names with two leading dots are kept for the kubelet's atomic updates. */
function localNonReservedPath(field: string, path: string): FieldError[] {
  const isReserved = path.startsWith('..') && !path.startsWith('../');
  return [...localDescendingPath(field, path), ...(isReserved ? [invalid(field, path, "must not start with '..'")] : [])];
}
