import { goStrings, jsonKind } from '../../../api/values/goPrint.ts';
import { isRecord } from '../../../api/values/isRecord.ts';
import { type JwtClaims, JwtError, type VerificationKey, verifyJwt } from '../../../process/jwt.ts';

/** go-oidc's leeway for `nbf`, in seconds. */
const LEEWAY_SECONDS = 300;
/** Google's tokens once named their issuer without the scheme. */
const GOOGLE = 'accounts.google.com';

/** Where a claim is to be had. */
export interface ClaimSource {
  /** `''`: it stands in the token, as a token of its own. */
  readonly url: string;
  /** `''`: none is needed. */
  readonly accessToken: string;
}

/** What an ID token must be. */
export interface IdTokenRule {
  readonly issuer: string;
  /** One of them must be the token's. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
}

/** Whose token it says it is. */
export function issuerOf(claims: JwtClaims | undefined): unknown {
  return claims?.['iss'] === GOOGLE ? `https://${GOOGLE}` : claims?.['iss'];
}

/** Checks the claims of a token before its keys are asked for: that it is whole, its issuer, its one audience, and the times; `now` in milliseconds. Throws a JwtError. */
export function checkIdToken(claims: JwtClaims, { issuer, audiences }: IdTokenRule, now: number): void {
  mustHaveTypes(claims);
  claimSources(claims);
  if (issuerOf(claims) !== issuer) throw new JwtError(`oidc: id token issued by a different provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(claims['iss'])}`);
  const [only] = audiences;
  if (only !== undefined && audiences.length === 1 && !audiencesOf(claims).includes(only)) throw new JwtError(`oidc: expected audience ${JSON.stringify(only)} got ${goStrings(audiencesOf(claims))}`);
  const seconds = now / 1000;
  const { exp, nbf } = claims;
  if (typeof exp !== 'number' || exp < seconds) throw new JwtError(`oidc: token is expired (Token Expiry: ${typeof exp === 'number' ? goTime(exp) : '0001-01-01 00:00:00 +0000 UTC'})`);
  if (typeof nbf === 'number' && seconds + LEEWAY_SECONDS < nbf) throw new JwtError(`oidc: current time ${goTime(seconds)} before the nbf (not before) time: ${goTime(nbf)}`);
}

const TEXTS: ReadonlySet<string> = new Set(['sub', 'nonce', 'at_hash']);
const TIMES: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf']);

/** The first claim of the wrong type is the one that is told. */
function mustHaveTypes(claims: JwtClaims): void {
  const fail = (why: string): JwtError => new JwtError(`oidc: failed to unmarshal claims: json: ${why}`);
  for (const [name, value] of Object.entries(claims)) {
    if (value === null || value === undefined) continue;
    if (TEXTS.has(name) && typeof value !== 'string') throw unfit(value, name, 'string');
    if (TIMES.has(name) && typeof value === 'string') throw fail(`invalid number literal, trying to unmarshal ${JSON.stringify(JSON.stringify(value))} into Number`);
    if (TIMES.has(name) && typeof value !== 'number') throw fail(`cannot unmarshal ${jsonKind(value)} into Go value of type json.Number`);
    if (name === 'aud' && typeof value !== 'string' && !Array.isArray(value)) throw fail(`cannot unmarshal ${jsonKind(value)} into Go value of type []string`);
  }
}

/** Checks who signed a token whose claims have been found right, and that one of several audiences is its own. Throws a JwtError. */
export function checkSignature(token: string, keys: readonly VerificationKey[], { audiences, algorithms }: IdTokenRule, algorithm: string): JwtClaims {
  if (!algorithms.includes(algorithm)) throw new JwtError(`oidc: id token signed with unsupported algorithm, expected ${goStrings(algorithms)} got ${JSON.stringify(algorithm)}`);
  const claims = signedClaims(token, keys, algorithms);
  const own = audiencesOf(claims);
  if (!own.some((each) => audiences.includes(each))) throw new JwtError(`oidc: expected audience in ${goStrings(audiences.toSorted())} got ${goStrings(own)}`);
  return claims;
}

function signedClaims(token: string, keys: readonly VerificationKey[], algorithms: readonly string[]): JwtClaims {
  try {
    return verifyJwt(token, keys, algorithms);
  } catch (error) {
    throw error instanceof JwtError ? new JwtError('failed to verify signature: failed to verify id token signature', { cause: error }) : error;
  }
}

const audiencesOf = (claims: JwtClaims): readonly string[] => [claims['aud']].flat().filter((each): each is string => typeof each === 'string');

/** Where claims are, by their names, that a token says are elsewhere (OpenID Connect Core 1.0, 5.6.2). Throws a JwtError. */
export function claimSources(claims: JwtClaims): ReadonlyMap<string, ClaimSource> {
  const names = record(claims, '_claim_names', 'map[string]string');
  const sources = record(claims, '_claim_sources', 'map[string]oidc.claimSource');
  return new Map(
    Object.entries(names).map(([claim, name]) => {
      if (typeof name !== 'string') throw unfit(name, '_claim_names', 'string');
      if (name === '') throw new JwtError('oidc: failed to obtain source from claim name');
      if (!Object.hasOwn(sources, name)) throw new JwtError('oidc: source does not exist');
      return [claim, sourceOf(sources[name])];
    }),
  );
}

function sourceOf(value: unknown): ClaimSource {
  if (!isRecord(value)) throw unfit(value, '_claim_sources', 'oidc.claimSource');
  const text = (name: string): string => {
    const found = value[name] ?? '';
    if (typeof found !== 'string') throw unfit(found, `_claim_sources.${name}`, 'string');
    return found;
  };
  return { url: text('endpoint'), accessToken: text('access_token') };
}

function record(claims: JwtClaims, name: string, type: string): Readonly<Record<string, unknown>> {
  const value = (Object.hasOwn(claims, name) ? claims[name] : undefined) ?? {};
  if (!isRecord(value)) throw unfit(value, name, type);
  return value;
}

const unfit = (value: unknown, field: string, type: string): JwtError => new JwtError(`oidc: failed to unmarshal claims: json: cannot unmarshal ${jsonKind(value)} into Go struct field idToken.${field} of type ${type}`);

/** As Go prints a time, to the second. */
function goTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : `${date.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}
