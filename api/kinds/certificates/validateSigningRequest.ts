import type { V1CertificateSigningRequest, V1CertificateSigningRequestCondition } from '../../generated/types.ts';
import { duplicate, invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../validation/names.ts';
import { deepEqual } from '../../values/deepEqual.ts';

const MIN_EXPIRATION_SECONDS = 600;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const USAGES = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system',
  'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
];
const DECISIONS = ['Approved', 'Denied', 'Failed'];

/** `ValidateCertificateSigningRequestCreate`. */
export function validateSigningRequest({ spec, status }: IncomingObject<V1CertificateSigningRequest>): FieldError[] {
  const request = spec?.request ?? '';
  const signerName = spec?.signerName ?? '';
  const { usages = [], expirationSeconds } = spec ?? {};
  const errors: FieldError[] = [];
  if (!isRequestPem(request)) errors.push(invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST'));
  if (usages.length === 0) errors.push(required('spec.usages'));
  for (const [index, usage] of usages.entries()) {
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES));
    if (usages.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage));
  }
  if (signerName === LEGACY_SIGNER) errors.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'));
  else errors.push(...validateSignerName('spec.signerName', signerName));
  if (expirationSeconds !== undefined && expirationSeconds < MIN_EXPIRATION_SECONDS) {
    errors.push(invalid('spec.expirationSeconds', expirationSeconds, `may not specify a duration less than ${MIN_EXPIRATION_SECONDS} seconds (10 minutes)`));
  }
  return [...errors, ...validateConditions(status?.conditions ?? [])];
}

/** The wire form is base64 of PEM. What is inside is for the signer to judge. */
function isRequestPem(request: string): boolean {
  const text = Buffer.from(request, 'base64').toString('latin1');
  return /-----BEGIN CERTIFICATE REQUEST-----\r?\n[\s\S]+-----END CERTIFICATE REQUEST-----/.test(text);
}

/** A domain and a path, e.g. `kubernetes.io/kubelet-serving` (`ValidateSignerName`). */
function validateSignerName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)];
  const [domain = '', path, ...more] = name.split('/');
  if (path === undefined || more.length > 0) return [invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const labels = domain.split('.');
  const errors = labels.flatMap((label) => validateDns1123Label(label).map((message) => invalid(field, domain, `validating label ${JSON.stringify(label)}: ${message}`)));
  if (labels.length < 2) errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  for (const part of path.split('.')) errors.push(...validateDns1123Subdomain(part).map((message) => invalid(field, path, `validating label ${JSON.stringify(part)}: ${message}`)));
  return errors;
}

/** A decision is made once, and for good. */
function validateConditions(conditions: readonly V1CertificateSigningRequestCondition[]): FieldError[] {
  const field = 'status.conditions';
  const types = conditions.map(({ type }) => type);
  return conditions.flatMap(({ type, status }, index) => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (!type) errors.push(required(`${path}.type`));
    else if (types.indexOf(type) < index) errors.push(duplicate(`${path}.type`, type));
    if (type === 'Denied' && types.includes('Approved')) errors.push(invalid(`${path}.type`, type, 'Approved and Denied conditions are mutually exclusive'));
    if (!status) errors.push(required(`${path}.status`));
    else if (DECISIONS.includes(type) && status !== 'True') errors.push(notSupported(`${path}.status`, status, ['True']));
    else if (!['False', 'True', 'Unknown'].includes(status)) errors.push(notSupported(`${path}.status`, status, ['False', 'True', 'Unknown']));
    return errors;
  });
}

/** What holds for each way of changing the status: conditions stay lawful, an issued certificate stays what it is. */
export function validateSigningStatusUpdate({ status }: IncomingObject<V1CertificateSigningRequest>, previous: V1CertificateSigningRequest): FieldError[] {
  const errors = validateConditions(status?.conditions ?? []);
  const before = previous.status?.certificate ?? '';
  if (before !== '' && !deepEqual(status?.certificate ?? '', before)) errors.push({ type: 'FieldValueForbidden', field: 'status.certificate', message: 'Forbidden: updates may not modify an existing certificate value' });
  for (const type of DECISIONS) {
    const had = previous.status?.conditions?.some((each) => each.type === type) ?? false;
    if (had && !status?.conditions?.some((each) => each.type === type)) errors.push({ type: 'FieldValueForbidden', field: 'status.conditions', message: `Forbidden: updates may not remove a condition of type ${JSON.stringify(type)}` });
  }
  return errors;
}
