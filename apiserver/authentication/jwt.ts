import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** A token that is no JWT of ours: malformed, of an unknown key, or with a wrong signature. */
export class JwtError extends Error {}

export type JwtClaims = Readonly<Record<string, unknown>>;

/** A public key as it is published, and found again by its id. */
export interface VerificationKey {
  readonly id: string;
  readonly algorithm: 'RS256' | 'ES256';
  readonly key: KeyObject;
}

/** `RS256` for RSA keys, `ES256` for P-256; the id is the hash of the public key, as Kubernetes makes it. */
export function verificationKey(key: KeyObject): VerificationKey {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { id: createHash('sha256').update(der).digest('base64url'), algorithm: publicKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256', key: publicKey };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signJwt(claims: JwtClaims, privateKey: KeyObject): string {
  const { id, algorithm } = verificationKey(privateKey);
  const signed = `${encode({ alg: algorithm, kid: id })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** The claims, without any check: to tell whose token it claims to be. Undefined for what is no JWT. */
export function readClaims(token: string): JwtClaims | undefined {
  const parts = token.split('.');
  return parts.length === 3 ? parsePart(parts[1]!) : undefined;
}

/** The claims of a token that one of these keys signed; times and audiences are the caller's to check. */
export function verifyJwt(token: string, keys: readonly VerificationKey[]): JwtClaims {
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = parsePart(head);
  const claims = parsePart(body);
  if (header === undefined || claims === undefined) throw new JwtError('malformed token');
  const candidates = keys.filter((each) => each.algorithm === header['alg'] && (header['kid'] === undefined || header['kid'] === each.id));
  const isSigned = candidates.some(({ key }) => verify('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')));
  if (!isSigned) throw new JwtError('the token is not signed by a known key');
  return claims;
}

function parsePart(text: string): JwtClaims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JwtClaims) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The published form of the keys (RFC 7517), at `/openid/v1/jwks`. */
export function jsonWebKeySet(keys: readonly VerificationKey[]): { readonly keys: readonly object[] } {
  return { keys: keys.map(({ id, algorithm, key }) => ({ use: 'sig', kid: id, alg: algorithm, ...key.export({ format: 'jwk' }) })) };
}
