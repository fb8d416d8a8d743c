import { posix } from 'node:path';
import type { V1CSIPersistentVolumeSource, V1NodeSelectorRequirement, V1PersistentVolume, V1PersistentVolumeSpec, V1SecretReference, V1StorageOSPersistentVolumeSource, V1VolumeNodeAffinity } from '../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, notSupported, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, invalidEach, oneOfIfSet } from '../../validation/fields.ts';
import { IMMUTABLE_MESSAGE, validateDns1123Label, validateDns1123Subdomain } from '../../validation/names.ts';
import { positiveQuantity } from '../../validation/resources.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { internalForm, specDiff } from '../internalForm.ts';
import { validateNodeSelectorTerms } from './pod/validateAffinity.ts';
import { validateAccessModes, VOLUME_MODES } from './validateClaimSpec.ts';
import { basicQuantity } from './validateClaimUpdate.ts';
import { validateDriverName } from './volumes/driverName.ts';
import { noBacksteps } from './volumes/paths.ts';
import {
  ISCSI_LENGTH_MESSAGE, isIscsiNameTooLong, requireEach, validateAwsElasticBlockStore, validateAzureDisk, validateFibreChannel, validateFlexVolume, validateFlocker, validateGcePersistentDisk,
  validateHostPath, validateIscsi, validateNfs, validateQuobyte,
} from './volumes/storageSources.ts';

/** Where the spec of a volume stands. */
export interface VolumeContext {
  readonly name: string;
  /** In a VolumeAttachment, which describes a volume that has no object of its own. */
  readonly isInline: boolean;
}

type Sources = Pick<V1PersistentVolumeSpec, keyof typeof SOURCE_NAMES>;
type Checks = { readonly [K in keyof Required<Sources>]: (field: string, source: NonNullable<Sources[K]>, name: string) => FieldError[] };

const SOURCE_NAMES = {
  hostPath: 0, gcePersistentDisk: 0, awsElasticBlockStore: 0, glusterfs: 0, flocker: 0, nfs: 0, rbd: 0, quobyte: 0, cephfs: 0, iscsi: 0, cinder: 0, fc: 0, flexVolume: 0, azureFile: 0, vsphereVolume: 0,
  photonPersistentDisk: 0, portworxVolume: 0, azureDisk: 0, scaleIO: 0, local: 0, storageos: 0, csi: 0,
} as const;

const secretNeeds = (field: string, secret: V1SecretReference | undefined): FieldError[] => (secret ? requireEach(`${field}.secretRef`, secret, ['name', 'namespace']) : []);

/** In the order in which Kubernetes looks at them. */
const CHECKS: Checks = {
  hostPath: validateHostPath,
  gcePersistentDisk: validateGcePersistentDisk,
  awsElasticBlockStore: validateAwsElasticBlockStore,
  glusterfs: (field, source) => {
    const { endpointsNamespace: namespace } = source;
    const errors = requireEach(field, source, ['endpoints', 'path']);
    if (namespace === '') errors.push(invalid(`${field}.endpointsNamespace`, namespace, 'if the endpointnamespace is set, it must be a valid namespace name'));
    return namespace ? [...errors, ...invalidEach(`${field}.endpointsNamespace`, namespace, validateDns1123Label(namespace))] : errors;
  },
  flocker: validateFlocker,
  nfs: validateNfs,
  rbd: (field, source) => [...(source.monitors?.length ? [] : [required(`${field}.monitors`)]), ...requireEach(field, source, ['image'])],
  quobyte: validateQuobyte,
  cephfs: (field, { monitors }) => (monitors?.length ? [] : [required(`${field}.monitors`)]),
  iscsi: (field, source, name) => [
    ...(isIscsiNameTooLong(name, source) ? [invalid(`${field}.targetportal`, source.targetPortal, ISCSI_LENGTH_MESSAGE)] : []),
    ...validateIscsi(field, source, 'must be valid format'),
    ...(source.secretRef && !source.secretRef.name ? [required(`${field}.secretRef.name`)] : []),
  ],
  cinder: (field, source) => [...requireEach(field, source, ['volumeID']), ...secretNeeds(field, source.secretRef)],
  fc: validateFibreChannel,
  flexVolume: validateFlexVolume,
  azureFile: (field, source) => [...requireEach(field, source, ['secretName', 'shareName']), ...(source.secretNamespace === '' ? [required(`${field}.secretNamespace`)] : [])],
  vsphereVolume: (field, source) => requireEach(field, source, ['volumePath']),
  photonPersistentDisk: (field, source) => requireEach(field, source, ['pdID']),
  portworxVolume: (field, source) => requireEach(field, source, ['volumeID']),
  azureDisk: validateAzureDisk,
  scaleIO: (field, source) => requireEach(field, source, ['gateway', 'system', 'volumeName']),
  local: (field, { path }) => (path ? noBacksteps(`${field}.path`, path) : [required(`${field}.path`)]),
  storageos: validateStorageOS,
  csi: validateCsi,
};

const ORDER = Object.keys(CHECKS) as (keyof Sources)[];

/** `ValidatePersistentVolumeSpec`. */
export function validateVolumeSpec(field: string, spec: Partial<V1PersistentVolumeSpec>, context: VolumeContext): FieldError[] {
  const { claimRef, capacity = {}, csi, persistentVolumeReclaimPolicy: policy, nodeAffinity, storageClassName, volumeMode, volumeAttributesClassName: attributes } = spec;
  const inline = (name: string): FieldError => forbidden(`${field}.${name}`, 'may not be specified in the context of inline volumes');
  const errors: FieldError[] = [];
  if (context.isInline) {
    if (claimRef) errors.push(inline('claimRef'));
    if (Object.keys(capacity).length > 0) errors.push(inline('capacity'));
    if (!csi) errors.push(required(`${field}.csi`, 'has to be specified in the context of inline volumes'));
  }
  append(errors, validateAccessModes(`${field}.accessModes`, spec.accessModes));
  if (!context.isInline) append(errors, validateCapacity(`${field}.capacity`, capacity));
  if (policy && context.isInline && policy !== 'Retain') errors.push(forbidden(`${field}.persistentVolumeReclaimPolicy`, 'may only be Retain in the context of inline volumes'));
  if (policy && !context.isInline) append(errors, oneOfIfSet(`${field}.persistentVolumeReclaimPolicy`, policy, ['Delete', 'Recycle', 'Retain']));
  if (nodeAffinity) append(errors, (context.isInline ? [inline('nodeAffinity')] : validateNodeAffinity(`${field}.nodeAffinity`, nodeAffinity)));
  append(errors, validateSources(field, spec, context.name));
  if (spec.hostPath && posix.normalize(spec.hostPath.path || '.') === '/' && policy === 'Recycle') errors.push(forbidden(`${field}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"));
  if (storageClassName) append(errors, (context.isInline ? [inline('storageClassName')] : invalidEach(`${field}.storageClassName`, storageClassName, validateDns1123Subdomain(storageClassName))));
  if (context.isInline) {
    if (volumeMode !== undefined && volumeMode !== 'Filesystem') errors.push(forbidden(`${field}.volumeMode`, 'may not specify volumeMode other than Filesystem in the context of inline volumes'));
  } else {
    append(errors, oneOfIfSet(`${field}.volumeMode`, volumeMode, VOLUME_MODES));
  }
  if (attributes === undefined) return errors;
  append(errors, (attributes === '' ? [required(`${field}.volumeAttributesClassName`, 'an empty string is disallowed')] : invalidEach(`${field}.volumeAttributesClassName`, attributes, validateDns1123Subdomain(attributes))));
  return csi ? errors : [...errors, required(`${field}.csi`, 'has to be specified when using volumeAttributesClassName')];
}

function validateCapacity(field: string, capacity: Readonly<Record<string, string>>): FieldError[] {
  const names = Object.keys(capacity);
  const errors = names.length === 0 ? [required(field)] : [];
  if (capacity['storage'] === undefined || names.length > 1) errors.push(notSupported(field, capacity, ['storage']));
  for (const [name, amount] of Object.entries(capacity)) append(errors, basicQuantity(`${field}[${name}]`, amount), positiveQuantity(`${field}[${name}]`, amount));
  return errors;
}

function validateNodeAffinity(field: string, { required: selector }: V1VolumeNodeAffinity): FieldError[] {
  return selector ? validateNodeSelectorTerms(`${field}.required`, selector.nodeSelectorTerms) : [required(`${field}.required`, 'must specify required node constraints')];
}

function validateSources(field: string, spec: Partial<V1PersistentVolumeSpec>, name: string): FieldError[] {
  const [first, ...others] = ORDER.filter((kind) => spec[kind] !== undefined && spec[kind] !== null);
  if (first === undefined) return [required(field, 'must specify a volume type')];
  const errors = check(first, `${field}.${first === 'gcePersistentDisk' ? 'persistentDisk' : first}`, spec, name);
  append(errors, others.map((kind) => forbidden(`${field}.${kind === 'cephfs' ? 'cephFS' : kind}`, 'may not specify more than 1 volume type')));
  if (first === 'local' && !spec.nodeAffinity) errors.push(required(`${field}.nodeAffinity`, 'Local volume requires node affinity'));
  return errors;
}

function check<K extends keyof Sources>(kind: K, field: string, spec: Partial<Pick<Sources, K>>, name: string): FieldError[] {
  const source = spec[kind];
  return source ? CHECKS[kind](field, source, name) : [];
}

function validateStorageOS(field: string, { volumeName, volumeNamespace, secretRef }: V1StorageOSPersistentVolumeSource): FieldError[] {
  const errors = volumeName ? invalidEach(`${field}.volumeName`, volumeName, validateDns1123Label(volumeName)) : [required(`${field}.volumeName`)];
  if (volumeNamespace) append(errors, invalidEach(`${field}.volumeNamespace`, volumeNamespace, validateDns1123Label(volumeNamespace)));
  return [...errors, ...secretNeeds(field, secretRef)];
}

function validateCsi(field: string, csi: V1CSIPersistentVolumeSource): FieldError[] {
  const errors = [...validateDriverName(`${field}.driver`, csi.driver ?? ''), ...(csi.volumeHandle ? [] : [required(`${field}.volumeHandle`)])];
  for (const name of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const) {
    const secret = csi[name];
    if (!secret) continue;
    append(errors, (secret.name ? invalidEach(`${field}.${name}.name`, secret.name, validateDns1123Subdomain(secret.name)) : [required(`${field}.${name}.name`)]));
    append(errors, (secret.namespace ? invalidEach(`${field}.${name}.namespace`, secret.namespace, validateDns1123Label(secret.namespace)) : [required(`${field}.${name}.namespace`)]));
  }
  return errors;
}

/** Labels of nodes that have got new names since. */
const STABLE_LABELS: ReadonlyMap<string, string> = new Map(Object.entries({
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}));

/** Where a volume is does not change (`ValidatePersistentVolumeUpdate`). */
export function validateVolumeUpdate({ spec = {} }: IncomingObject<V1PersistentVolume>, previous: V1PersistentVolume): FieldError[] {
  const before = previous.spec ?? {};
  const errors: FieldError[] = [];
  const [source, old] = [sourcesOf(spec), sourcesOf(before)];
  if (old.csi && !old.csi.controllerExpandSecretRef && source.csi?.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...csi } = source.csi;
    source.csi = csi;
  }
  if (!semanticEqual(source, old)) errors.push(forbidden('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${specDiff('PersistentVolumeSource', old, source)}`));
  append(errors, immutable('volumeMode', spec.volumeMode, before.volumeMode));
  if (before.nodeAffinity && !semanticEqual(spec.nodeAffinity, before.nodeAffinity) && !semanticEqual(renamed(before.nodeAffinity, spec.nodeAffinity), spec.nodeAffinity)) {
    errors.push(invalid('nodeAffinity', internalForm('*VolumeNodeAffinity', spec.nodeAffinity), `${IMMUTABLE_MESSAGE}, except for updating from beta label to GA`));
  }
  if (before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  return errors;
}

function sourcesOf(spec: Partial<V1PersistentVolumeSpec>): Partial<Sources> {
  return Object.fromEntries(ORDER.flatMap((kind) => (spec[kind] === undefined ? [] : [[kind, spec[kind]]])));
}

/** The old affinity, with the newer names of labels wherever the new one has them. */
function renamed(old: V1VolumeNodeAffinity, now: V1VolumeNodeAffinity | undefined): V1VolumeNodeAffinity {
  const terms = old.required?.nodeSelectorTerms ?? [];
  const newer = now?.required?.nodeSelectorTerms ?? [];
  const rename = (list: readonly V1NodeSelectorRequirement[], others: readonly V1NodeSelectorRequirement[] = []): V1NodeSelectorRequirement[] =>
    list.map((each, index) => {
      const stable = STABLE_LABELS.get(each.key);
      return stable !== undefined && stable === others[index]?.key ? { ...each, key: stable } : each;
    });
  return { required: { nodeSelectorTerms: terms.map((term, index) => ({ ...term, ...(term.matchExpressions ? { matchExpressions: rename(term.matchExpressions, newer[index]?.matchExpressions) } : {}) })) } };
}
