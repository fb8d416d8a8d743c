import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KubeObject } from '../../api/meta.ts';
import { FakeClock } from '../../process/fakeClock.ts';
import type { StoredObject, WatchCache } from '../storage/types.ts';
import { parseRequestInfo } from '../request/requestInfo.ts';
import type { ApiRequest, UserInfo } from '../types.ts';
import { withoutToken } from './webSocketToken.ts';
import { BearerTokenAuthenticator, reviewToken, TokenError } from './bearerToken.ts';
import { jsonWebKeySet, readClaims, signJwt } from '../../process/jwt.ts';
import { silentLogger } from '../../process/log.ts';
import { BoundTokenAuthenticator } from './serviceAccounts/boundTokens.ts';
import { SecretTokenAuthenticator } from './serviceAccounts/secretTokens.ts';
import { ServiceAccountTokens, type TokenSettings } from './serviceAccounts/serviceAccountTokens.ts';
import { StaticTokenAuthenticator } from './tokenFile.ts';
import { BootstrapTokenAuthenticator } from './tokenSorts.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** Memory that learns of `late` objects only when it is asked to catch up. */
class Memory {
  readonly objects = new Map<string, object>();
  readonly late = new Map<string, object>();

  get(key: string): StoredObject | undefined {
    const object = this.objects.get(key);
    return object && { key, object: object as KubeObject, revision: 1, bytes: Buffer.alloc(0) };
  }

  async consistent(): Promise<number> {
    for (const [key, object] of this.late) this.objects.set(key, object);
    return 1;
  }
}

interface Built {
  readonly memory: Memory;
  readonly clock: FakeClock;
  readonly tokens: ServiceAccountTokens;
  readonly marked: string[];
  readonly warnings: string[];
  readonly annotations: string[];
  /** Undefined for a token that is refused. */
  readonly whoIs: (token: string, audiences?: readonly string[]) => Promise<UserInfo | undefined>;
  /** Why it is refused. */
  readonly refusal: (token: string, audiences?: readonly string[]) => Promise<string | undefined>;
}

function build(privateKey: KeyObject = ec, settings: Partial<TokenSettings> = {}): Built {
  const memory = new Memory();
  memory.objects.set('/registry/serviceaccounts/web/bot', { metadata: { name: 'bot', uid: 'bot-1' } });
  const clock = new FakeClock();
  const tokens = new ServiceAccountTokens({ issuers: [issuer], audiences: [issuer], privateKey, ...settings }, clock);
  const cache = memory as unknown as WatchCache;
  const marked: string[] = [];
  const warnings: string[] = [];
  const annotations: string[] = [];
  const sorts = [new SecretTokenAuthenticator(tokens, cache, clock, async ({ metadata }, day) => void marked.push(`${metadata.name} ${day}`)), new BoundTokenAuthenticator(tokens, cache, clock)];
  const asked = async (token: string, audiences?: readonly string[]): Promise<UserInfo | string> => {
    try {
      return (await reviewToken(sorts, token, audiences, { warn: (message) => void warnings.push(message), annotate: (key, value) => void annotations.push(`${key}=${value}`) })).user;
    } catch (error) {
      if (error instanceof TokenError) return error.message;
      throw error;
    }
  };
  return {
    memory, clock, tokens, marked, warnings, annotations,
    whoIs: async (token, audiences) => {
      const answer = await asked(token, audiences);
      return typeof answer === 'string' ? undefined : answer;
    },
    refusal: async (token, audiences) => {
      const answer = await asked(token, audiences);
      return typeof answer === 'string' ? /^\[invalid bearer token, (.*)\]$/.exec(answer)?.[1] : undefined;
    },
  };
}

const bot = { namespace: 'web', name: 'bot', uid: 'bot-1' };
const boundToPod = { ...bot, bound: { kind: 'Pod' as const, name: 'p', uid: 'p-1' }, node: { name: 'n', uid: 'n-1' } };

describe('ServiceAccount tokens', () => {
  test.each([['RS256', rsa], ['ES256', ec]])('are signed by %s, with Kubernetes\' claims, and tell who asks', async (algorithm, key) => {
    const { tokens, whoIs } = build(key);
    const { token } = tokens.issue(bot, [], 600);
    expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())).toMatchObject({ alg: algorithm, kid: tokens.keys[0]?.id });
    expect(readClaims(token)).toMatchObject({ iss: issuer, aud: [issuer], sub: 'system:serviceaccount:web:bot', 'kubernetes.io': { namespace: 'web', serviceaccount: { name: 'bot', uid: 'bot-1' } } });
    expect(await whoIs(token)).toMatchObject({ name: 'system:serviceaccount:web:bot', uid: 'bot-1', groups: ['system:serviceaccounts', 'system:serviceaccounts:web'] });
    expect(jsonWebKeySet(tokens.keys).keys[0]).toMatchObject({ use: 'sig', alg: algorithm, kid: tokens.keys[0]?.id });
    expect(jsonWebKeySet(tokens.keys).keys[0]).not.toHaveProperty('d');
  });

  test('end in time, and are good for their audiences only', async () => {
    const { tokens, clock, whoIs, refusal } = build();
    const { token } = tokens.issue(bot, ['vault'], 600);
    expect(await refusal(token)).toBe(`token audiences ["vault"] is invalid for the target audiences ["${issuer}"]`);
    expect(await whoIs(token, ['vault'])).toBeDefined();
    // Clocks may differ by a minute.
    await clock.advance(659_000);
    expect(await whoIs(token, ['vault'])).toBeDefined();
    await clock.advance(2_000);
    expect(await refusal(token, ['vault'])).toBe('service account token has expired');
  });

  test('are refused when forged: another key, other claims, no algorithm', async () => {
    const { tokens, whoIs } = build();
    const { token } = tokens.issue(bot, [], 600);
    const [head = '', body = '', signature = ''] = token.split('.');
    const root = Buffer.from(JSON.stringify({ ...readClaims(token), sub: 'root' })).toString('base64url');
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const foreign = build(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey).tokens.issue(bot, [], 600).token;
    for (const forged of [`${head}.${root}.${signature}`, `${none}.${body}.`, `${none}.${body}.${signature}`, foreign, 'a.b.c', 'x', `${head}.${body}`]) expect(await whoIs(forged)).toBeUndefined();
  });

  test('die with the pod that they are bound to', async () => {
    const { memory, tokens, clock, whoIs } = build();
    const pod = '/registry/pods/web/p';
    const { token } = tokens.issue(boundToPod, [], 600);
    expect(await whoIs(token)).toBeUndefined();
    memory.objects.set(pod, { metadata: { name: 'p', uid: 'p-1' } });
    expect((await whoIs(token))?.extra).toMatchObject({ 'authentication.kubernetes.io/pod-name': ['p'], 'authentication.kubernetes.io/node-name': ['n'] });
    const gone = await whoIs(tokens.issue({ ...boundToPod, node: { name: 'gone' } }, [], 3600).token);
    expect(gone?.extra).toMatchObject({ 'authentication.kubernetes.io/node-name': ['gone'] });
    expect(gone?.extra).not.toHaveProperty(['authentication.kubernetes.io/node-uid']);
    memory.objects.set(pod, { metadata: { name: 'p', uid: 'p-2' } });
    expect(await whoIs(token)).toBeUndefined();
    memory.objects.set(pod, { metadata: { name: 'p', uid: 'p-1', deletionTimestamp: new Date(clock.now()).toISOString() } });
    expect(await whoIs(token)).toBeDefined();
    await clock.advance(61_000);
    expect(await whoIs(token)).toBeUndefined();
  });

  test('are not refused for an object that memory has not heard of yet', async () => {
    const { memory, tokens, whoIs } = build();
    memory.late.set('/registry/pods/web/p', { metadata: { name: 'p', uid: 'p-1' } });
    expect(await whoIs(tokens.issue(boundToPod, [], 600).token)).toBeDefined();
  });
});

describe('several issuers and keys, and long lives', () => {
  test('tokens of earlier issuers and keys stay good; new ones are of the first', async () => {
    const old = build(rsa, { issuers: ['https://old'] }).tokens.issue(bot, [issuer], 600).token;
    const { tokens, whoIs } = build(ec, { issuers: [issuer, 'https://old'], furtherKeys: [rsa] });
    expect(await whoIs(old)).toBeDefined();
    expect(readClaims(tokens.issue(bot, [], 600).token)?.['iss']).toBe(issuer);
    expect(await build(ec, { issuers: [issuer, 'https://old'] }).refusal(old)).toBe('invalid signature, no keys found');
  });

  test.each([
    ['a pod\'s, for the usual time', boundToPod, 3607, [], 365 * 86_400],
    ['a pod\'s, for another time', boundToPod, 3600, [], 3600],
    ['a pod\'s, for somebody else', boundToPod, 3607, ['vault'], 3607],
    ['nobody\'s', bot, 3607, [], 3607],
  ])('the life of a token: %s', (_, subject, seconds, audiences, life) => {
    const { tokens, clock } = build();
    const { token, expiresAt } = tokens.issue(subject, audiences, seconds);
    const now = clock.now() / 1000;
    expect(expiresAt).toBe((now + seconds) * 1000);
    const claims = readClaims(token);
    expect(claims?.['exp']).toBe(now + life);
    expect((claims?.['kubernetes.io'] as { warnafter?: number } | undefined)?.warnafter).toBe(life > seconds ? now + seconds : undefined);
  });

  test('one that lives on is told of in the audit when it should have been replaced', async () => {
    const { memory, tokens, clock, whoIs, annotations } = build();
    memory.objects.set('/registry/pods/web/p', { metadata: { name: 'p', uid: 'p-1' } });
    const { token } = tokens.issue(boundToPod, [], 3607);
    await clock.advance(3_600_000);
    expect(await whoIs(token)).toBeDefined();
    expect(annotations).toEqual([]);
    await clock.advance(12_500);
    expect(await whoIs(token)).toBeDefined();
    expect(annotations).toEqual(['authentication.k8s.io/stale-token=subject: system:serviceaccount:web:bot, seconds after warning threshold: 5']);
  });

  test('without the extension it ends when it says', () => {
    const { tokens, clock } = build(ec, { extend: false });
    expect(readClaims(tokens.issue(boundToPod, [], 3607).token)?.['exp']).toBe(clock.now() / 1000 + 3607);
  });
});

describe('tokens in Secrets', () => {
  const claims = { iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:web:bot', 'kubernetes.io/serviceaccount/namespace': 'web', 'kubernetes.io/serviceaccount/secret.name': 's', 'kubernetes.io/serviceaccount/service-account.name': 'bot', 'kubernetes.io/serviceaccount/service-account.uid': 'bot-1' };
  const token = signJwt(claims, ec);
  const key = '/registry/secrets/web/s';
  const secret = (labels: Record<string, string> = {}, text = token): object => ({ metadata: { name: 's', namespace: 'web', uid: 's-1', labels }, data: { token: Buffer.from(text).toString('base64') } });

  test('are good while the Secret holds them, and their use is noted down once a day', async () => {
    const { memory, whoIs, refusal, marked, warnings, annotations } = build();
    expect(await refusal(token)).toBe('Token has been invalidated');
    memory.objects.set(key, secret());
    expect(await whoIs(token)).toEqual({ name: 'system:serviceaccount:web:bot', uid: 'bot-1', groups: ['system:serviceaccounts', 'system:serviceaccounts:web'] });
    memory.objects.set(key, secret({ 'kubernetes.io/legacy-token-last-used': '2026-01-01' }));
    expect(await whoIs(token)).toBeDefined();
    expect(marked).toEqual(['s 2026-01-01']);
    expect(warnings).toEqual([]);
    expect(annotations).toEqual(['authentication.k8s.io/legacy-token-manual-secret=s', 'authentication.k8s.io/legacy-token-manual-secret=s']);
    memory.objects.set(key, secret({}, 'another'));
    expect(await refusal(token)).toBe("Token does not match server's copy");
  });

  test('count by themselves where nobody is to look whether they are still there', async () => {
    const { memory, tokens, clock } = build();
    const authenticator = new SecretTokenAuthenticator(tokens, memory as unknown as WatchCache, clock, async () => undefined, false);
    expect((await authenticator.authenticateToken(token))?.user.name).toBe('system:serviceaccount:web:bot');
    await expect(authenticator.authenticateToken(signJwt(claims, rsa))).rejects.toThrow(TokenError);
  });

  test('one that was made by itself is warned of; one that is marked invalid is refused', async () => {
    const { memory, whoIs, refusal, warnings, annotations } = build();
    memory.objects.set('/registry/serviceaccounts/web/bot', { metadata: { name: 'bot', uid: 'bot-1' }, secrets: [{ name: 's' }] });
    memory.objects.set(key, secret());
    expect(await whoIs(token)).toBeDefined();
    expect(warnings).toEqual(['Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.']);
    memory.objects.set(key, secret({ 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' }));
    expect(await refusal(token)).toMatch(/^the token in secret web\/s for service account web\/bot has been marked invalid\. Use tokens/);
    expect(annotations).toEqual(['authentication.k8s.io/legacy-token-autogenerated-secret=s', 'authentication.k8s.io/legacy-token-invalidated=s/web']);
    memory.objects.set(key, secret());
    memory.objects.set('/registry/serviceaccounts/web/bot', { metadata: { name: 'bot', uid: 'bot-2' } });
    expect(await refusal(token)).toBe('ServiceAccount UID (bot-2) does not match claim (bot-1)');
  });

  test.each([
    [{ sub: undefined }, 'sub claim is missing'],
    [{ sub: 'system:serviceaccount:web:other' }, 'sub claim is invalid'],
    [{ 'kubernetes.io/serviceaccount/secret.name': '' }, 'secretName claim is missing'],
  ])('say whose they are: %j', async (change, message) => {
    expect(await build().refusal(signJwt({ ...claims, ...change }, ec))).toBe(message);
  });
});

describe('bootstrap tokens', () => {
  const secret = (data: Record<string, string>): object => ({
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: 'bootstrap-token-abcdef' },
    data: Object.fromEntries(Object.entries({ 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', ...data }).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  });
  const ask = async (data: Record<string, string>, token = 'abcdef.0123456789abcdef'): Promise<UserInfo | undefined> => {
    const memory = new Memory();
    memory.late.set('/registry/secrets/kube-system/bootstrap-token-abcdef', secret(data));
    return (await new BootstrapTokenAuthenticator(memory as unknown as WatchCache, new FakeClock()).authenticateToken(token))?.user;
  };

  test('let nodes in', async () => {
    expect(await ask({ 'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token', expiration: '2026-01-02T00:00:00Z' })).toEqual({
      name: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token'],
    });
  });

  test('not with a wrong secret, after their time, or for another use', async () => {
    expect(await ask({}, 'abcdef.0123456789abcdee')).toBeUndefined();
    expect(await ask({ expiration: '2025-12-31T00:00:00Z' })).toBeUndefined();
    expect(await ask({ 'usage-bootstrap-authentication': 'false' })).toBeUndefined();
    expect(await ask({}, 'not-a-token')).toBeUndefined();
  });

  test('not with a time or a group that is none', async () => {
    expect(await ask({ expiration: '2026-01-02' })).toBeUndefined();
    expect(await ask({ 'auth-extra-groups': 'system:bootstrappers:foo,system:masters' })).toBeUndefined();
    expect(await ask({ 'auth-extra-groups': 'system:bootstrappers:foo,system:bootstrappers:bar,system:bootstrappers:foo' })).toMatchObject({ groups: ['system:bootstrappers', 'system:bootstrappers:bar', 'system:bootstrappers:foo'] });
  });
});

describe('bearer tokens', () => {
  const authenticator = new BearerTokenAuthenticator([new StaticTokenAuthenticator('s3cret,jane,u1,"dev,ops"\nplain,joe,u2\n')], silentLogger);
  const warned: string[] = [];
  const ask = (headers: ApiRequest['headers']): Promise<UserInfo | undefined> =>
    authenticator.authenticate({ method: 'GET', path: '/', query: new URLSearchParams(), headers, body: Buffer.alloc(0), remoteAddress: '', signal: new AbortController().signal }, { info: parseRequestInfo('GET', '/', new URLSearchParams()), warn: (message) => warned.push(message) });
  const shown = (token: string): string => `base64url.bearer.authorization.k8s.io.${Buffer.from(token, 'latin1').toString('base64url')}`;
  const socket = (...protocols: string[]): ApiRequest['headers'] => ({ upgrade: 'WebSocket', connection: 'keep-alive, Upgrade', 'sec-websocket-protocol': protocols.join(', ') });

  test('come in the header, or as a browser\'s WebSocket protocol', async () => {
    expect(await ask({ authorization: 'Bearer s3cret' })).toEqual({ name: 'jane', uid: 'u1', groups: ['dev', 'ops'] });
    expect(await ask({ authorization: ' bearer plain and more' })).toMatchObject({ name: 'joe', groups: [] });
    expect(await ask(socket('v5.channel.k8s.io', shown('s3cret')))).toMatchObject({ name: 'jane' });
    expect(await ask({ ...socket('v5.channel.k8s.io', shown('s3cret')), authorization: 'Bearer wrong' })).toMatchObject({ name: 'jane' });
  });

  test.each([
    ['t,jane,"u\n1","a, b"\n', { name: 'jane', uid: 'u\n1', groups: ['a', ' b'] }],
    ['\r\nt, "jane,u1\n', 'parse error on line 2, column 4: bare " in non-quoted-field'],
    ['t,jane,"u1\nx,y,z', 'record on line 1; parse error on line 2, column 6: extraneous or missing " in quoted-field'],
    ['t,jane', 'token file must have at least 3 columns (token, user name, user uid), found 2'],
  ])('the file %j', async (file, expected) => {
    const read = async (): Promise<unknown> => (await new StaticTokenAuthenticator(file).authenticateToken('t'))?.user;
    expect(await read().catch((error: Error) => error.message)).toEqual(expected);
  });

  test('nothing shown is nobody; a token that nobody knows is refused', async () => {
    expect(await ask({})).toBeUndefined();
    expect(await ask({ authorization: 'Basic abc' })).toBeUndefined();
    expect(await ask(socket('v5.channel.k8s.io', shown('')))).toBeUndefined();
    expect(await ask({ 'sec-websocket-protocol': `v5.channel.k8s.io, ${shown('s3cret')}` })).toBeUndefined();
    await expect(ask({ authorization: 'Bearer wrong' })).rejects.toMatchObject({ code: 401, message: 'Unauthorized' });
  });

  test.each([
    ['two tokens', [shown('s3cret'), shown('plain'), 'v5.channel.k8s.io']],
    ['padded', ['base64url.bearer.authorization.k8s.io.cGxhaW4=', 'v5.channel.k8s.io']],
    ['of no text', [shown('\xff'), 'v5.channel.k8s.io']],
    ['alone', [shown('s3cret')]],
    ['unknown', [shown('wrong'), 'v5.channel.k8s.io']],
  ])('in a WebSocket\'s protocols refused: %s', async (_, protocols) => {
    await expect(ask(socket(...protocols))).rejects.toMatchObject({ code: 401 });
  });

  test('a second space before the token is told, and shows nothing', async () => {
    expect(await ask({ authorization: 'Bearer  s3cret' })).toBeUndefined();
    expect(warned.splice(0)).toEqual(['the provided Authorization header contains extra space before the bearer token, and is ignored']);
  });
});

test('a WebSocket\'s token goes no further than to us', () => {
  expect(withoutToken('a,  base64url.bearer.authorization.k8s.io.eA,b')).toBe('a,b');
  expect(withoutToken('base64url.bearer.authorization.k8s.io.eA')).toBeUndefined();
  expect(withoutToken('a, b')).toBe('a, b');
});
