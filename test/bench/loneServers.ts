import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_FLAGS } from '../../cli/up/services.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { freePorts } from '../../host/freePorts.ts';
import { createAuthority, createSigningKey, issueCertificate } from '../../process/certificates.ts';
import { type Answer, send } from '../rig/apiserver.ts';
import { startEtcd } from '../rig/etcd.ts';
import { eventually, hasCode } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

type Etcd = Awaited<ReturnType<typeof startEtcd>>;

const READY_MS = 60_000;
const STOP_MS = 15_000;
/** Characters of its log that are kept for the case that it fails. */
const SAID = 4_000;

/** A `gantry apiserver` in a process of its own: what users run, with the flags of Node.js that they run it with. */
export interface LoneServer {
  readonly pid: number;
  /** As the administrator. */
  readonly config: ClientConfig;
  /** From the start of its process until `/readyz` was ok, in milliseconds; exact to 20. */
  readonly readyMilliseconds: number;
  /** One request as the administrator, with its answer; throws on a status of 300 and above. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Ends it as a signal to stop does. */
  stop(): Promise<void>;
}

/** An etcd, and API servers on it with nothing beside them: no control loops, no node. */
export class LoneServers {
  readonly etcd: Etcd;
  readonly #root: string;
  readonly #ca: string;
  readonly #admin: { readonly certificate: string; readonly key: string };
  readonly #running = new Set<ChildProcess>();

  private constructor(etcd: Etcd, root: string, ca: string, admin: { readonly certificate: string; readonly key: string }) {
    this.etcd = etcd;
    this.#root = root;
    this.#ca = ca;
    this.#admin = admin;
  }

  static async open(): Promise<LoneServers> {
    const root = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
    const pki = join(root, 'etc/kubernetes/pki');
    mkdirSync(pki, { recursive: true });
    const authority = await createAuthority('kubernetes', Date.now());
    const issue = (request: Parameters<typeof issueCertificate>[1]): ReturnType<typeof issueCertificate> => issueCertificate(authority, request, Date.now());
    const admin = await issue({ commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] });
    const pairs = { apiserver: await issue({ commonName: 'kube-apiserver', usages: ['server'], names: ['localhost', '127.0.0.1'] }), 'apiserver-kubelet-client': admin };
    for (const [name, { certificate, key }] of Object.entries(pairs)) {
      writeFileSync(join(pki, `${name}.crt`), certificate);
      writeFileSync(join(pki, `${name}.key`), key, { mode: 0o600 });
    }
    writeFileSync(join(pki, 'ca.crt'), authority.certificate);
    writeFileSync(join(pki, 'sa.key'), createSigningKey().privateKey, { mode: 0o600 });
    return new LoneServers(await startEtcd(), root, authority.certificate, admin);
  }

  /** Starts another server and waits until it is ready. */
  async start(): Promise<LoneServer> {
    const [port] = await freePorts(1);
    const began = performance.now();
    const node = [process.execPath, ...NODE_FLAGS.server, join(repositoryRoot, 'dist/gantry.mjs')];
    const flags = [`--root=${this.#root}`, '--node-ip=192.0.2.1', `--etcd-servers=${this.etcd.endpoints.join(',')}`, '--bind-address=127.0.0.1', `--secure-port=${port}`];
    const env = { PATH: process.env['PATH'], NODE_ENV: 'production', NODE_COMPILE_CACHE: join(this.#root, 'compile-cache') };
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...node, 'apiserver', ...flags], { stdio: ['ignore', 'ignore', 'pipe'], env });
    this.#running.add(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-SAID)));
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const agent = new https.Agent({ keepAlive: true, ca: this.#ca, cert: this.#admin.certificate, key: this.#admin.key });
    await eventually('the API server is ready', READY_MS, async () => {
      if (child.exitCode !== null) throw new Error(`the API server ended:\n${said}`);
      return (await isReady(agent, port!)) ? true : undefined;
    });
    const readyMilliseconds = performance.now() - began;
    return {
      pid: child.pid!,
      config: { servers: [`https://127.0.0.1:${port}`], ca: this.#ca, certificate: this.#admin.certificate, key: this.#admin.key },
      readyMilliseconds,
      admin: async (method, path, body, headers) => {
        const answer = await send(agent, port!, method, path, body, headers);
        if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
        return answer;
      },
      stop: async () => {
        agent.destroy();
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        await ended;
        clearTimeout(late);
        this.#running.delete(child);
      },
    };
  }

  async close(): Promise<void> {
    const ended = [...this.#running].map((child) => new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve(undefined))));
    for (const child of this.#running) child.kill('SIGKILL');
    await Promise.all(ended);
    await this.etcd.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

async function isReady(agent: https.Agent, port: number): Promise<boolean> {
  try {
    return (await send(agent, port, 'GET', '/readyz')).text === 'ok';
  } catch (error) {
    if (hasCode(error, 'ECONNREFUSED')) return false;
    throw error;
  }
}
