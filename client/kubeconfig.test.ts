import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FakeClock } from '../process/fakeClock.ts';
import { CredentialSource } from './credentials.ts';
import { KubeconfigError, loadKubeconfig, parseKubeconfig } from './kubeconfig.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'kubeconfig-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const inline = `
apiVersion: v1
kind: Config
current-context: one
clusters: [{name: c, cluster: {server: "https://host:6443/", certificate-authority-data: ${base64('CA')}, tls-server-name: kubernetes}}]
users:
- {name: admin, user: {client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')}}}
- {name: robot, user: {tokenFile: token}}
contexts:
- {name: one, context: {cluster: c, user: admin}}
- {name: two, context: {cluster: c, user: robot}}
- {name: three, context: {cluster: nowhere, user: robot}}
`;

test('inline data and the current context', () => {
  expect(parseKubeconfig(inline, { name: 'x', folder })).toEqual({ servers: ['https://host:6443'], ca: 'CA', tlsServerName: 'kubernetes', certificate: 'CERT', key: 'KEY' });
});

test('files count from the folder of the kubeconfig', () => {
  writeFileSync(path.join(folder, 'ca.crt'), 'CA');
  const file = path.join(folder, 'config');
  writeFileSync(
    file,
    'current-context: a\nclusters: [{name: c, cluster: {server: "https://h", certificate-authority: ca.crt}}]\nusers: [{name: u, user: {client-certificate: c.crt, client-key: c.key}}]\ncontexts: [{name: a, context: {cluster: c, user: u}}]',
  );
  expect(loadKubeconfig(file)).toEqual({ servers: ['https://h'], ca: 'CA', certificateFile: path.join(folder, 'c.crt'), keyFile: path.join(folder, 'c.key') });
});

test.each([
  ['one: [', undefined, 'is not YAML'],
  ['', undefined, 'is empty'],
  ['a: 1', undefined, 'has no current-context'],
  [inline, 'four', 'has no context "four"'],
  [inline, 'three', 'has no cluster "nowhere"'],
])('%j in context %s: %s', (text, context, message) => {
  expect(() => parseKubeconfig(text, { name: 'file', folder, context })).toThrow(message);
});

test('a missing file is named', () => {
  expect(() => loadKubeconfig(path.join(folder, 'none'))).toThrow(KubeconfigError);
});

test('a token file is read again when it changes', async () => {
  const clock = new FakeClock();
  const tokenFile = path.join(folder, 'token');
  writeFileSync(tokenFile, 'first\n');
  const source = new CredentialSource({ servers: [], tokenFile }, clock);
  expect((await source.current()).token).toBe('first');
  writeFileSync(tokenFile, 'the second\n');
  expect((await source.current()).token).toBe('first');
  source.distrust();
  expect((await source.current()).token).toBe('the second');
  writeFileSync(tokenFile, 'third\n');
  await clock.advance(10_000);
  expect((await source.current()).token).toBe('third');
});
