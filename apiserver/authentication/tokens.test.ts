import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KubeObject } from '../../api/meta.ts';
import { FakeClock } from '../../process/fakeClock.ts';
import type { StoredObject, WatchCache } from '../storage/types.ts';
import type { ApiRequest, UserInfo } from '../types.ts';
import { BearerTokenAuthenticator, reviewToken } from './bearerToken.ts';
import { jsonWebKeySet, readClaims } from './jwt.ts';
import { ServiceAccountTokens } from './serviceAccountTokens.ts';
import { BootstrapTokenAuthenticator, ServiceAccountTokenAuthenticator, StaticTokenAuthenticator } from './tokenSorts.ts';

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

function build(privateKey: KeyObject = ec): { memory: Memory; clock: FakeClock; tokens: ServiceAccountTokens; whoIs: (token: string, audiences?: readonly string[]) => Promise<UserInfo | undefined> } {
  const memory = new Memory();
  memory.objects.set('/registry/serviceaccounts/web/bot', { metadata: { name: 'bot', uid: 'bot-1' } });
  const clock = new FakeClock();
  const tokens = new ServiceAccountTokens({ issuer, audiences: [issuer], privateKey }, memory as unknown as WatchCache, clock);
  const sorts = [new ServiceAccountTokenAuthenticator(tokens)];
  return { memory, clock, tokens, whoIs: async (token, audiences) => (await reviewToken(sorts, token, audiences))?.user };
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
    const { tokens, clock, whoIs } = build();
    const { token } = tokens.issue(bot, ['vault'], 600);
    expect(await whoIs(token)).toBeUndefined();
    expect(await whoIs(token, ['vault'])).toBeDefined();
    await clock.advance(601_000);
    expect(await whoIs(token, ['vault'])).toBeUndefined();
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
});

describe('bearer tokens', () => {
  const authenticator = new BearerTokenAuthenticator([new StaticTokenAuthenticator('s3cret,jane,u1,"dev,ops"\nplain,joe,u2\n')]);
  const ask = (headers: ApiRequest['headers']): Promise<UserInfo | undefined> =>
    authenticator.authenticate({ method: 'GET', path: '/', query: new URLSearchParams(), headers, body: Buffer.alloc(0), remoteAddress: '', signal: new AbortController().signal });

  test('come in the header, or as a browser\'s WebSocket protocol', async () => {
    expect(await ask({ authorization: 'Bearer s3cret' })).toEqual({ name: 'jane', uid: 'u1', groups: ['dev', 'ops'] });
    expect(await ask({ authorization: 'bearer plain' })).toMatchObject({ name: 'joe', groups: [] });
    expect(await ask({ 'sec-websocket-protocol': `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${Buffer.from('s3cret').toString('base64url')}` })).toMatchObject({ name: 'jane' });
  });

  test('nothing shown is nobody; a token that nobody knows is refused', async () => {
    expect(await ask({})).toBeUndefined();
    expect(await ask({ authorization: 'Basic abc' })).toBeUndefined();
    await expect(ask({ authorization: 'Bearer wrong' })).rejects.toMatchObject({ code: 401, message: 'Unauthorized' });
  });
});

