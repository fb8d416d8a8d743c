import { X509Certificate } from 'node:crypto';
import type { V1CertificateSigningRequest, V1CertificateSigningRequestCondition } from '../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { validateSignerName } from '../signerName.ts';
import { repeats } from '../../validation/fields.ts';

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
  const isSame = repeats();
  for (const [index, usage] of usages.entries()) {
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES));
    if (isSame(usage)) errors.push(duplicate(`spec.usages[${index}]`, usage));
  }
  if (signerName === LEGACY_SIGNER) errors.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'));
  else append(errors, validateSignerName('spec.signerName', signerName));
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

/** A decision is made once, and for good. */
function validateConditions(conditions: readonly V1CertificateSigningRequestCondition[]): FieldError[] {
  const field = 'status.conditions';
  const isSame = repeats();
  const isApproved = conditions.some(({ type }) => type === 'Approved');
  return conditions.flatMap(({ type, status }, index) => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (!type) errors.push(required(`${path}.type`));
    else if (isSame(type)) errors.push(duplicate(`${path}.type`, type));
    if (type === 'Denied' && isApproved) errors.push(invalid(`${path}.type`, type, 'Approved and Denied conditions are mutually exclusive'));
    if (!status) errors.push(required(`${path}.status`));
    else if (DECISIONS.includes(type) && status !== 'True') errors.push(notSupported(`${path}.status`, status, ['True']));
    else if (!['False', 'True', 'Unknown'].includes(status)) errors.push(notSupported(`${path}.status`, status, ['False', 'True', 'Unknown']));
    return errors;
  });
}

/** What one way of updating a request may set. */
interface UpdateRights {
  readonly decide?: boolean;
  readonly issue?: boolean;
}

type Incoming = IncomingObject<V1CertificateSigningRequest>;

export const validateSigningRequestUpdate = (object: Incoming, previous: V1CertificateSigningRequest): FieldError[] => validateUpdate(object, previous, {});
export const validateSigningStatusUpdate = (object: Incoming, previous: V1CertificateSigningRequest): FieldError[] => validateUpdate(object, previous, { issue: true });
export const validateApproval = (object: Incoming, previous: V1CertificateSigningRequest): FieldError[] => validateUpdate(object, previous, { decide: true });

/** `validateCertificateSigningRequestUpdate`; the request itself does not change, and is not judged again. */
function validateUpdate({ status }: Incoming, previous: V1CertificateSigningRequest, { decide = false, issue = false }: UpdateRights): FieldError[] {
  const errors = [...validateCertificate(status?.certificate, previous), ...validateConditions(status?.conditions ?? [])];
  const count = (conditions: readonly V1CertificateSigningRequestCondition[] | undefined, type: string): number => (conditions ?? []).filter((each) => each.type === type).length;
  const grown = DECISIONS.map((type) => ({ type, change: count(status?.conditions, type) - count(previous.status?.conditions, type) }));
  for (const { type, change } of grown) if (change < 0) errors.push(forbidden('status.conditions', `updates may not remove a condition of type ${JSON.stringify(type)}`));
  for (const { type, change } of grown) if (change > 0 && type !== 'Failed' && !decide) errors.push(forbidden('status.conditions', `updates may not add a condition of type ${JSON.stringify(type)}`));
  const before = previous.status?.certificate ?? '';
  if ((status?.certificate ?? '') === before) return errors;
  if (!issue) errors.push(forbidden('status.certificate', 'updates may not set certificate content'));
  else if (before !== '') errors.push(forbidden('status.certificate', 'updates may not modify existing certificate content'));
  return errors;
}

/** The wire form is base64 of PEM, certificates only. What was stored is not judged again. */
function validateCertificate(certificate: string | undefined, previous: V1CertificateSigningRequest): FieldError[] {
  if (!certificate || certificate === previous.status?.certificate) return [];
  const why = whyNotCertificates(Buffer.from(certificate, 'base64').toString('latin1'));
  return why === undefined ? [] : [invalid('status.certificate', '<certificate data>', why)];
}

function whyNotCertificates(text: string): string | undefined {
  const blocks = [...text.matchAll(/-----BEGIN ([^-\r\n]+)-----\r?\n([\s\S]*?)-----END \1-----/g)];
  if (blocks.length === 0) return 'must contain one or more CERTIFICATE PEM blocks';
  for (const [, type = '', body = ''] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (body.includes(':')) return 'no PEM block headers are permitted';
    if (!isCertificate(body)) return 'x509: malformed certificate';
  }
  return undefined;
}

function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).raw.length > 0;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
