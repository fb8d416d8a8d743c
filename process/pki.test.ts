import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePki, type PkiOptions } from './pki.ts';

let folder: string;
let options: PkiOptions;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-pki-'));
  options = {
    kubernetesFolder: join(folder, 'etc'),
    kubeletFolder: join(folder, 'kubelet'),
    nodeName: 'node1',
    addresses: ['10.240.0.11'],
    serviceAddress: '10.96.0.1',
    clusterDomain: 'cluster.local',
    server: 'https://127.0.0.1:6443',
    now: Date.now(),
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

const certificate = (file: string): X509Certificate => new X509Certificate(readFileSync(join(folder, file)));

test('makes kubeadm\'s files, with its modes and names', async () => {
  const written = await ensurePki(options);
  expect(written.map((file) => file.slice(folder.length + 1))).toEqual(
    expect.arrayContaining(['etc/pki/ca.crt', 'etc/pki/ca.key', 'etc/pki/etcd/server.crt', 'etc/pki/front-proxy-client.key', 'etc/pki/sa.key', 'etc/admin.conf', 'kubelet/pki/kubelet.crt']),
  );
  expect(statSync(join(folder, 'etc/pki/ca.key')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'etc/pki/ca.crt')).mode & 0o777).toBe(0o644);
  const server = certificate('etc/pki/apiserver.crt');
  expect(server.verify(certificate('etc/pki/ca.crt').publicKey)).toBe(true);
  for (const name of ['kubernetes', 'kubernetes.default.svc.cluster.local', 'localhost', 'node1']) expect(server.checkHost(name)).toBe(name);
  for (const address of ['127.0.0.1', '10.96.0.1', '10.240.0.11']) expect(server.checkIP(address)).toBe(address);
});

test('a second run changes nothing; another address renews only what bears it', async () => {
  expect(await ensurePki(options)).toEqual([]);
  const written = await ensurePki({ ...options, addresses: ['10.240.0.11', '10.240.0.99'] });
  expect(written.filter((file) => file.endsWith('.crt')).map((file) => file.slice(folder.length + 1)).sort()).toEqual([
    'etc/pki/apiserver.crt', 'etc/pki/etcd/peer.crt', 'etc/pki/etcd/server.crt', 'kubelet/pki/kubelet.crt',
  ]);
});

test('what is about to end is renewed, but never an authority by itself', async () => {
  const later = options.now + 3630 * 86_400_000;
  await expect(ensurePki({ ...options, now: later })).rejects.toThrow('a new authority would make every certificate of the cluster void');
});
