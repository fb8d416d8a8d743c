import { generateKeyPairSync } from 'node:crypto';
import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { readAuthenticationConfiguration } from '../../../apiserver/authentication/openId/authenticationConfiguration.ts';
import { claimLanguage } from '../../../apiserver/authentication/openId/celClaims.ts';
import { claimMapping } from '../../../apiserver/authentication/openId/claimMapping.ts';
import type { IssuerKeys } from '../../../apiserver/authentication/openId/issuerKeys.ts';
import { JwtAuthenticator } from '../../../apiserver/authentication/openId/jwtAuthenticator.ts';
import { systemClock } from '../../../process/clock.ts';
import { signJwt, verificationKey } from '../../../process/jwt.ts';
import { type Comparison, Differences } from './comparison.ts';
import type { Oracle } from './oracle.ts';

interface Identity {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[] | null;
  readonly extra: Readonly<Record<string, readonly string[]>> | null;
}

const ISSUER = 'https://issuer.example';
const USERNAMES = [{ claim: 'sub', prefix: '' }, { claim: 'sub', prefix: 'x:' }, { claim: 'email', prefix: '' }, { expression: 'claims.sub' }, { expression: "claims.email_verified ? claims.email : 'nobody'" }, { expression: "claims.?given.orValue('none') + string(claims.age)" }];
const GROUPS = [{}, { claim: 'groups', prefix: '' }, { claim: 'groups', prefix: 'g:' }, { expression: 'claims.groups' }, { expression: "claims.roles.split(',').map(role, 'r:' + role)" }];
// What `split` itself gives is refused by Kubernetes, against its documentation, and taken by Gantry.
const UIDS = [{}, { claim: 'id' }, { expression: 'claims.id' }, { expression: "string(claims.age) + '-' + claims.sub" }];
const EXTRAS = [[], [{ key: 'example.com/a', valueExpression: 'claims.groups' }], [{ key: 'example.com/a', valueExpression: "claims.?missing.orValue('')" }, { key: 'example.com/b', valueExpression: 'claims.id' }], [{ key: 'example.com/c', valueExpression: 'claims.nested.list' }]];
const CLAIM_RULES = [[], [{ claim: 'hd', requiredValue: 'x' }], [{ expression: 'claims.age > 5', message: 'too young' }], [{ expression: 'claims.exp - claims.iat < 7200', message: 'too long' }, { expression: "has(claims.hd) && claims.hd == 'x'", message: 'other domain' }]];
const USER_RULES = [[], [{ expression: "!user.username.startsWith('system:')", message: 'reserved' }], [{ expression: "user.groups.all(group, group != 'admins') && user.uid != ''", message: 'no' }]];
const CLAIMS: Readonly<Record<string, readonly unknown[]>> = {
  sub: ['jane', 'system:x', '', 7],
  email: ['j@x', '', null],
  email_verified: [true, false, 'true', 1],
  groups: [['a', 'b'], 'a', [], [1], null, '', ['a', ''], { a: 1 }],
  roles: ['a,b', '', ['x']],
  id: ['7', 7, '', null],
  age: [7, 3, 1.5, '7', null],
  hd: ['x', 'y', 1],
  given: ['j'],
  nested: [{ list: ['x'] }, {}, 'x'],
  jti: ['t1', 1],
  aud: ['app', ['app', 'more'], 'other', 7, []],
  iss: [`${ISSUER}/`],
  // Of a text in place of a time, each release of Go says something else.
  nbf: [9_999_999_999, 1],
  exp: [1, 4_000_000_000.5],
};

/** ID tokens by configurations with claims and with expressions: who is told from them, or why nobody is. */
export async function compareIdTokens(oracle: Oracle, random: ReturnType<typeof seededRandom>, rounds: number): Promise<Comparison> {
  const found = new Differences();
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = verificationKey(publicKey);
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: key.id, alg: 'ES256', use: 'sig' }] };
  for (let round = 0; round < rounds; round += 1) {
    const text = JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [{ issuer: { url: ISSUER, audiences: ['app'] }, claimMappings: { username: pick(USERNAMES), groups: pick(GROUPS), uid: pick(UIDS), extra: pick(EXTRAS) }, claimValidationRules: pick(CLAIM_RULES), userValidationRules: pick(USER_RULES) }],
    });
    const claims: Record<string, unknown> = { iss: ISSUER, aud: 'app', sub: 'jane', exp: 4_000_000_000, iat: 3_999_999_000, email: 'j@x', email_verified: true, groups: ['a', 'b'], roles: 'a,b', id: '7', age: 7, hd: 'x' };
    for (const name of Object.keys(CLAIMS)) {
      const turn = random();
      if (turn < 0.06) delete claims[name];
      else if (turn < (['aud', 'iss', 'nbf', 'exp'].includes(name) ? 0.08 : 0.2)) claims[name] = pick(CLAIMS[name]!);
    }
    const token = signJwt(claims, privateKey);
    const { value, error } = await oracle.ask<Identity>('idToken', { text, input: { keys: jwks, token } });
    const [jwt] = readAuthenticationConfiguration(text).jwt!;
    const authenticator = new JwtAuthenticator({ issuer: ISSUER, audiences: ['app'], algorithms: ['ES256'], mapping: claimMapping(jwt!, claimLanguage), apiAudiences: [] }, { for: async () => [key], close: () => undefined } as unknown as IssuerKeys, systemClock);
    const ours = await said(async () => (await authenticator.authenticateToken(token, []))?.user);
    const timeless = (answer: string): string => answer.replace(/current time .* before/, 'current time <now> before');
    found.compare([text, claims], timeless(ours), timeless(error === undefined ? shown(value) : `error: ${error}`));
  }
  return found;
}

async function said(read: () => Promise<{ readonly name: string; readonly uid?: string; readonly groups: readonly string[]; readonly extra?: Readonly<Record<string, readonly string[]>> } | undefined>): Promise<string> {
  try {
    const user = await read();
    return shown(user && { name: user.name, uid: user.uid ?? '', groups: user.groups, extra: user.extra ?? {} });
  } catch (error) {
    if (error instanceof Error) return `error: ${error.message}`;
    throw error;
  }
}

function shown(user: Identity | null | undefined): string {
  return user ? JSON.stringify([user.name, user.uid, user.groups ?? [], Object.entries(user.extra ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))]) : 'nobody';
}
