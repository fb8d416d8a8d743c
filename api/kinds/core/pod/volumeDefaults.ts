import type { V1DownwardAPIVolumeFile, V1PersistentVolumeClaimSpec, V1ProjectedVolumeSource, V1Volume } from '../../../generated/types.ts';
import { defaultPullPolicy } from '../../../values/imageName.ts';
import { canonicalQuantity } from '../../../values/quantity.ts';
import { canonicalizeResources } from '../../../values/resourceList.ts';
import { setFieldRefDefaults, setResourceFieldRefDefaults } from './containerDefaults.ts';

/** 0644, as JSON has no octal numbers. */
export const DEFAULT_FILE_MODE = 420;

/** Sets a volume's defaults in place; one that names no source is an empty directory. */
export function setVolumeDefaults(volume: V1Volume): void {
  if (!Object.entries(volume).some(([key, value]) => key !== 'name' && value !== undefined && value !== null)) volume.emptyDir = {};
  if (volume.emptyDir?.sizeLimit !== undefined) volume.emptyDir.sizeLimit = canonicalQuantity(volume.emptyDir.sizeLimit);
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.secret) volume.secret.defaultMode ??= DEFAULT_FILE_MODE;
  if (volume.configMap) volume.configMap.defaultMode ??= DEFAULT_FILE_MODE;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= DEFAULT_FILE_MODE;
    setFileDefaults(volume.downwardAPI.items);
  }
  if (volume.projected) setProjectedDefaults(volume.projected);
  if (volume.ephemeral?.volumeClaimTemplate?.spec) setClaimSpecDefaults(volume.ephemeral.volumeClaimTemplate.spec);
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference);
  setBlockDefaults(volume);
}

/** Defaults of a claim's spec, wherever it stands. */
export function setClaimSpecDefaults(spec: V1PersistentVolumeClaimSpec): void {
  spec.volumeMode ||= 'Filesystem';
  canonicalizeResources(spec.resources?.limits);
  canonicalizeResources(spec.resources?.requests);
}

function setProjectedDefaults(projected: V1ProjectedVolumeSource): void {
  projected.defaultMode ??= DEFAULT_FILE_MODE;
  for (const source of projected.sources ?? []) {
    setFileDefaults(source.downwardAPI?.items);
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
  }
}

function setFileDefaults(files: readonly V1DownwardAPIVolumeFile[] | undefined): void {
  for (const file of files ?? []) {
    if (file.fieldRef) setFieldRefDefaults(file.fieldRef);
    if (file.resourceFieldRef) setResourceFieldRefDefaults(file.resourceFieldRef);
  }
}

function setBlockDefaults({ iscsi, rbd, azureDisk, scaleIO }: V1Volume): void {
  if (iscsi) iscsi.iscsiInterface ||= 'default';
  if (rbd) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}
