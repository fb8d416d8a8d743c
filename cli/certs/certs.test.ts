import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate, requestOf } from '../../process/certificates.ts';
import { FakeClock } from '../../process/fakeClock.ts';
import { silentLogger } from '../../process/log.ts';
import { ensurePki } from '../../process/pki.ts';
import { parseKubeconfig } from '../../client/kubeconfig.ts';
import { clusterFlags, clusterSettings, type ClusterSettings } from '../clusterSettings.ts';
import { endingSoon, expirationInfo, expirationTable, expirationWarnings, shortDuration } from './expiration.ts';
import { keepRenewed } from './keepRenewed.ts';
import { machineCertificates } from './machineCertificates.ts';
import { renewCertificates, withPair } from './renew.ts';

const DAY = 86_400_000;
const now = Date.now();
let settings: ClusterSettings;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-certs-'));
  const values = Object.fromEntries(Object.entries(clusterFlags).map(([name, flag]) => [name, flag.default])) as Parameters<typeof clusterSettings>[0];
  settings = clusterSettings({ ...values, root: folder }, { hostname: 'node1', addresses: ['10.240.0.11'] });
  const { kubernetes, kubelet } = settings.paths;
  await ensurePki({ kubernetesFolder: kubernetes, kubeletFolder: kubelet, nodeName: 'node1', addresses: ['10.240.0.11'], serviceAddress: '10.96.0.1', clusterDomain: 'cluster.local', server: 'https://127.0.0.1:6443', now });
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => machineCertificates(settings.paths).leaves.find((each) => each.name === name)!.file;
const leaf = (name: string): X509Certificate => new X509Certificate(machineCertificates(settings.paths).leaves.find((each) => each.name === name)!.certificate);
/** Puts a certificate of another life in the place of one. */
async function shorten(name: string, validity: number): Promise<void> {
  await renewCertificates(settings, { names: [name], validity }, now);
}

test('every certificate of the machine is found, with kubeadm\'s name and its authority', () => {
  const { certificates, certificateAuthorities } = expirationInfo(machineCertificates(settings.paths), now);
  expect(Object.fromEntries(certificates.map(({ name, caName }) => [name, caName]))).toEqual({
    'admin.conf': 'ca', apiserver: 'ca', 'apiserver-etcd-client': 'etcd-ca', 'apiserver-kubelet-client': 'ca', 'controller-manager.conf': 'ca', 'dns.conf': 'ca', 'etcd-healthcheck-client': 'etcd-ca',
    'etcd-peer': 'etcd-ca', 'etcd-server': 'etcd-ca', 'front-proxy-client': 'front-proxy-ca', 'kube-proxy.conf': 'ca', kubelet: 'ca', 'kubelet.conf': 'ca', 'scheduler.conf': 'ca',
    ...Object.fromEntries(certificates.filter(({ name }) => name === 'node-network.conf').map(({ name }) => [name, 'ca'])),
  });
  expect(certificateAuthorities.map(({ name }) => name)).toEqual(['ca', 'etcd-ca', 'front-proxy-ca']);
  expect(certificates.every(({ externallyManaged }) => !externallyManaged)).toBe(true);
});

test('the tables are kubeadm\'s', () => {
  const info = expirationInfo(machineCertificates(settings.paths), now);
  const lines = expirationTable(info).split('\n');
  expect(lines[0]).toMatch(/^CERTIFICATE +EXPIRES +RESIDUAL TIME +CERTIFICATE AUTHORITY +EXTERNALLY MANAGED$/);
  expect(lines[1]).toMatch(/^admin\.conf +[A-Z][a-z]{2} \d\d, \d{4} \d\d:\d\d UTC +364d +ca +no$/);
  expect(lines.at(-3)).toMatch(/^ca +.* UTC +9y +no$/);
  expect(endingSoon(info)).toEqual([]);
  expect([-5, 0, 59, 61, 7200, 3 * 86_400, 800 * 86_400].map(shortDuration)).toEqual(['<invalid>', '0s', '59s', '1m', '2h', '3d', '2y']);
});

test('renewing keeps names, subject and modes, and makes another key', async () => {
  const before = leaf('apiserver');
  const key = readFileSync(file('apiserver').replace('.crt', '.key'), 'utf8');
  const conf = readFileSync(file('scheduler.conf'), 'utf8');
  expect(await renewCertificates(settings, { names: ['apiserver', 'scheduler.conf'] }, now + 1000)).toEqual(['apiserver', 'scheduler.conf']);
  expect(requestOf(leaf('apiserver').toString())).toEqual(requestOf(before.toString()));
  expect(leaf('apiserver').serialNumber).not.toBe(before.serialNumber);
  expect(readFileSync(file('apiserver').replace('.crt', '.key'), 'utf8')).not.toBe(key);
  expect(statSync(file('apiserver').replace('.crt', '.key')).mode & 0o777).toBe(0o600);
  const [old, renewed] = [conf, readFileSync(file('scheduler.conf'), 'utf8')].map((text) => parseKubeconfig(text, { name: 'x', folder: '/' }));
  expect(renewed).toEqual({ ...old, certificate: expect.not.stringContaining(old!.certificate!) as string, key: expect.not.stringContaining(old!.key!) as string });
  expect(statSync(file('scheduler.conf')).mode & 0o777).toBe(0o600);
});

test('what ends within 30 days is told, and renewed only when a quarter of its life is left', async () => {
  await shorten('kubelet', 20 * DAY);
  const info = expirationInfo(machineCertificates(settings.paths), now);
  expect(expirationWarnings(info)).toEqual(['The certificate kubelet ends in 19d: bin/gantry certs check']);
  expect(await renewCertificates(settings, { dueOnly: true }, now)).toEqual([]);
  expect(await renewCertificates(settings, { dueOnly: true }, now + 16 * DAY)).toEqual(['kubelet']);
});

test('what was not signed here, or is rotated by the agent, is left to others', async () => {
  await shorten('kubelet', DAY);
  const ca = join(settings.paths.pki, 'ca.key');
  const key = readFileSync(ca);
  const pem = readFileSync(file('kubelet'), 'utf8') + readFileSync(file('kubelet').replace('.crt', '.key'), 'utf8');
  writeFileSync(join(settings.paths.kubelet, 'pki', 'kubelet-client-current.pem'), pem);
  rmSync(ca);
  const { certificates } = expirationInfo(machineCertificates(settings.paths), now);
  expect(certificates.filter(({ externallyManaged }) => externallyManaged).map(({ name }) => name)).toEqual(expect.arrayContaining(['kubelet', 'kubelet-client', 'admin.conf']));
  expect(await renewCertificates(settings, {}, now)).not.toContain('kubelet');
  writeFileSync(ca, key, { mode: 0o600 });
  expect(await renewCertificates(settings, {}, now)).not.toContain('kubelet-client');
});

/** Counts who has come to rest. */
class RestingClock extends FakeClock {
  rests = 0;

  override sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.rests += 1;
    return super.sleep(milliseconds, signal);
  }
}

test('the loop renews by itself what is due', async () => {
  await shorten('etcd-server', 4 * DAY);
  const clock = new RestingClock(now);
  const stop = new AbortController();
  const loop = keepRenewed(settings, DAY, { clock, logger: silentLogger, signal: stop.signal });
  const serial = leaf('etcd-server').serialNumber;
  // Signing takes turns of the event loop that no fake clock waits for.
  const rested = async (times: number): Promise<void> => {
    while (clock.rests < times) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await rested(1);
  for (let day = 0; day < 5 && leaf('etcd-server').serialNumber === serial; day += 1) {
    await clock.advance(DAY);
    await rested(day + 2);
  }
  expect(leaf('etcd-server').serialNumber).not.toBe(serial);
  stop.abort();
  await loop;
});

test('a kubeconfig in YAML keeps its comments, and other users their credentials', async () => {
  const authority = { certificate: readFileSync(join(settings.paths.pki, 'ca.crt'), 'utf8'), key: readFileSync(join(settings.paths.pki, 'ca.key'), 'utf8') };
  const pair = await issueCertificate(authority, { commonName: 'kubernetes-admin', usages: ['client'] }, now);
  const text = '# mine\nusers:\n- name: me\n  user: {token: secret}\n- name: gantry\n  user: {client-certificate-data: a, client-key-data: b}\n';
  const changed = withPair(text, pair, 'gantry');
  expect(changed).toContain('# mine');
  expect(changed).toContain('token: secret');
  expect(changed).toContain(Buffer.from(pair.certificate).toString('base64').slice(0, 40));
  expect(withPair(text, pair, 'me')).toBe(text);
});
