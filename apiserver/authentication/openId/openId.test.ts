import { generateKeyPairSync } from 'node:crypto';
import { FakeClock } from '../../../process/fakeClock.ts';
import { type JwtClaims, signJwt, type VerificationKey, verificationKey } from '../../../process/jwt.ts';
import type { UserInfo } from '../../types.ts';
import { type JwtConfiguration, readAuthenticationConfiguration } from './authenticationConfiguration.ts';
import { claimLanguage } from './celClaims.ts';
import { atOnce } from '../../../api/cel/atOnce.ts';
import { claimMapping } from './claimMapping.ts';
import type { IssuerKeys } from './issuerKeys.ts';
import { JwtAuthenticator } from './jwtAuthenticator.ts';
import { jwtOfFlags, type OidcSettings } from './oidcSettings.ts';
import { validateAuthenticationConfiguration } from './validateAuthenticationConfiguration.ts';

const issuer = { url: 'https://issuer.example', audiences: ['app'] };
const username = { claim: 'sub', prefix: 'x:' };
const jwt = (change: Partial<JwtConfiguration> = {}): JwtConfiguration => ({ issuer, claimMappings: { username }, ...change });
const mapped = (change: Partial<JwtConfiguration>, claims: JwtClaims): UserInfo | string => {
  try {
    return atOnce(claimMapping(jwt(change), claimLanguage)({ sub: 's1', ...claims }));
  } catch (error) {
    return (error as Error).message;
  }
};

describe('claims become a user', () => {
  test.each<[string, Partial<JwtConfiguration>, JwtClaims, UserInfo | string]>([
    ['by claims and prefixes', { claimMappings: { username, groups: { claim: 'roles', prefix: 'r:' }, uid: { claim: 'id' } } }, { roles: ['a', 'b'], id: '7' }, { name: 'x:s1', groups: ['r:a', 'r:b'], uid: '7' }],
    ['one group as a text', { claimMappings: { username, groups: { claim: 'roles', prefix: '' } } }, { roles: 'a' }, { name: 'x:s1', groups: ['a'] }],
    ['no groups', { claimMappings: { username, groups: { claim: 'roles', prefix: '' } } }, {}, { name: 'x:s1', groups: [] }],
    ['groups of another type', { claimMappings: { username, groups: { claim: 'roles', prefix: '' } } }, { roles: [1] }, 'oidc: parse groups claim "roles": json: cannot unmarshal array into Go value of type string'],
    ['groups that are a number', { claimMappings: { username, groups: { claim: 'roles', prefix: '' } } }, { roles: 42 }, 'oidc: parse groups claim "roles": json: cannot unmarshal number into Go value of type string'],
    ['no groups, in so many words', { claimMappings: { username, groups: { claim: 'roles', prefix: 'r:' } } }, { roles: null }, { name: 'x:s1', groups: [] }],
    ['the credential', {}, { jti: '1234' }, { name: 'x:s1', groups: [], extra: { 'authentication.kubernetes.io/credential-id': ['JTI=1234'] } }],
    ['a credential of another type', {}, { jti: 1234 }, { name: 'x:s1', groups: [] }],
    ['an empty name by a claim', { claimMappings: { username: { claim: 'login', prefix: '' } } }, { login: '' }, { name: '', groups: [] }],
    ['an empty name by an expression', { claimMappings: { username: { expression: 'claims.login' } } }, { login: '' }, 'oidc: empty username via CEL expression is not allowed'],
    ['an address whose mark is a text', { claimMappings: { username: { claim: 'email', prefix: '' } } }, { email: 'a@b.c', email_verified: 'false' }, "oidc: parse 'email_verified' claim: json: cannot unmarshal string into Go value of type bool"],
    ['an unverified address that is missing', { claimMappings: { username: { claim: 'email', prefix: '' } } }, { email_verified: false }, 'oidc: parse username claims "email": claim not present'],
    ['a further fact that is not there', { claimMappings: { username, extra: [{ key: 'a.b/c', valueExpression: 'claims.t' }] } }, {}, "expression 'claims.t' resulted in error: no such key: t"],
    ['a further fact of another type', { claimMappings: { username, extra: [{ key: 'a.b/c', valueExpression: 'claims.t' }] } }, { t: 1 }, 'oidc: error evaluating extra claim expression: claims.t: expression must return a string or a list of strings'],
    ['groups are found before the uid', { claimMappings: { username, groups: { expression: 'claims.g' }, uid: { claim: 'id' } } }, {}, "oidc: error evaluating group claim expression: expression 'claims.g' resulted in error: no such key: g"],
    ['required claims come before rules', { claimValidationRules: [{ expression: 'claims.a == 1' }, { claim: 'hd', requiredValue: 'x' }] }, {}, 'oidc: required claim hd not present in ID token'],
    ['all rules are evaluated before one fails', { claimValidationRules: [{ expression: "claims.sub == 'other'", message: 'm' }, { expression: 'claims.a == 1' }] }, {}, "oidc: error evaluating claim validation expression: expression 'claims.a == 1' resulted in error: no such key: a"],
    ['a claim that is null', { claimMappings: { username: { claim: 'login', prefix: 'l:' } } }, { login: null }, { name: 'l:', groups: [] }],
    ['no name', { claimMappings: { username: { claim: 'login', prefix: '' } } }, {}, 'oidc: parse username claims "login": claim not present'],
    ['an address', { claimMappings: { username: { claim: 'email', prefix: '' } } }, { email: 'a@b.c', email_verified: true }, { name: 'a@b.c', groups: [] }],
    ['an address that nobody has verified', { claimMappings: { username: { claim: 'email', prefix: '' } } }, { email: 'a@b.c', email_verified: false }, 'oidc: email not verified'],
    [
      'by expressions',
      {
        claimMappings: {
          username: { expression: "claims.given + '.' + claims.family" },
          groups: { expression: "claims.roles.split(',')" },
          uid: { expression: 'claims.id' },
          extra: [{ key: 'example.org/tenant', valueExpression: 'claims.tenant' }, { key: 'example.org/none', valueExpression: "claims.?none.orValue('')" }],
        },
      },
      { given: 'jane', family: 'doe', roles: 'a,,b', id: '7', tenant: ['t1', 't2'] },
      { name: 'jane.doe', groups: ['a', 'b'], uid: '7', extra: { 'example.org/tenant': ['t1', 't2'] } },
    ],
    ['a name that is no text', { claimMappings: { username: { expression: 'claims.id' } } }, { id: 7 }, 'oidc: error evaluating username claim expression: username claim expression must return a string'],
    ['a claim that is not there', { claimMappings: { username: { expression: 'claims.login' } } }, {}, "oidc: error evaluating username claim expression: expression 'claims.login' resulted in error: no such key: login"],
    ['groups that are none', { claimMappings: { username, groups: { expression: 'claims.n' } } }, { n: 1 }, 'oidc: error evaluating group claim expression: expression must return a string or a list of strings'],
    ['a required claim', { claimValidationRules: [{ claim: 'hd', requiredValue: 'example.com' }] }, { hd: 'other' }, 'oidc: required claim hd value does not match. Got = other, want = example.com'],
    ['a required claim that is missing', { claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] }, {}, 'oidc: required claim hd not present in ID token'],
    ['a rule about the token', { claimValidationRules: [{ expression: 'claims.exp - claims.nbf <= 86400', message: 'too long' }] }, { exp: 100_000, nbf: 1 }, "oidc: error evaluating claim validation expression: validation expression 'claims.exp - claims.nbf <= 86400' failed: too long"],
    ['a rule about the user', { userValidationRules: [{ expression: "!user.username.startsWith('x:')", message: 'reserved' }] }, {}, "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('x:')' failed: reserved"],
    ['a rule that holds', { userValidationRules: [{ expression: "user.groups.all(g, !g.startsWith('system:')) && user.uid == ''" }] }, {}, { name: 'x:s1', groups: [] }],
  ])('%s', (_, change, claims, expected) => expect(mapped(change, claims)).toEqual(expected));

  test('in turns, where an expression has much to do', () => {
    const roles = Array.from({ length: 400 }, (_, index) => `r${index}`);
    const change = { claimMappings: { username, groups: { expression: 'claims.roles.filter(a, claims.roles.exists(b, a < b))' } } };
    const work = claimMapping(jwt(change), claimLanguage)({ sub: 's1', roles });
    let turns = 1;
    let step = work.next();
    for (; !step.done; step = work.next()) turns += 1;
    expect(turns).toBeGreaterThan(1);
    expect(step.value.groups).toHaveLength(399);
  });
});

describe('the configuration file', () => {
  const faults = (change: Partial<JwtConfiguration>, ...more: JwtConfiguration[]): string[] =>
    validateAuthenticationConfiguration({ jwt: [jwt(change), ...more] }, claimLanguage, ['https://own']).map(({ field, message }) => `${field}: ${message}`);
  const mapping = (claimMappings: Partial<JwtConfiguration['claimMappings']>): Partial<JwtConfiguration> => ({ claimMappings: { username, ...claimMappings } });

  test.each<[Partial<JwtConfiguration>, string[]]>([
    [{}, []],
    [{ issuer: { audiences: ['a'] } }, ['jwt[0].issuer.url: Required value']],
    [{ issuer: { url: 'http://x', audiences: ['a'] } }, ['jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https']],
    [{ issuer: { url: 'https://u:p@x/?a=b#c', audiences: ['a'] } }, ['jwt[0].issuer.url: Invalid value: "https://u:p@x/?a=b#c": URL must not contain a username or password', 'jwt[0].issuer.url: Invalid value: "https://u:p@x/?a=b#c": URL must not contain a query', 'jwt[0].issuer.url: Invalid value: "https://u:p@x/?a=b#c": URL must not contain a fragment']],
    [{ issuer: { url: 'https://own', audiences: ['a'] } }, ['jwt[0].issuer.url: Invalid value: "https://own": URL must not overlap with disallowed issuers: [https://own]']],
    [{ issuer: { url: 'https://issuer:invalid-port', audiences: ['a'] } }, ['jwt[0].issuer.url: Invalid value: "https://issuer:invalid-port": parse "https://issuer:invalid-port": invalid port ":invalid-port" after host']],
    [{ issuer: { ...issuer, discoveryURL: 'https://issuer.example/' } }, ['jwt[0].issuer.discoveryURL: Invalid value: "https://issuer.example/": discoveryURL must be different from URL']],
    [{ issuer: { url: 'https://x' } }, ['jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required']],
    [{ issuer: { url: 'https://x', audiences: ['a', 'b'] } }, ['jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences']],
    [{ issuer: { ...issuer, certificateAuthority: 'x' } }, ['jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates']],
    [mapping({ username: {} }), ['jwt[0].claimMappings.username: Required value: claim or expression is required']],
    [mapping({ username: { claim: 'sub' } }), ['jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing']],
    [mapping({ username: { claim: 'sub', expression: 'claims.sub' } }), ['jwt[0].claimMappings.username: Invalid value: "": claim and expression can\'t both be set']],
    [mapping({ username: { expression: 'claims.email' } }), [expect.stringMatching(/^jwt\[0\]\.claimMappings\.username\.expression: Invalid value: "claims\.email": claims\.email_verified must be used in/)]],
    [mapping({ username: { expression: 'claims.email' }, extra: [{ key: 'a.b/c', valueExpression: 'string(claims.email_verified)' }] }), []],
    [mapping({ extra: [{ key: 'Foo', valueExpression: 'claims.a' }] }), ['jwt[0].claimMappings.extra[0].key: Invalid value: "Foo": must be a domain-prefixed path (such as "acme.io/foo")', 'jwt[0].claimMappings.extra[0].key: Invalid value: "Foo": must be lowercase']],
    [mapping({ extra: [{ key: 'a.b/c d', valueExpression: 'claims.a' }] }), ['jwt[0].claimMappings.extra[0].key: Invalid value: "c d": Invalid path (regex used for validation is \'[A-Za-z0-9/\\-._~%!$&\'()*+,;=:]+\')']],
    [mapping({ extra: [{ key: 'x.k8s.io/a', valueExpression: '' }] }), ['jwt[0].claimMappings.extra[0].key: Invalid value: "x.k8s.io/a": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use', 'jwt[0].claimMappings.extra[0].valueExpression: Required value']],
    [{ claimValidationRules: [{}] }, ['jwt[0].claimValidationRules[0]: Required value: claim or expression is required']],
    [{ claimValidationRules: [{ claim: 'a', message: 'm' }, { claim: 'a' }] }, ['jwt[0].claimValidationRules[0].message: Invalid value: "m": may not be specified when claim is set', 'jwt[0].claimValidationRules[1].claim: Duplicate value: "a"']],
    [{ claimValidationRules: [{ expression: "'a'" }] }, ['jwt[0].claimValidationRules[0].expression: Invalid value: "\'a\'": must evaluate to bool']],
    [{ userValidationRules: [{ expression: '' }] }, ['jwt[0].userValidationRules[0].expression: Required value']],
    [{ userValidationRules: [{ expression: 'user.name == 1' }] }, [expect.stringMatching(/compilation failed: ERROR: <input>:1:5: undefined field 'name'/)]],
  ])('%j', (change, expected) => expect(faults(change)).toEqual(expected));

  test('issuers are named once, and anonymous requests are on where they are limited', () => {
    expect(faults({}, jwt())).toEqual(['jwt[1].issuer.url: Duplicate value: "https://issuer.example"']);
    expect(validateAuthenticationConfiguration({ anonymous: { conditions: [{ path: '/livez' }] } }, claimLanguage, [])[0]?.message).toBe('Invalid value: [{"Path":"/livez"}]: enabled should be set to true when conditions are defined');
  });

  test('is read strictly', () => {
    const text = (jwtText: string): string => `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt: ${jwtText}\n`;
    expect(readAuthenticationConfiguration(text('[{issuer: {url: "https://x", audiences: [a]}}]'))).toEqual({ jwt: [{ issuer: { url: 'https://x', audiences: ['a'] }, claimMappings: { username: {} } }] });
    expect(() => readAuthenticationConfiguration(text('[{issuers: {}}]'))).toThrow('strict decoding error: unknown field "jwt[0].issuers"');
    expect(() => readAuthenticationConfiguration(text('[{issuer: {audiences: a}}]'))).toThrow('json: cannot unmarshal string into Go struct field Issuer.jwt.issuer.audiences of type []string');
  });
});

test('the flags say the same in fewer words', () => {
  const settings: OidcSettings = { issuerUrl: 'https://x', clientId: 'app', usernameClaim: 'sub', usernamePrefix: '', groupsClaim: 'g', groupsPrefix: 'p:', signingAlgorithms: ['RS256'], requiredClaims: { hd: 'h' } };
  expect(jwtOfFlags(settings)).toEqual({
    issuer: { url: 'https://x', audiences: ['app'] },
    claimMappings: { username: { claim: 'sub', prefix: 'https://x#' }, groups: { claim: 'g', prefix: 'p:' } },
    claimValidationRules: [{ claim: 'hd', requiredValue: 'h' }],
  });
  expect(jwtOfFlags({ ...settings, usernameClaim: 'email' }).claimMappings.username.prefix).toBe('');
  expect(jwtOfFlags({ ...settings, usernamePrefix: '-' }).claimMappings.username.prefix).toBe('');
});

describe('ID tokens', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const clock = new FakeClock();
  const now = clock.now() / 1000;
  const keys = { for: async (): Promise<readonly VerificationKey[]> => [verificationKey(key)], close: () => undefined } as unknown as IssuerKeys;
  const refusal = async (claims: JwtClaims, algorithms = ['RS256'], token = signJwt({ iss: issuer.url, aud: 'app', exp: now + 60, sub: 's', ...claims }, key)): Promise<string | undefined> => {
    const authenticator = new JwtAuthenticator({ issuer: issuer.url, audiences: ['app', 'web'], algorithms, mapping: claimMapping(jwt(), claimLanguage), apiAudiences: ['api'] }, keys, clock);
    try {
      return (await authenticator.authenticateToken(token))?.user.name;
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each<[JwtClaims, string | undefined]>([
    [{}, 'x:s'],
    [{ aud: ['other', 'web'] }, 'x:s'],
    [{ iss: 'https://other' }, undefined],
    [{ aud: 'other' }, 'oidc: verify token: oidc: expected audience in ["app" "web"] got ["other"]'],
    [{ exp: now - 1 }, 'oidc: verify token: oidc: token is expired (Token Expiry: 2025-12-31 23:59:59 +0000 UTC)'],
    [{ exp: undefined }, 'oidc: verify token: oidc: token is expired (Token Expiry: 0001-01-01 00:00:00 +0000 UTC)'],
    [{ nbf: now + 200 }, 'x:s'],
    [{ nbf: now + 400 }, 'oidc: verify token: oidc: current time 2026-01-01 00:00:00 +0000 UTC before the nbf (not before) time: 2026-01-01 00:06:40 +0000 UTC'],
    [{ _claim_names: { groups: 'src1' } }, 'oidc: verify token: oidc: source does not exist'],
    [{ _claim_names: { groups: 'src1' }, _claim_sources: { src1: { JWT: 'a.b.c' } } }, 'x:s'],
  ])('%j', async (claims, expected) => expect(await refusal(claims)).toBe(expected));

  test('must be signed by the issuer, by an algorithm that is allowed', async () => {
    expect(await refusal({}, ['ES256'])).toBe('oidc: verify token: oidc: id token signed with unsupported algorithm, expected ["ES256"] got "RS256"');
    // What it says of itself is looked at first: no key is asked for.
    expect(await refusal({ exp: now - 1 }, ['ES256'])).toContain('token is expired');
    const forged = signJwt({ iss: issuer.url, aud: 'app', exp: now + 60, sub: 's' }, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
    expect(await refusal({}, ['RS256'], forged)).toBe('oidc: verify token: failed to verify signature: failed to verify id token signature');
  });
});
