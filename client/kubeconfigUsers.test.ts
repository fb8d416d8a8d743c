import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeconfigError } from './kubeconfig.ts';
import { loadKubeconfigUsers } from './kubeconfigUsers.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'kubeconfig-users-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string): string => {
  const file = join(folder, 'config');
  writeFileSync(file, text);
  return file;
};

test('users are known by their names, and that of the context for all others', () => {
  const file = write(JSON.stringify({
    users: [{ name: 'hook.ns.svc', user: { 'client-certificate': 'a.crt', 'client-key-data': Buffer.from('KEY').toString('base64') } }, { name: '*.example.com', user: { username: 'u', password: 'p' } }, { name: 'me', user: { token: 't' } }],
    contexts: [{ name: 'c', context: { user: 'me' } }],
    'current-context': 'c',
  }));
  const { users, current } = loadKubeconfigUsers(file);
  expect([...users]).toEqual([['hook.ns.svc', { certificateFile: join(folder, 'a.crt'), key: 'KEY' }], ['*.example.com', { username: 'u', password: 'p' }], ['me', { token: 't' }]]);
  expect(current).toEqual({ token: 't' });
  expect(loadKubeconfigUsers(write('users: []'))).toEqual({ users: new Map() });
});

test('what is no kubeconfig is refused', () => {
  expect(() => loadKubeconfigUsers(join(folder, 'none'))).toThrow(KubeconfigError);
  expect(() => loadKubeconfigUsers(write(''))).toThrow('is empty');
});
