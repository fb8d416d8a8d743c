import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, createSigningKey, issueCertificate } from '../../process/certificates.ts';
import { send, type Answer } from '../rig/apiserver.ts';
import { PATIENT, startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

const PROBE_MS = 10;
const NAMESPACE = 'default';

/** A whole API server in a process of its own, on an etcd of its own, which is watched from inside and from outside. */
export interface FuzzServer {
  readonly agent: https.Agent;
  port(): number;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** What the process said at its end; undefined while it runs. */
  ended(): string | undefined;
  /** Milliseconds of work without a pause since this was last asked, of each time that was too long. */
  takeStalls(): number[];
  /** The longest wait of a probe, in milliseconds, since this was last asked. */
  takeSlowest(): number;
  /** Its own figure of the event loop's longest delay since it was last asked, in milliseconds. */
  eventLoopDelay(): Promise<number>;
  /** Starts it again where it has ended. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startFuzzServer(): Promise<FuzzServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-fuzz-'));
  const etcd = await startEtcd();
  const authority = await createAuthority('kubernetes', Date.now());
  const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const client = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const proxy = await issueCertificate(authority, { commonName: 'front-proxy', usages: ['client'] }, Date.now());
  const config = {
    bindAddress: '127.0.0.1', securePort: 0, advertiseAddress: '192.0.2.1', certificate: server.certificate, key: server.key, clientAuthority: authority.certificate,
    serviceAccountKey: createSigningKey().privateKey, etcd: { endpoints: etcd.endpoints, ...PATIENT }, shutdownMilliseconds: 2_000,
    proxyClient: { certificate: proxy.certificate, key: proxy.key }, requestHeaderAuthority: authority.certificate,
  };
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const agent = new https.Agent({ keepAlive: true, ca: authority.certificate, cert: client.certificate, key: client.key, maxSockets: 64 });
  const probes = new https.Agent({ keepAlive: true, ca: authority.certificate, cert: client.certificate, key: client.key, maxSockets: 1 });

  let child: ChildProcess | undefined;
  let said = '';
  let end: string | undefined;
  let port = 0;
  let stalls: number[] = [];
  let slowest = 0;

  const request: FuzzServer['send'] = (method, path, body, headers) => send(agent, port, method, path, body, headers);
  const launch = async (): Promise<void> => {
    said = '';
    end = undefined;
    const started = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, '--import', join(repositoryRoot, 'test/fuzz/stallWatch.ts'), join(repositoryRoot, 'test/rig/runServer.ts'), file], { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    started.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4_000)));
    started.once('exit', (code, signal) => (end = `exit ${signal ?? code ?? ''}: ${said}`));
    let rest = '';
    port = await new Promise<number>((resolve, reject) => {
      started.once('exit', () => reject(new Error(`the server ended before it served: ${said}`)));
      started.stdout.on('data', (text: Buffer) => {
        const lines = (rest + text.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.startsWith('stall ')) stalls.push(Number(line.slice(6)));
          else resolve(Number(line));
        }
      });
    });
    await eventually('/readyz is ok', 90_000, async () => ((await request('GET', '/readyz')).text === 'ok' ? true : undefined));
    // Pods cannot be made without it, and no controller makes it here.
    await request('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { metadata: { name: 'default' } });
    [stalls, slowest] = [[], 0];
  };
  await launch();

  let probing = false;
  const timer = setInterval(() => {
    if (probing || end !== undefined) return;
    probing = true;
    const began = performance.now();
    send(probes, port, 'GET', '/livez')
      .then(() => (slowest = Math.max(slowest, performance.now() - began)))
      // That the process has ended is found elsewhere.
      .catch(() => undefined)
      .finally(() => (probing = false));
  }, PROBE_MS);

  return {
    agent,
    port: () => port,
    send: request,
    ended: () => end,
    takeStalls: () => stalls.splice(0),
    takeSlowest: () => {
      const found = slowest;
      slowest = 0;
      return found;
    },
    eventLoopDelay: async () => Number(/^gantry_event_loop_delay_seconds\{quantile="1"\} (\S+)$/m.exec((await request('GET', '/metrics')).text)?.[1] ?? NaN) * 1_000,
    restart: async () => {
      if (end !== undefined) await launch();
    },
    close: async () => {
      clearInterval(timer);
      if (child && end === undefined) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
      agent.destroy();
      probes.destroy();
      await etcd.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
