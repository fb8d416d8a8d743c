import type { V1SecurityContext, V1Volume, V1VolumeDevice, V1VolumeMount } from '../../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, notFound, required } from '../../../fieldError.ts';
import { oneOf, oneOfIfSet, repeats } from '../../../validation/fields.ts';
import { localDescendingPath, noBacksteps } from '../volumes/paths.ts';

/** Where a container sees its volumes; faults of a path below a volume are told of the list, as in Kubernetes (`ValidateVolumeMounts`). */
export function validateMounts(field: string, mounts: readonly V1VolumeMount[], devices: readonly V1VolumeDevice[], volumes: ReadonlyMap<string, V1Volume>, security: V1SecurityContext | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const isUsed = repeats();
  const [deviceNames, devicePaths] = [new Set(devices.map(({ name }) => name)), new Set(devices.map(({ devicePath }) => devicePath))];
  for (const [index, mount] of mounts.entries()) {
    const path = `${field}[${index}]`;
    if (!mount.name) errors.push(required(`${path}.name`));
    if (!volumes.has(mount.name)) errors.push(notFound(`${path}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${path}.mountPath`));
    if (isUsed(mount.mountPath)) errors.push(invalid(`${path}.mountPath`, mount.mountPath, 'must be unique'));
    if (deviceNames.has(mount.name)) errors.push(invalid(`${path}.name`, mount.name, 'must not already exist in volumeDevices'));
    if (devicePaths.has(mount.mountPath)) errors.push(invalid(`${path}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'));
    if (mount.subPath) append(errors, localDescendingPath(`${field}.subPath`, mount.subPath));
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(`${path}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      append(errors, localDescendingPath(`${field}.subPathExpr`, mount.subPathExpr));
    }
    append(errors, oneOfIfSet(`${field}.mountPropagation`, mount.mountPropagation, ['Bidirectional', 'HostToContainer', 'None']));
    if (mount.mountPropagation === 'Bidirectional' && !security?.privileged) errors.push(forbidden(`${field}.mountPropagation`, 'Bidirectional mount propagation is available only to privileged containers'));
    append(errors, validateRecursiveReadOnly(field, mount));
  }
  return errors;
}

function validateRecursiveReadOnly(field: string, { recursiveReadOnly, readOnly, mountPropagation }: V1VolumeMount): FieldError[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return [];
  const path = `${field}.recursiveReadOnly`;
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') return oneOf(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible']);
  const errors = readOnly ? [] : [forbidden(path, 'may only be specified when readOnly is true')];
  if (mountPropagation !== undefined && mountPropagation !== 'None') errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
  return errors;
}

/** `ValidateVolumeDevices`. */
export function validateDevices(field: string, devices: readonly V1VolumeDevice[], mounts: readonly V1VolumeMount[], volumes: ReadonlyMap<string, V1Volume>): FieldError[] {
  const [isNamed, isUsed] = [repeats(), repeats()];
  const [mountNames, mountPaths] = [new Set(mounts.map(({ name: each }) => each)), new Set(mounts.map(({ mountPath }) => mountPath))];
  return devices.flatMap(({ name, devicePath }, index) => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    const volume = volumes.get(name);
    if (!name) errors.push(required(`${path}.name`));
    if (name && isNamed(name)) errors.push(invalid(`${path}.name`, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) errors.push(invalid(`${path}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    if (!volume) errors.push(notFound(`${path}.name`, name));
    if (!devicePath) errors.push(required(`${path}.devicePath`));
    const isStray = noBacksteps(field, devicePath ?? '').length > 0;
    if (!isStray && isUsed(devicePath)) errors.push(invalid(`${path}.devicePath`, devicePath, 'must be unique'));
    if (isStray) errors.push(invalid(`${path}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    if (mountNames.has(name)) errors.push(invalid(`${path}.name`, name, 'must not already exist in volumeMounts'));
    if (mountPaths.has(devicePath)) errors.push(invalid(`${path}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    return errors;
  });
}
