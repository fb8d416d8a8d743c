import type { V1ClusterTrustBundleProjection, V1DownwardAPIVolumeFile, V1KeyToPath, V1PodCertificateProjection, V1ProjectedVolumeSource, V1ServiceAccountTokenProjection } from '../../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, notSupported, ofEach, required } from '../../../fieldError.ts';
import { validateLabelSelector } from '../../../validation/labels.ts';
import { validateDns1123Subdomain } from '../../../validation/names.ts';
import { validateSignerName } from '../../signerName.ts';
import { VOLUME_FIELDS, validateFieldRef, validateResourceFieldRef } from '../pod/validateEnv.ts';
import { fileMode, localNonReservedPath } from './paths.ts';
import { internalForm } from '../../internalForm.ts';

const TEN_MINUTES = 600;
const HOUR = 3600;
/** Seconds; what a signer may be asked for. */
const MAX_CERTIFICATE_LIFETIME = 91 * 24 * HOUR;
const KEY_TYPES = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096'];
const KINDS = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'] as const;

/** Keys of a ConfigMap or Secret, and the files that they become (`validateKeyToPath`). */
export function validateItems(field: string, items: readonly V1KeyToPath[] | undefined): FieldError[] {
  return ofEach(field, items, validateItem);
}

function validateItem(field: string, { key, path, mode }: V1KeyToPath): FieldError[] {
  return [...(key ? [] : [required(`${field}.key`)]), ...(path ? [] : [required(`${field}.path`)]), ...localNonReservedPath(`${field}.path`, path ?? ''), ...fileMode(`${field}.mode`, mode)];
}

/** Files made of the pod's own fields; Kubernetes does not say which of them is at fault. */
export function validateDownwardFiles(field: string, files: readonly V1DownwardAPIVolumeFile[] | undefined): FieldError[] {
  return (files ?? []).flatMap((file) => {
    const errors = [...(file.path ? [] : [required(`${field}.path`)]), ...localNonReservedPath(`${field}.path`, file.path ?? '')];
    if (file.fieldRef) {
      append(errors, validateFieldRef(`${field}.fieldRef`, file.fieldRef, VOLUME_FIELDS));
      if (file.resourceFieldRef) errors.push(invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    } else if (file.resourceFieldRef) {
      append(errors, validateResourceFieldRef(`${field}.resourceFieldRef`, file.resourceFieldRef, true));
    } else {
      errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
    }
    return [...errors, ...fileMode(`${field}.mode`, file.mode)];
  });
}

/** `validateProjectedVolumeSource`. */
export function validateProjected(field: string, projected: V1ProjectedVolumeSource): FieldError[] {
  const errors = fileMode(`${field}.defaultMode`, projected.defaultMode);
  const paths = new Set<string>();
  const place = (path: string | undefined, value: string | undefined = path): void => {
    if (!path) return;
    if (paths.has(path)) errors.push(invalid(field, value ?? '', 'conflicting duplicate paths'));
    paths.add(path);
  };
  for (const [index, source] of (projected.sources ?? []).entries()) {
    const at = `${field}.sources[${index}]`;
    for (const kind of ['secret', 'configMap'] as const) {
      const named = source[kind];
      if (!named) continue;
      if (!named.name) errors.push(required(`${at}.${kind}.name`));
      for (const [nth, item] of (named.items ?? []).entries()) {
        append(errors, validateItem(`${at}.${kind}.items[${nth}]`, item));
        place(item.path, named.name);
      }
    }
    for (const file of source.downwardAPI?.items ?? []) {
      append(errors, validateDownwardFiles(`${at}.downwardAPI`, [file]));
      place(file.path);
    }
    if (source.serviceAccountToken) append(errors, validateToken(field, `${at}.serviceAccountToken`, source.serviceAccountToken));
    if (source.clusterTrustBundle) {
      append(errors, validateTrustBundle(`${at}.clusterTrustBundle`, source.clusterTrustBundle));
      place(source.clusterTrustBundle.path);
    }
    if (source.podCertificate) {
      append(errors, validateCertificate(`${at}.podCertificate`, source.podCertificate));
      for (const path of [source.podCertificate.credentialBundlePath, source.podCertificate.keyPath, source.podCertificate.certificateChainPath]) place(path);
    }
    if (KINDS.filter((kind) => source[kind] !== undefined).length > 1) errors.push(forbidden(at, 'may not specify more than 1 volume type per source'));
  }
  return errors;
}

/** The path is named as if it were the volume's own, as Kubernetes does. */
function validateToken(volume: string, field: string, { expirationSeconds = HOUR, path }: V1ServiceAccountTokenProjection): FieldError[] {
  const errors: FieldError[] = [];
  if (expirationSeconds < TEN_MINUTES) errors.push(invalid(`${field}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  if (expirationSeconds > 2 ** 32) errors.push(invalid(`${field}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  return [...errors, ...(path ? localNonReservedPath(`${volume}.path`, path) : [required(`${volume}.path`)])];
}

function validateTrustBundle(field: string, bundle: V1ClusterTrustBundleProjection): FieldError[] {
  const { name, signerName, labelSelector, path } = bundle;
  const errors: FieldError[] = [];
  if (name !== undefined && signerName !== undefined) {
    errors.push(invalid(field, internalForm('ClusterTrustBundleProjection', bundle), 'only one of name and signerName may be used'));
  } else if (name !== undefined) {
    if (name === '') errors.push(required(`${field}.name`, 'must be a valid object name'));
    append(errors, trustBundleNameMessages(name).map((message) => invalid(`${field}.name`, name, `not a valid clustertrustbundlename: ${message}`)));
    if (labelSelector) errors.push(invalid(`${field}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified'));
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(required(`${field}.signerName`, 'must be a valid signer name'));
    append(errors, validateSignerName(`${field}.signerName`, signerName), validateLabelSelector(`${field}.labelSelector`, labelSelector));
  } else {
    errors.push(required(field, 'either name or signerName must be specified'));
  }
  if (!path) errors.push(required(`${field}.path`));
  return [...errors, ...localNonReservedPath(`${field}.path`, path ?? '')];
}

/** A bundle that belongs to a signer bears its name in front: `example.com:mysigner:v1`. */
function trustBundleNameMessages(name: string): readonly string[] {
  const parts = name.split(':');
  return validateDns1123Subdomain(parts.at(-1) ?? '');
}

function validateCertificate(field: string, certificate: V1PodCertificateProjection): FieldError[] {
  const { signerName, keyType, maxExpirationSeconds, credentialBundlePath, keyPath, certificateChainPath } = certificate;
  const errors = validateSignerName(`${field}.signerName`, signerName ?? '');
  if (!KEY_TYPES.includes(keyType)) errors.push(notSupported(`${field}.keyType`, keyType ?? '', KEY_TYPES));
  if (maxExpirationSeconds !== undefined && maxExpirationSeconds < HOUR) errors.push(invalid(`${field}.maxExpirationSeconds`, maxExpirationSeconds, 'if provided, maxExpirationSeconds must be >= 3600'));
  if (maxExpirationSeconds !== undefined && maxExpirationSeconds > MAX_CERTIFICATE_LIFETIME) errors.push(invalid(`${field}.maxExpirationSeconds`, maxExpirationSeconds, `if provided, maxExpirationSeconds must be <= ${MAX_CERTIFICATE_LIFETIME}`));
  if (!credentialBundlePath && !keyPath && !certificateChainPath) errors.push(required(field, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'));
  for (const [name, path] of Object.entries({ credentialBundlePath, keyPath, certificateChainPath })) if (path) append(errors, localNonReservedPath(`${field}.${name}`, path));
  return errors;
}
