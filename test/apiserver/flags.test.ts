import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { freePorts } from '../../host/freePorts.ts';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { send } from '../rig/apiserver.ts';
import { startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { serverSetting } from '../rig/serverSetting.ts';

interface Greeting {
  readonly protocol: string | null;
  readonly cipher: string;
  readonly exchange: string;
  readonly name: string;
}

/** What a client comes to with the server, or why to nothing. */
function greet(port: number, options: tls.ConnectionOptions): Promise<Greeting | string> {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => {
      const { subject } = socket.getPeerCertificate();
      resolve({ protocol: socket.getProtocol(), cipher: socket.getCipher().name, exchange: JSON.stringify(socket.getEphemeralKeyInfo()), name: String(subject.CN) });
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

async function startComponent(flags: (folder: string) => readonly string[]) {
  const etcd = await startEtcd();
  const folder = mkdtempSync(join(tmpdir(), 'gantry-flags-'));
  const { config, agent } = await serverSetting(etcd.endpoints);
  const pki = join(folder, 'etc/kubernetes/pki');
  mkdirSync(pki, { recursive: true });
  const files: Readonly<Record<string, string>> = { 'ca.crt': config.clientAuthority, 'apiserver.crt': config.certificate, 'apiserver.key': config.key, 'sa.key': config.serviceAccountKey ?? '', 'apiserver-kubelet-client.crt': config.certificate, 'apiserver-kubelet-client.key': config.key };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(pki, name), content);
  const authority = await createAuthority('other', Date.now());
  for (const name of ['one.example.com', 'two.example.com']) {
    const { certificate, key } = await issueCertificate(authority, { commonName: name, usages: ['server'], names: [name] }, Date.now());
    writeFileSync(join(folder, `${name}.crt`), certificate);
    writeFileSync(join(folder, `${name}.key`), key);
  }
  const [port = 0] = await freePorts(1);
  const own = [`--root=${folder}`, '--node-ip=192.0.2.1', '--bind-address=127.0.0.1', `--secure-port=${port}`, `--etcd-servers=${etcd.endpoints.join(',')}`];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, join(repositoryRoot, 'cli/gantry.ts'), 'apiserver', ...own, ...flags(folder)], { cwd: repositoryRoot, stdio: ['ignore', 'ignore', 'pipe'] });
  const log = text(child.stderr);
  const exited = once(child, 'exit');
  const get = (path: string) => send(agent, port, 'GET', path);
  const close = async (): Promise<string> => {
    child.kill('SIGKILL');
    await exited;
    agent.destroy();
    await etcd.close();
    rmSync(folder, { recursive: true, force: true });
    return log;
  };
  try {
    await eventually('/readyz is ok', 90_000, async () => ((await get('/readyz').catch(() => undefined))?.text === 'ok' ? true : undefined));
  } catch (error) {
    throw new Error(`${(error as Error).message}: ${await close()}`, { cause: error });
  }
  return { port, get, close };
}

test('flags of the component choose how TLS is served, which kinds there are, and what is told', async () => {
  const server = await startComponent((folder) => [
    '--tls-min-version=VersionTLS12',
    '--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    '--tls-curve-preferences=24',
    `--tls-sni-cert-key=${folder}/one.example.com.crt,${folder}/one.example.com.key`,
    `--tls-sni-cert-key=${folder}/two.example.com.crt,${folder}/two.example.com.key:*.two.test,one.example.com`,
    '--runtime-config=autoscaling/v1=false,rbac.authorization.k8s.io/v1=false,flowcontrol.apiserver.k8s.io/v1=false,coordination.k8s.io/v1=false,discovery.k8s.io/v1=false,apps/v1/controllerrevisions=false',
    '--feature-gates=ComponentFlagz=false,kube:APIServerIdentity=false',
    '--authorization-mode=AlwaysAllow',
    '--disabled-metrics=apiserver_longrunning_requests',
    '--external-hostname=api.example.com',
    '--logging-format=json',
  ]);
  const { port, get } = server;
  let log: string;
  try {
    expect(await greet(port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-CHACHA20-POLY1305' })).toMatch(/HANDSHAKE_FAILURE/);
    expect(await greet(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).toMatch(/PROTOCOL_VERSION/);
    expect(await greet(port, { ecdhCurve: 'X25519' })).toMatch(/HANDSHAKE_FAILURE/);
    expect(await greet(port, { maxVersion: 'TLSv1.3' })).toMatchObject({ protocol: 'TLSv1.3', exchange: expect.stringMatching(/secp384r1|P-384/), name: 'kube-apiserver' });
    expect(await greet(port, { servername: 'one.example.com' })).toMatchObject({ name: 'two.example.com' });
    expect(await greet(port, { servername: 'A.two.test' })).toMatchObject({ name: 'two.example.com' });
    expect(await greet(port, { servername: 'two.example.com' })).toMatchObject({ name: 'kube-apiserver' });
    expect((await get('/apis/autoscaling')).json.versions).toEqual([{ groupVersion: 'autoscaling/v2', version: 'v2' }]);
    expect((await get('/apis/autoscaling/v1/horizontalpodautoscalers')).status).toBe(404);
    expect((await get('/apis/rbac.authorization.k8s.io/v1')).status).toBe(404);
    expect((await get('/apis/apps/v1')).json.resources.map(({ name }: { name: string }) => name)).not.toContain('controllerrevisions');
    expect((await get('/apis/apps/v1/controllerrevisions')).status).toBe(404);
    const { paths } = (await get('/openapi/v3')).json;
    expect(paths['apis/autoscaling/v2']).toBeDefined();
    expect(paths['apis/autoscaling/v1']).toBeUndefined();
    expect((await get('/api')).json.serverAddressByClientCIDRs).toEqual([{ clientCIDR: '0.0.0.0/0', serverAddress: `api.example.com:${port}` }]);
    expect((await get('/flagz')).status).toBe(404);
    expect((await get('/statusz')).status).toBe(200);
    const metrics = (await get('/metrics')).text;
    expect(metrics).toMatch(/^kubernetes_feature_enabled\{name="ComponentFlagz",stage="BETA"\} 0$/m);
    expect(metrics).not.toMatch(/apiserver_longrunning_requests/);
  } finally {
    log = await server.close();
  }
  const lines = log.split('\n').filter((each) => each.startsWith('{')).map((each) => JSON.parse(each) as unknown);
  expect(lines).toContainEqual({ ts: expect.any(Number), logger: 'apiserver', msg: 'serving', v: 0, address: '127.0.0.1', port });
});
