import { execFileSync } from 'node:child_process';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { applyConfiguration, Encryption } from '../../apiserver/encryption/encryption.ts';
import { parseEncryptionConfiguration } from '../../apiserver/encryption/parseConfiguration.ts';
import { openStorage } from '../../apiserver/storage/openStorage.ts';
import type { OpenedStorage } from '../../apiserver/storage/openStorage.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { startHandlers } from '../rig/apiserver.ts';
import type { TestApi } from '../rig/apiserver.ts';
import { PATIENT } from '../rig/etcd.ts';
import { startKmsPlugin } from '../rig/kmsPlugin.ts';
import type { KmsPluginServer } from '../rig/kmsPlugin.ts';
import { eventually } from '../rig/processes.ts';

const stop = new AbortController();
const context = { clock: systemClock, logger: silentLogger, signal: stop.signal };
const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
const PATH = '/api/v1/namespaces/default/secrets';

let plugin: KmsPluginServer;
let encryption: Encryption;
let api: TestApi;

const configured = (resources: string): ReturnType<typeof applyConfiguration> =>
  applyConfiguration(parseEncryptionConfiguration(`apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n${resources}`, 'test.yaml'), context);
const providers = (text: string): string => `- resources: [secrets]\n  providers: ${text}\n`;
const KMS = (): string => `{kms: {apiVersion: v2, name: vault, endpoint: "${plugin.endpoint}", timeout: 60s}}`;
const CBC = `{aescbc: {keys: [{name: key1, secret: ${key(1)}}]}}`;

beforeAll(async () => {
  plugin = await startKmsPlugin('first');
  encryption = new Encryption(await configured(providers(`[${CBC}, {identity: {}}]`)));
  api = await startHandlers({}, { values: encryption });
  await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'default' } });
});

afterAll(async () => {
  stop.abort();
  await api.close();
  plugin.close();
});

const endpoint = (): string => api.etcd.endpoints[0]!;
const etcdctl = (words: readonly string[], input?: Buffer): Buffer => execFileSync('etcdctl', [`--endpoints=${endpoint()}`, '--dial-timeout=60s', '--command-timeout=60s', ...words], { env: { ...process.env, ETCDCTL_API: '3' }, ...(input ? { input } : {}) });
/** The value as etcd has it. */
const stored = (name: string, resource = 'secrets'): Buffer => etcdctl(['get', '--print-value-only', `/registry/${resource}/default/${name}`]).subarray(0, -1);
const make = (name: string): ReturnType<TestApi['request']> => api.request('POST', PATH, { metadata: { name }, stringData: { password: 'hunter2' } });
const touch = (name: string): ReturnType<TestApi['request']> => api.request('PATCH', `${PATH}/${name}`, {}, { 'content-type': 'application/merge-patch+json' });

/** Another API server on the same etcd. */
async function another(values: Encryption): Promise<OpenedStorage> {
  return openStorage({ endpoints: api.etcd.endpoints, ...PATIENT, values, compactionIntervalMilliseconds: 0 }, context);
}

test('etcd keeps what Kubernetes would: readable with the key alone, and nothing without it', async () => {
  expect((await make('cbc')).status).toBe(201);
  const value = stored('cbc');
  const prefix = 'k8s:enc:aescbc:v1:key1:';
  expect(value.subarray(0, prefix.length).toString()).toBe(prefix);
  expect(value.includes('hunter2') || value.includes(Buffer.from('hunter2').toString('base64'))).toBe(false);
  const decipher = createDecipheriv('aes-256-cbc', Buffer.alloc(32, 1), value.subarray(prefix.length, prefix.length + 16));
  const text = Buffer.concat([decipher.update(value.subarray(prefix.length + 16)), decipher.final()]).toString();
  expect(JSON.parse(text)).toMatchObject({ kind: 'Secret', data: { password: Buffer.from('hunter2').toString('base64') } });
  expect((await api.request('GET', `${PATH}/cbc`)).json.data.password).toBe(Buffer.from('hunter2').toString('base64'));
  await api.request('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'plain' }, data: { a: 'visible' } });
  expect(stored('plain', 'configmaps').toString()).toContain('visible');
});

test('what another program encrypted is read, listed and watched', async () => {
  const watch = api.watch(`${PATH}?watch=true&resourceVersion=0&fieldSelector=metadata.name=foreign`);
  const vector = Buffer.alloc(16, 9);
  const cipher = createCipheriv('aes-256-cbc', Buffer.alloc(32, 1), vector);
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'foreign', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' }, type: 'Opaque' };
  etcdctl(['put', '/registry/secrets/default/foreign'], Buffer.concat([Buffer.from('k8s:enc:aescbc:v1:key1:'), vector, cipher.update(JSON.stringify(object)), cipher.final()]));
  expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'foreign' } } });
  watch.stop();
  expect((await api.request('GET', PATH)).json.items.map((each: { metadata: { name: string } }) => each.metadata.name)).toContain('foreign');
});

test('another key: the first writes, both read, and a change of nothing writes anew', async () => {
  await make('rotated');
  const { json: before } = await api.request('GET', `${PATH}/rotated`);
  expect((await touch('rotated')).json.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  encryption.replace(await configured(providers(`[{secretbox: {keys: [{name: box, secret: ${key(2)}}]}}, ${CBC}, {identity: {}}]`)));
  expect((await api.request('GET', `${PATH}/rotated?resourceVersion=`)).json).toEqual(before);
  const { json: after } = await touch('rotated');
  expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
  expect(after.data).toEqual(before.data);
  expect(stored('rotated').toString('latin1')).toMatch(/^k8s:enc:secretbox:v1:box:/);
  expect((await touch('rotated')).json.metadata.resourceVersion).toBe(after.metadata.resourceVersion);
});

test('an object that nobody can read fails what includes it, and nothing else, until it can be read', async () => {
  etcdctl(['put', '/registry/secrets/default/lost'], Buffer.from('k8s:enc:aescbc:v1:unknown:xxxxxxxxxxxxxxxx'));
  const message = 'Internal error occurred: unable to transform key "/registry/secrets/default/lost": no matching key was found for the provided AES transformer';
  for (const path of [`${PATH}/lost`, PATH, '/api/v1/secrets', `${PATH}?watch=true`]) {
    expect([path, (await api.request('GET', path)).json ?? 'watch']).toMatchObject([path, path.includes('watch') ? 'watch' : { code: 500, reason: 'InternalError', message }]);
  }
  expect((await api.request('GET', `${PATH}?watch=true`)).status).toBe(500);
  expect((await api.request('GET', `${PATH}/cbc`)).status).toBe(200);
  expect((await api.request('GET', '/api/v1/namespaces/other/secrets')).status).toBe(200);
  expect((await touch('lost')).json).toMatchObject({ code: 500, message });
  etcdctl(['del', '/registry/secrets/default/lost']);
  await eventually('the list is whole again', 60_000, async () => ((await api.request('GET', PATH)).status === 200 ? true : undefined));
});

test('KMS: the plugin wraps one seed, is asked once for each by another server, and its new key makes old values stale', async () => {
  encryption.replace(await configured(providers(`[${KMS()}, {secretbox: {keys: [{name: box, secret: ${key(2)}}]}}, ${CBC}, {identity: {}}]`)));
  for (let at = 0; at < 20; at += 1) expect((await make(`kms-${at}`)).status).toBe(201);
  expect(stored('kms-0').toString('latin1')).toMatch(/^k8s:enc:kms:v2:vault:/);
  expect(plugin.calls).toMatchObject({ Encrypt: 1, Decrypt: 0 });
  const values = new Encryption(await configured(providers(`[${KMS()}, {secretbox: {keys: [{name: box, secret: ${key(2)}}]}}, ${CBC}, {identity: {}}]`)));
  const second = await another(values);
  expect(second.cache.get('/registry/secrets/default/kms-19')?.object).toMatchObject({ metadata: { name: 'kms-19' } });
  expect(plugin.calls.Decrypt).toBe(1);
  await second.close();
  plugin.keyId = 'second';
  const { json: before } = await api.request('GET', `${PATH}/kms-1`);
  expect(await encryption.plugins[0]!.check()).toBeUndefined();
  const { json: after } = await touch('kms-1');
  expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
  expect(stored('kms-1').includes('second')).toBe(true);
  expect((await api.request('GET', `${PATH}/kms-2`)).json.data).toEqual(before.data);
});

test('KMS: a server that starts without its plugin serves the rest, and the secrets when it is back', async () => {
  const elsewhere = `{kms: {apiVersion: v2, name: vault, endpoint: "unix:///nonexistent/socket", timeout: 100ms}}`;
  const rest = `{secretbox: {keys: [{name: box, secret: ${key(2)}}]}}, ${CBC}, {identity: {}}`;
  const values = new Encryption(await configured(providers(`[${elsewhere}, ${rest}]`)));
  expect(await values.plugins[0]!.trouble()).toMatch(/rpc error/);
  const second = await another(values);
  expect(second.cache.get('/registry/configmaps/default/plain')?.object).toMatchObject({ data: { a: 'visible' } });
  expect(() => second.cache.list('/registry/secrets/default/')).toThrow('unable to transform key "/registry/secrets/default/kms-');
  values.replace(await configured(providers(`[${KMS()}, ${rest}]`)));
  await eventually('the secrets can be read', 60_000, () => {
    try {
      return second.cache.list('/registry/secrets/default/').length >= 22 ? true : undefined;
    } catch {
      return undefined;
    }
  });
  await second.close();
});

test('KMS: a plugin that says that it is ill fails the check of health', async () => {
  plugin.healthz = 'sealed';
  expect(await encryption.plugins[0]!.check()).toBe('kmsv2 Provider vault is not healthy, error: got unexpected healthz status: sealed');
  plugin.healthz = 'ok';
  expect(await encryption.plugins[0]!.check()).toBeUndefined();
});
