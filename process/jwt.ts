import { constants, createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** A token that is no JWT, of an unknown key, or with a wrong signature. */
export class JwtError extends Error {}

export type JwtClaims = Readonly<Record<string, unknown>>;

/** RFC 7518, 3.1: what a signature may be made with; never `none`, and never a shared secret. */
export type JwtAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512';

interface AlgorithmRule {
  readonly hash: string;
  /** The one curve that goes with it; undefined: an RSA key. */
  readonly curve?: string;
  readonly pss?: true;
}

const ALGORITHMS: Readonly<Record<JwtAlgorithm, AlgorithmRule>> = {
  RS256: { hash: 'sha256' },
  RS384: { hash: 'sha384' },
  RS512: { hash: 'sha512' },
  PS256: { hash: 'sha256', pss: true },
  PS384: { hash: 'sha384', pss: true },
  PS512: { hash: 'sha512', pss: true },
  ES256: { hash: 'sha256', curve: 'prime256v1' },
  ES384: { hash: 'sha384', curve: 'secp384r1' },
  ES512: { hash: 'sha512', curve: 'secp521r1' },
};

export const JWT_ALGORITHMS = Object.keys(ALGORITHMS) as JwtAlgorithm[];

/** A public key as it is published, and found again by its id. */
export interface VerificationKey {
  /** `''`: the publisher gave it none. */
  readonly id: string;
  /** The only algorithm that it is for; undefined: whichever goes with its type. */
  readonly algorithm?: JwtAlgorithm;
  readonly key: KeyObject;
}

/** `RS256` for RSA keys, for others what goes with the curve; the id is the hash of the public key, as Kubernetes makes it. */
export function verificationKey(key: KeyObject): VerificationKey & { readonly algorithm: JwtAlgorithm } {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = JWT_ALGORITHMS.find((each) => fits(each, publicKey));
  if (algorithm === undefined) throw new JwtError('unknown public key type, must be RSA or ECDSA on P-256, P-384 or P-521');
  return { id: createHash('sha256').update(der).digest('base64url'), algorithm, key: publicKey };
}

function fits(algorithm: JwtAlgorithm, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  const { curve } = ALGORITHMS[algorithm];
  return curve === undefined ? asymmetricKeyType === 'rsa' : asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === curve;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** With the algorithm that goes with the key. */
export function signJwt(claims: JwtClaims, privateKey: KeyObject): string {
  const { id, algorithm } = verificationKey(privateKey);
  const signed = `${encode({ alg: algorithm, kid: id })}.${encode(claims)}`;
  const signature = sign(ALGORITHMS[algorithm].hash, Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** The claims, without any check: to tell whose token it claims to be. Undefined for what is no JWT. */
export function readClaims(token: string): JwtClaims | undefined {
  const parts = token.split('.');
  return parts.length === 3 ? parsePart(parts[1]!) : undefined;
}

/** The key id and algorithm that a token names, unchecked. Undefined for what is no JWT. */
export function readHeader(token: string): { readonly keyId: string; readonly algorithm: string } | undefined {
  const parts = token.split('.');
  const header = parts.length === 3 ? parsePart(parts[0]!) : undefined;
  if (!header) return undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { keyId: text(header['kid']), algorithm: text(header['alg']) };
}

/** The claims of a token that one of these keys signed by one of these algorithms; times and audiences are the caller's to check. Throws a JwtError. */
export function verifyJwt(token: string, keys: readonly VerificationKey[], algorithms: readonly string[] = JWT_ALGORITHMS): JwtClaims {
  const header = readHeader(token);
  const claims = readClaims(token);
  if (header === undefined || claims === undefined) throw new JwtError('malformed token');
  const algorithm = JWT_ALGORITHMS.find((each) => each === header.algorithm && algorithms.includes(each));
  if (algorithm === undefined) throw new JwtError(`unexpected signature algorithm ${JSON.stringify(header.algorithm)}; expected [${algorithms.map((each) => JSON.stringify(each)).join(' ')}]`);
  const candidates = keys.filter((each) => header.keyId === '' || each.id === '' || each.id === header.keyId);
  if (candidates.length === 0) throw new JwtError('invalid signature, no keys found');
  const usable = candidates.filter((each) => (each.algorithm === undefined || each.algorithm === algorithm) && fits(algorithm, each.key));
  if (!usable.some(({ key }) => isSigned(token, algorithm, key))) throw new JwtError('go-jose/go-jose: error in cryptographic primitive');
  return claims;
}

function isSigned(token: string, algorithm: JwtAlgorithm, key: KeyObject): boolean {
  const end = token.lastIndexOf('.');
  const { hash, pss } = ALGORITHMS[algorithm];
  const form = pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : { dsaEncoding: 'ieee-p1363' as const };
  return verify(hash, Buffer.from(token.slice(0, end)), { key, ...form }, Buffer.from(token.slice(end + 1), 'base64url'));
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

/** Reads what somebody publishes; keys for other uses, and of types that no token is signed with, are left out. Throws a JwtError. */
export function readJsonWebKeySet(value: unknown): readonly VerificationKey[] {
  const { keys } = (typeof value === 'object' && value !== null ? value : {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) throw new JwtError('failed to decode keys: not a JSON web key set');
  return keys.flatMap((each: unknown) => {
    const { kid, alg, use, kty } = (typeof each === 'object' && each !== null ? each : {}) as { readonly kid?: unknown; readonly alg?: unknown; readonly use?: unknown; readonly kty?: unknown };
    if ((kty !== 'RSA' && kty !== 'EC') || (use !== undefined && use !== 'sig')) return [];
    const algorithm = JWT_ALGORITHMS.find((known) => known === alg);
    if (alg !== undefined && algorithm === undefined) return [];
    return [{ id: typeof kid === 'string' ? kid : '', key: importKey(each as object), ...(algorithm === undefined ? {} : { algorithm }) }];
  });
}

function importKey(jwk: object): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch (error) {
    throw new JwtError(`failed to decode keys: ${(error as Error).message}`, { cause: error });
  }
}
