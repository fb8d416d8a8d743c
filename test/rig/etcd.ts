import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageConfig } from '../../apiserver/storage/openStorage.ts';
import { freePorts } from '../../host/freePorts.ts';

/** Files for TLS: etcd serves with `cert`/`key` and asks clients for a certificate of `ca`. */
export interface EtcdTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface EtcdOptions {
  readonly tls?: EtcdTls;
  /** More flags for etcd, e.g. `--quota-backend-bytes=16777216`. */
  readonly flags?: readonly string[];
}

/**
 * How long an API server under test waits for an etcd that is there: nearly as long as a request may take. On a busy machine either of them may stand still for
 * seconds, and with the usual limits a request would end with a 503 that says nothing about what is tested.
 */
export const PATIENT = { requestTimeoutMilliseconds: 50_000, consistentMilliseconds: 50_000, readyCheckMilliseconds: 50_000, healthCheckMilliseconds: 50_000 } satisfies Partial<StorageConfig>;

/** A real etcd member on loopback, with its data in memory where the machine has `/dev/shm`. */
export class EtcdMember {
  readonly endpoint: string;
  readonly #arguments: readonly string[];
  readonly #health: string;
  readonly #log: string;
  #child: ChildProcess | undefined;

  constructor(endpoint: string, health: string, log: string, flags: readonly string[]) {
    this.endpoint = endpoint;
    this.#health = health;
    this.#log = log;
    this.#arguments = flags;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('etcd is not running');
    return pid;
  }

  /** Starts the process without waiting for it; data of an earlier run goes on. */
  spawn(): void {
    const log = openSync(this.#log, 'a');
    // The kernel ends it with this process, however that one ends; `setpriv` becomes etcd and keeps its pid.
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', 'etcd', ...this.#arguments], { stdio: ['ignore', log, log], env: { PATH: process.env['PATH'] } });
    closeSync(log);
    running.add(this);
  }

  /** Waits until the member says that it is healthy (it has a leader); throws with its log after a minute and a half. */
  async healthy(): Promise<void> {
    for (const end = Date.now() + 90_000; Date.now() < end; ) {
      if (await answersHealthy(this.#health)) return;
      if (this.#child?.exitCode !== null) break;
      await delay(20);
    }
    throw new Error(`etcd did not become healthy:\n${this.log().slice(-4_000)}`);
  }

  async start(): Promise<void> {
    this.spawn();
    await this.healthy();
  }

  /** Ends the process with a signal (SIGKILL: as by a power cut) and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    running.delete(this);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Stops the member answering while its sockets stay open; resolves when its last thread stands still, which takes a while on a busy machine. */
  async pause(): Promise<void> {
    process.kill(this.pid, 'SIGSTOP');
    const threads = `/proc/${this.pid}/task`;
    const isStopped = (thread: string): boolean => /\) [Tt] /.test(readFileSync(`${threads}/${thread}/stat`, 'utf8'));
    while (!readdirSync(threads).every(isStopped)) await delay(5);
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  async restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.end(signal);
    await this.start();
  }

  log(): string {
    return readFileSync(this.#log, 'utf8');
  }
}

/** Members of one etcd cluster; `close` ends them and removes their data. */
export interface EtcdCluster {
  readonly members: readonly EtcdMember[];
  readonly endpoints: readonly string[];
  close(): Promise<void>;
}

/** How often it is tried with other ports, where somebody else was faster to take one that was free a moment ago. */
const ATTEMPTS = 5;

/** Starts an etcd cluster of `size` members on free loopback ports and waits until all are healthy. */
export async function startEtcdCluster(size: number, options: EtcdOptions = {}): Promise<EtcdCluster> {
  for (let attempt = 1; ; attempt += 1) {
    const cluster = await layOut(size, options);
    try {
      for (const member of cluster.members) member.spawn();
      await Promise.all(cluster.members.map((member) => member.healthy()));
      return cluster;
    } catch (error) {
      const isTaken = cluster.members.some((member) => member.log().includes('address already in use'));
      await cluster.close();
      if (!isTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

/** A cluster whose members are not running yet. */
async function layOut(size: number, options: EtcdOptions): Promise<EtcdCluster> {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'gantry-etcd-'));
  folders.add(root);
  const ports = await freePorts(size * 3);
  const scheme = options.tls ? 'https' : 'http';
  const peer = (index: number): string => `http://127.0.0.1:${ports[index * 3 + 1]}`;
  const initialCluster = Array.from({ length: size }, (_, index) => `m${index}=${peer(index)}`).join(',');
  const members = Array.from({ length: size }, (_, index) => {
    const endpoint = `${scheme}://127.0.0.1:${ports[index * 3]}`;
    const health = `http://127.0.0.1:${ports[index * 3 + 2]}`;
    return new EtcdMember(endpoint, `${health}/health`, join(root, `m${index}.log`), [
      `--name=m${index}`,
      `--data-dir=${join(root, `m${index}`)}`,
      `--listen-client-urls=${endpoint}`,
      `--advertise-client-urls=${endpoint}`,
      `--listen-peer-urls=${peer(index)}`,
      `--initial-advertise-peer-urls=${peer(index)}`,
      `--initial-cluster=${initialCluster}`,
      `--initial-cluster-token=${root}`,
      `--listen-metrics-urls=${health}`,
      '--heartbeat-interval=30',
      '--election-timeout=300',
      '--logger=zap',
      ...(options.tls ? [`--cert-file=${options.tls.cert}`, `--key-file=${options.tls.key}`, `--trusted-ca-file=${options.tls.ca}`, '--client-cert-auth'] : []),
      ...(options.flags ?? []),
    ]);
  });
  const close = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.kill()));
    rmSync(root, { recursive: true, force: true });
    folders.delete(root);
  };
  return { members, endpoints: members.map((member) => member.endpoint), close };
}

/** One etcd member: what most tests need. `close` ends it and removes its data. */
export async function startEtcd(options: EtcdOptions = {}): Promise<{ readonly member: EtcdMember; readonly endpoints: readonly string[]; close(): Promise<void> }> {
  const cluster = await startEtcdCluster(1, options);
  const member = cluster.members[0];
  if (!member) throw new Error('a cluster of one has one member');
  return { member, endpoints: cluster.endpoints, close: () => cluster.close() };
}

/** What a test that ended without `close` would leave behind. */
const running = new Set<EtcdMember>();
const folders = new Set<string>();
process.on('exit', () => {
  for (const member of running) process.kill(member.pid, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function answersHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return response.ok && (await response.text()).includes('true');
  } catch (error) {
    // Nobody listens yet, or it is paused: not healthy is the answer, whatever the cause.
    return error === undefined;
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
