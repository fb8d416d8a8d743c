import { X509Certificate } from 'node:crypto';
import { invalid, type FieldError } from '../fieldError.ts';

const BLOCK = /-----BEGIN ([^\r\n-]+)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----/g;

/** Whether certificates can be taken from a bundle, in base64 of PEM as objects carry it (`webhook.ValidateCABundle`); none is no fault. */
export function validateCaBundle(field: string, bundle: string | undefined): FieldError[] {
  if (!bundle) return [];
  const fault = bundleFault(Buffer.from(bundle, 'base64').toString('latin1'));
  return fault === undefined ? [] : [invalid(field, bundle, `unable to load root certificates: ${fault}`)];
}

/** One certificate that can be read is enough; of others, the first fault is told. */
function bundleFault(pem: string): string | undefined {
  let fault: string | undefined;
  for (const [, type, content = ''] of pem.matchAll(BLOCK)) {
    if (type !== 'CERTIFICATE' || content.includes(':')) continue;
    try {
      void new X509Certificate(Buffer.from(content, 'base64'));
      return undefined;
    } catch {
      fault ??= 'failed to parse certificate: x509: malformed certificate';
    }
  }
  return fault ?? 'unable to parse bytes as PEM block';
}
