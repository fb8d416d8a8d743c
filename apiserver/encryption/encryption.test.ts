import { randomBytes } from 'node:crypto';
import { FakeClock } from '../../process/fakeClock.ts';
import { silentLogger } from '../../process/log.ts';
import { AesCbc, AesGcm, ExtendedNonceGcm, identity, Secretbox } from './ciphers.ts';
import { applyConfiguration, Encryption } from './encryption.ts';
import { parseEncryptionConfiguration } from './parseConfiguration.ts';
import type { OpenedValue, ValueTransformer } from './transformer.ts';

const KEY = '/registry/secrets/default/db';
const VALUE = Buffer.from('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"}}');
const secret = (fill: number): string => Buffer.alloc(32, fill).toString('base64');

const configuration = (resources: string): string => `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n${resources}`;
const rule = (resources: string, providers: string): string => `- resources: [${resources}]\n  providers: [${providers}]\n`;
const cbc = (...keys: [string, number][]): string => `{aescbc: {keys: [${keys.map(([name, fill]) => `{name: ${name}, secret: ${secret(fill)}}`).join(', ')}]}}`;

async function encryption(text: string): Promise<Encryption> {
  return new Encryption(await applyConfiguration(parseEncryptionConfiguration(configuration(text), 'test.yaml'), { clock: new FakeClock(), logger: silentLogger, signal: new AbortController().signal }));
}

const write = (transformer: ValueTransformer | undefined, key = KEY): Buffer => transformer!.toStorage(VALUE, key) as Buffer;
const read = (transformer: ValueTransformer | undefined, value: Buffer, key = KEY): OpenedValue => transformer!.fromStorage(value, key) as OpenedValue;

describe.each([
  ['aesgcm', () => new AesGcm(randomBytes(16)), 'cipher: message authentication failed'],
  ['aesgcm with 32 bytes', () => new AesGcm(randomBytes(32)), 'cipher: message authentication failed'],
  ['secretbox', () => new Secretbox(randomBytes(32)), 'output array was not large enough for encryption'],
  ['a seed', () => new ExtendedNonceGcm(randomBytes(32)), 'cipher: message authentication failed'],
])('%s', (_, make, refusal) => {
  test('opens what it closed, which is never twice the same', () => {
    const cipher = make();
    expect(read(cipher, write(cipher)).value).toEqual(VALUE);
    expect(write(cipher)).not.toEqual(write(cipher));
  });

  test('refuses what another key wrote, what was changed and what was cut off', () => {
    const cipher = make();
    const written = write(cipher);
    const changed = Buffer.from(written);
    changed[changed.length - 1]! ^= 1;
    for (const bad of [write(make()), changed]) expect(() => read(cipher, bad)).toThrow(refusal);
    expect(() => read(cipher, written.subarray(0, 5))).toThrow('the stored data was shorter than the required size');
  });
});

test('a resource that an earlier rule has is refused', async () => {
  await expect(encryption(rule("'*.'", '{identity: {}}') + rule('secrets', cbc(['a', 1])))).rejects.toThrow('error while building transformers: resource "secrets" is masked by earlier rule "*."');
  await expect(encryption(rule("'*.*'", '{identity: {}}') + rule('pods.example.com', cbc(['a', 1])))).rejects.toThrow('resource "pods.example.com" is masked by earlier rule "*.*"');
});

test('aescbc opens what it closed, and refuses odd sizes', () => {
  const cipher = new AesCbc(randomBytes(24));
  expect(read(cipher, write(cipher)).value).toEqual(VALUE);
  expect(() => read(cipher, write(cipher).subarray(0, 20))).toThrow('the stored data is not a multiple of the block size');
});

test('AES-GCM binds a value to its key in etcd', () => {
  const cipher = new AesGcm(randomBytes(32));
  expect(() => read(cipher, write(cipher), '/registry/secrets/kube-system/db')).toThrow('cipher: message authentication failed');
});

test('the secretbox of NaCl: its own test vector', () => {
  const key = Buffer.from('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389', 'hex');
  const nonce = Buffer.from('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37', 'hex');
  const message =
    'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705';
  const box =
    'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5';
  expect(read(new Secretbox(key), Buffer.concat([nonce, Buffer.from(box, 'hex')])).value.toString('hex')).toBe(message);
});

test('identity keeps values as they are, and refuses encrypted ones', () => {
  expect(identity.toStorage(VALUE, KEY)).toBe(VALUE);
  expect(() => read(identity, Buffer.from('k8s:enc:aescbc:v1:a:xyz'))).toThrow('identity transformer tried to read encrypted data');
});

test('values begin as in Kubernetes; the first key writes, all read, and what others wrote is stale', async () => {
  const before = (await encryption(rule('secrets', cbc(['old', 1])))).of(KEY);
  const after = (await encryption(rule('secrets', cbc(['new', 2], ['old', 1])))).of(KEY);
  expect(write(before).toString('latin1')).toMatch(/^k8s:enc:aescbc:v1:old:/);
  expect(write(after).toString('latin1')).toMatch(/^k8s:enc:aescbc:v1:new:/);
  expect(read(after, write(before))).toEqual({ value: VALUE, stale: true });
  expect(read(after, write(after))).toEqual({ value: VALUE, stale: false });
  expect(() => read(before, write(after))).toThrow('no matching key was found for the provided AES transformer');
});

test('identity first turns encryption off, identity last reads what was never encrypted', async () => {
  const off = (await encryption(rule('secrets', `{identity: {}}, ${cbc(['a', 1])}`))).of(KEY);
  const on = (await encryption(rule('secrets', `${cbc(['a', 1])}, {identity: {}}`))).of(KEY);
  expect(write(off)).toEqual(VALUE);
  expect(read(off, write(on))).toEqual({ value: VALUE, stale: true });
  expect(read(on, VALUE)).toEqual({ value: VALUE, stale: true });
  expect(() => read(off, Buffer.from('k8s:enc:kms:v2:x:'))).toThrow('no matching prefix found');
});

test('resources, groups and everything', async () => {
  const values = await encryption(rule('secrets', cbc(['s', 1])) + rule("'*.apps'", cbc(['g', 2])) + rule("'*.'", cbc(['core', 4])) + rule("'*.*'", cbc(['all', 5])));
  const nameOf = (key: string): string | undefined => (values.of(key) ? /v1:(\w+):/.exec(write(values.of(key), key).toString('latin1'))?.[1] : undefined);
  expect(nameOf(KEY)).toBe('s');
  expect(nameOf('/registry/apps/deployments/default/web')).toBe('g');
  expect(nameOf('/registry/configmaps/default/a')).toBe('core');
  expect(nameOf('/registry/example.com/things/default/a')).toBe('all');
  expect(nameOf('/registry/.gantry/tick')).toBeUndefined();
});

test.each([
  ['', 'resources: Required value: at least one resources is required'],
  [rule('secrets', `{aescbc: {keys: [{name: a, secret: ${Buffer.alloc(5).toString('base64')}}]}}`), 'resources[0].providers[0].aescbc.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 5, expected one of [16 24 32]'],
  [rule('secrets', '{secretbox: {keys: [{name: a, secret: "%%%"}]}}'), 'resources[0].providers[0].secretbox.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded'],
  [rule('secrets', '{aesgcm: {keys: []}}'), 'resources[0].providers[0].aesgcm.keys: Required value: at least one keys is required'],
  [rule("secrets, '*.'", '{identity: {}}'), "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked"],
  [rule('secrets, secrets', '{identity: {}}'), 'the same resource cannot be specified multiple times'],
  [rule('Secrets', '{identity: {}}'), 'resources[0].resources[0]: Invalid value: "Secrets": resource name should not contain capital letters'],
  [rule("'*'", '{identity: {}}'), "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources"],
  [rule('secrets', '{kms: {apiVersion: v2, name: a, endpoint: "http://x"}}'), 'resources[0].providers[0].kms.endpoint: Invalid value: "http://x": unsupported scheme "http" for KMS provider, only unix is supported'],
  [rule('secrets', '{kms: {apiVersion: v2, name: "a:b", endpoint: "unix:///x"}}'), "invalid KMS provider name a:b, must not contain ':'"],
  [rule("'*.*', '*.*'", '{identity: {}}'), 'the same resource cannot be specified multiple times, resources[0].resources: Invalid value: ["*.*","*.*"]: using overlapping resources'],
  [rule('secrets', '{}'), 'resources[0].providers[0]: Invalid value: {"AESGCM":null,"AESCBC":null,"Secretbox":null,"Identity":null,"KMS":null}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity'],
  [rule('secrets', '{kms: {apiVersion: v2, name: a, endpoint: "unix:///x", timeout: -90s}}'), 'resources[0].providers[0].kms.timeout: Invalid value: "-1m30s": timeout should be a positive value'],
  [rule('secrets', '{kms: {apiVersion: v2, name: a, endpoint: "unix:///x\\n.socket"}}'), 'invalid endpoint for kms provider, error: parse "unix:///x\\n.socket": net/url: invalid control character in URL'],
  [rule('secrets', '{kms: {apiVersion: v3, name: a}}'), '[resources[0].providers[0].kms.endpoint: Invalid value: "": endpoint is a mandatory field for a kms, resources[0].providers[0].kms.apiVersion: Invalid value: "v3": unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported]'],
  [rule('pods.extensions', '{identity: {}}'), "'extensions' group has been removed and cannot be used for encryption"],
  [rule("'secrets.*'", '{identity: {}}'), 'encrypting the same resource across groups is not supported'],
  [rule('secrets', '{identiti: {}}'), 'strict decoding error: unknown field "resources[0].providers[0].identiti"'],
])('a configuration that cannot be used: %#', async (text, message) => {
  await expect(encryption(text)).rejects.toThrow(message);
});

test('a mistake in the file never shows a key', async () => {
  const text = `${rule('secrets', cbc(['a', 7]))} : : {${secret(7)}`;
  await expect(encryption(text)).rejects.toThrow(/^(?!.*BwcH).*$/s);
});
