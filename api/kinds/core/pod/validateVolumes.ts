import type { V1CSIVolumeSource, V1ImageVolumeSource, V1StorageOSVolumeSource, V1Volume } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, required } from '../../../fieldError.ts';
import { quantityOrZero } from '../../../values/quantity.ts';
import { invalidEach, oneOf } from '../../../validation/fields.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../../validation/names.ts';
import { validateClaimTemplate } from '../validateClaimSpec.ts';
import { fileMode, localDescendingPath } from '../volumes/paths.ts';
import {
  ISCSI_LENGTH_MESSAGE, isIscsiNameTooLong, requireEach, validateAwsElasticBlockStore, validateAzureDisk, validateFibreChannel, validateFlexVolume, validateFlocker, validateGcePersistentDisk,
  validateHostPath, validateIscsi, validateNfs, validateQuobyte,
} from '../volumes/storageSources.ts';
import { validateDownwardFiles, validateItems, validateProjected } from '../volumes/validateProjected.ts';
import { validateDriverName } from '../volumes/driverName.ts';

const MORE_THAN_ONE = 'may not specify more than 1 volume type';

/** Of what a volume stands in. */
export interface VolumeOwner {
  /** The pod's name, where it is known: claims are named after it. */
  readonly podName?: string;
  /** False in a template. */
  readonly isPod: boolean;
}

type Sources = Omit<V1Volume, 'name'>;
type Checks = { readonly [K in keyof Required<Sources>]: (field: string, source: NonNullable<Sources[K]>, owner: VolumeOwner) => FieldError[] };

/** In the order in which Kubernetes looks at them: only the first source of a volume is looked into. */
const CHECKS: Checks = {
  emptyDir: (field, { sizeLimit }) => (quantityOrZero(sizeLimit).nanos < 0n ? [forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : []),
  hostPath: validateHostPath,
  gitRepo: (field, source) => [...requireEach(field, source, ['repository']), ...localDescendingPath(`${field}.directory`, source.directory ?? '')],
  gcePersistentDisk: validateGcePersistentDisk,
  awsElasticBlockStore: validateAwsElasticBlockStore,
  secret: (field, source) => [...requireEach(field, source, ['secretName']), ...fileMode(`${field}.defaultMode`, source.defaultMode), ...validateItems(`${field}.items`, source.items)],
  nfs: validateNfs,
  iscsi: (field, source) => validateIscsi(field, source),
  glusterfs: (field, source) => requireEach(field, source, ['endpoints', 'path']),
  flocker: validateFlocker,
  persistentVolumeClaim: (field, source) => requireEach(field, source, ['claimName']),
  rbd: (field, source) => [...(source.monitors?.length ? [] : [required(`${field}.monitors`)]), ...requireEach(field, source, ['image'])],
  cinder: (field, source) => [...requireEach(field, source, ['volumeID']), ...(source.secretRef && !source.secretRef.name ? [required(`${field}.secretRef.name`)] : [])],
  cephfs: (field, { monitors }) => (monitors?.length ? [] : [required(`${field}.monitors`)]),
  quobyte: validateQuobyte,
  downwardAPI: (field, source) => [...fileMode(`${field}.defaultMode`, source.defaultMode), ...validateDownwardFiles(field, source.items)],
  fc: validateFibreChannel,
  flexVolume: validateFlexVolume,
  configMap: (field, source) => [...requireEach(field, source, ['name']), ...fileMode(`${field}.defaultMode`, source.defaultMode), ...validateItems(`${field}.items`, source.items)],
  azureFile: (field, source) => requireEach(field, source, ['secretName', 'shareName']),
  vsphereVolume: (field, source) => requireEach(field, source, ['volumePath']),
  photonPersistentDisk: (field, source) => requireEach(field, source, ['pdID']),
  portworxVolume: (field, source) => requireEach(field, source, ['volumeID']),
  azureDisk: validateAzureDisk,
  storageos: validateStorageOS,
  projected: validateProjected,
  scaleIO: (field, source) => requireEach(field, source, ['gateway', 'system', 'volumeName']),
  csi: validateCsi,
  ephemeral: (field, { volumeClaimTemplate }) => (volumeClaimTemplate ? validateClaimTemplate(`${field}.volumeClaimTemplate`, volumeClaimTemplate) : [required(`${field}.volumeClaimTemplate`)]),
  image: validateImage,
};

const ORDER = Object.keys(CHECKS) as (keyof Sources)[];
/** Where Kubernetes' paths differ from the fields' names: of a source's own faults, and of one too many. */
const OWN_PATHS: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };
const SURPLUS_PATHS: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** A pod's volumes, and those of them that containers may refer to: the ones without a fault. */
export function validateVolumes(field: string, volumes: readonly V1Volume[] | undefined, owner: VolumeOwner): { readonly errors: FieldError[]; readonly valid: ReadonlyMap<string, V1Volume> } {
  const errors: FieldError[] = [];
  const valid = new Map<string, V1Volume>();
  const claims = new Set(owner.podName ? (volumes ?? []).flatMap(({ name, ephemeral }) => (ephemeral ? [`${owner.podName}-${name}`] : [])) : []);
  for (const [index, volume] of (volumes ?? []).entries()) {
    const path = `${field}[${index}]`;
    const faults = validateSources(path, volume, owner);
    if (!volume.name) faults.push(required(`${path}.name`));
    else append(faults, invalidEach(`${path}.name`, volume.name, validateDns1123Label(volume.name)));
    if (valid.has(volume.name)) faults.push(duplicate(`${path}.name`, volume.name));
    if (faults.length === 0) valid.set(volume.name, volume);
    append(errors, faults);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && claims.has(claim)) errors.push(invalid(`${path}.persistentVolumeClaim.claimName`, claim, 'must not reference a PVC that gets created for an ephemeral volume'));
  }
  return { errors, valid };
}

function validateSources(field: string, volume: V1Volume, owner: VolumeOwner): FieldError[] {
  const [first, ...others] = ORDER.filter((kind) => volume[kind] !== undefined && volume[kind] !== null);
  if (first === undefined) return [required(field, 'must specify a volume type')];
  const errors = check(first, `${field}.${OWN_PATHS[first] ?? first}`, volume, owner);
  append(errors, others.map((kind) => forbidden(`${field}.${SURPLUS_PATHS[kind] ?? kind}`, MORE_THAN_ONE)));
  if (volume.iscsi && isIscsiNameTooLong(volume.name, volume.iscsi)) errors.push(invalid(`${field}.name`, volume.name, ISCSI_LENGTH_MESSAGE));
  if (first === 'ephemeral' && owner.podName && volume.name) {
    const claim = `${owner.podName}-${volume.name}`;
    append(errors, validateDns1123Subdomain(claim).map((message) => invalid(`${field}.name`, volume.name, `PVC name ${JSON.stringify(claim)}: ${message}`)));
  }
  return errors;
}

function check<K extends keyof Sources>(kind: K, field: string, volume: Pick<Sources, K>, owner: VolumeOwner): FieldError[] {
  const source = volume[kind];
  return source ? CHECKS[kind](field, source, owner) : [];
}

function validateStorageOS(field: string, { volumeName, volumeNamespace, secretRef }: V1StorageOSVolumeSource): FieldError[] {
  const errors = volumeName ? invalidEach(`${field}.volumeName`, volumeName, validateDns1123Label(volumeName)) : [required(`${field}.volumeName`)];
  if (volumeNamespace) append(errors, invalidEach(`${field}.volumeNamespace`, volumeNamespace, validateDns1123Label(volumeNamespace)));
  return secretRef && !secretRef.name ? [...errors, required(`${field}.secretRef.name`)] : errors;
}

function validateCsi(field: string, { driver, nodePublishSecretRef: secret }: V1CSIVolumeSource): FieldError[] {
  const errors = validateDriverName(`${field}.driver`, driver ?? '');
  if (!secret) return errors;
  return [...errors, ...(secret.name ? invalidEach(`${field}.name`, secret.name, validateDns1123Subdomain(secret.name)) : [required(`${field}.nodePublishSecretRef.name`)])];
}

function validateImage(field: string, { reference, pullPolicy }: V1ImageVolumeSource, { isPod }: VolumeOwner): FieldError[] {
  return [...(isPod && !reference ? [required(`${field}.reference`)] : []), ...oneOf(`${field}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never'])];
}
