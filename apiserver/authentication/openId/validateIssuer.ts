import { X509Certificate } from 'node:crypto';
import { append, duplicate, type FieldError, invalid, required } from '../../../api/fieldError.ts';
import { goUrlFault, parseGoUrl } from '../../../api/values/goUrl.ts';
import { goStrings } from '../../../api/values/goPrint.ts';
import type { IssuerConfiguration } from './authenticationConfiguration.ts';

/** `validateIssuer`. */
export function issuerFaults(field: string, issuer: IssuerConfiguration, disallowed: readonly string[]): FieldError[] {
  const { url = '', discoveryURL = '', certificateAuthority = '', egressSelectorType = '' } = issuer;
  const errors = url === '' ? [required(`${field}.url`)] : urlFaults(`${field}.url`, url, disallowed);
  if (discoveryURL !== '') {
    if (url !== '' && trimmed(url) === trimmed(discoveryURL)) errors.push(invalid(`${field}.discoveryURL`, discoveryURL, 'discoveryURL must be different from URL'));
    append(errors, urlFaults(`${field}.discoveryURL`, discoveryURL, []));
  }
  append(errors, audienceFaults(field, issuer));
  const why = certificateAuthority === '' ? undefined : whyNotBundle(certificateAuthority);
  if (why !== undefined) errors.push(invalid(`${field}.certificateAuthority`, '<omitted>', why));
  if (egressSelectorType !== '' && egressSelectorType !== 'controlplane' && egressSelectorType !== 'cluster') errors.push(invalid(`${field}.egressSelectorType`, egressSelectorType, 'egress selector must be either controlplane or cluster'));
  return errors;
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');

function urlFaults(field: string, text: string, disallowed: readonly string[]): FieldError[] {
  const errors = disallowed.includes(text) ? [invalid(field, text, `URL must not overlap with disallowed issuers: ${goStrings(disallowed.toSorted()).replaceAll('"', '')}`)] : [];
  const fault = goUrlFault(text);
  if (fault !== undefined) return [...errors, invalid(field, text, fault)];
  const { scheme, user, query, fragment } = parseGoUrl(text);
  if (scheme !== 'https') errors.push(invalid(field, text, 'URL scheme must be https'));
  if (user !== undefined) errors.push(invalid(field, text, 'URL must not contain a username or password'));
  if (query !== '') errors.push(invalid(field, text, 'URL must not contain a query'));
  if (fragment !== '') errors.push(invalid(field, text, 'URL must not contain a fragment'));
  return errors;
}

function audienceFaults(field: string, { audiences = [], audienceMatchPolicy: policy = '' }: IssuerConfiguration): FieldError[] {
  if (audiences.length === 0) return [required(`${field}.audiences`, `at least one ${field}.audiences is required`)];
  const errors = audiences.flatMap((audience, index) => [
    ...(audience === '' ? [required(`${field}.audiences[${index}]`)] : []),
    ...(audiences.indexOf(audience) < index ? [duplicate(`${field}.audiences[${index}]`, audience)] : []),
  ]);
  if (audiences.length > 1 && policy !== 'MatchAny') errors.push(invalid(`${field}.audienceMatchPolicy`, policy, 'audienceMatchPolicy must be MatchAny for multiple audiences'));
  if (audiences.length === 1 && policy !== '' && policy !== 'MatchAny') errors.push(invalid(`${field}.audienceMatchPolicy`, policy, 'audienceMatchPolicy must be empty or MatchAny for single audience'));
  return errors;
}

function whyNotBundle(pem: string): string | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'data does not contain any valid RSA or ECDSA certificates';
  try {
    for (const block of blocks) new X509Certificate(block).checkIssued(new X509Certificate(block));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
