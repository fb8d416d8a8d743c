import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCommand, CommandError, type CommandResult } from '../../host/command.ts';
import { HostCgroup } from './hostCgroup.ts';
import { hostScript, OVERLAID_FOLDERS, OWN_FOLDERS } from './hostScript.ts';
import { kubectlPath, type KubectlVersion } from './kubectl.ts';
import { childrenOf, eventually, hasCode, isAlive, killMarked, markProcess, type ProcessMark } from './processes.ts';
import { repositoryRoot } from './repositoryRoot.ts';

/** What every command in a host starts with. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };

export interface RigHostOptions {
  readonly name: string;
  /** From 1: the last part of the address is this plus 10. */
  readonly index: number;
  readonly folder: string;
  readonly cgroup: string;
  /** The process whose network namespace holds the segment's bridge. */
  readonly segment: number;
  /** Whether the host dies with this process. */
  readonly ends: boolean;
  /** Whether systemd is its process 1. */
  readonly systemd: boolean;
}

export interface ExecOptions {
  readonly input?: string;
  /** Killed after this time, which is a bound against hanging; 180,000 ms unless told. */
  readonly timeoutMilliseconds?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A machine of its own, as far as a process in it can see: network, mounts, process table, cgroups and host name are its
 * own; it has no default route; the system packages and the checkout of this machine are there, read-only.
 */
export class RigHost {
  readonly name: string;
  /** On the segment, which is 10.240.0.0/24. */
  readonly address: string;
  readonly environment: Readonly<Record<string, string>> = ENVIRONMENT;
  readonly #options: RigHostOptions;
  readonly #cgroup: HostCgroup;
  readonly #started: (mark: ProcessMark) => void;

  constructor(options: RigHostOptions, started: (mark: ProcessMark) => void) {
    this.name = options.name;
    this.address = `10.240.0.${10 + options.index}`;
    this.#options = options;
    this.#cgroup = new HostCgroup(options.cgroup);
    this.#started = started;
  }

  /** Process 1 of the host, by the machine's count; throws when the host is down. */
  get pid(): number {
    return this.#init().pid;
  }

  /** Starts the host; what was on its disk at a power cut is there again. */
  async boot(): Promise<void> {
    const { folder, name, ends, systemd } = this.#options;
    for (const each of OVERLAID_FOLDERS) for (const part of ['upper', 'work']) mkdirSync(join(folder, part, each), { recursive: true });
    for (const each of OWN_FOLDERS) mkdirSync(join(folder, 'own', each), { recursive: true, mode: each === 'tmp' ? 0o1777 : 0o755 });
    this.#cgroup.create();
    const script = join(folder, 'boot.sh');
    const text = hostScript({ name, folder, checkout: repositoryRoot, mountCgroups: this.#cgroup.mountText(), systemd });
    const words = ['--net', '--mount', '--uts', '--pid', '--ipc', '--cgroup', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'bash', script];
    writeFileSync(script, text);
    const dies = ends ? 'setpriv --pdeathsig KILL ' : '';
    const child = spawn('sh', ['-c', `${this.#cgroup.joinText()}; exec ${dies}unshare "$@"`, 'sh', ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      cwd: '/',
      env: ENVIRONMENT,
    });
    await ready(child);
    const pid = childrenOf(child.pid!)[0];
    const init = pid === undefined ? undefined : markProcess(pid);
    if (!init) throw new Error(`host ${name} ended as soon as it was up`);
    writeFileSync(join(folder, 'init.json'), JSON.stringify(init));
    this.#started(init);
    await this.#connect(init.pid);
    if (systemd) await eventually('systemd has started its units', 120_000, async () => (/^(running|degraded)/.test((await this.exec(['systemctl', 'is-system-running'])).stdout) ? true : undefined));
  }

  /** Runs a command in the host and waits for its end, whatever its exit code. */
  exec(words: readonly string[], options: ExecOptions = {}): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const child = this.spawn(words, options.env);
      const timer = setTimeout(() => killGroup(child), options.timeoutMilliseconds ?? 180_000);
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
      child.on('error', reject);
      // The end of the command counts, not of what it left in the background with the same output.
      child.on('exit', (code, signal) => {
        clearTimeout(timer);
        const done = (): void => resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
        // What it has printed is in the pipes by now. This turn of the event loop may have asked them before it had; the next one asks them all.
        setImmediate(() => setImmediate(done));
      });
      child.stdin?.on('error', () => child.stdin?.destroy());
      child.stdin?.end(options.input ?? '');
    });
  }

  /** Like `exec`, but any other exit code than 0 is an error. Gives standard output. */
  async check(words: readonly string[], options: ExecOptions = {}): Promise<string> {
    const result = await this.exec(words, options);
    if (result.code !== 0) throw new CommandError(words, result);
    return result.stdout;
  }

  /** Starts a command in the host with pipes; it is the leader of a process group of its own. */
  spawn(words: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const [program, ...rest] = this.commandLine(words);
    return spawn(program!, rest, { stdio: 'pipe', detached: true, cwd: '/', env: { ...this.environment, ...env } });
  }

  /** The words that, on this machine, run a command in the host; to be started in `/` with `environment`. */
  commandLine(words: readonly string[]): string[] {
    const enter = ['nsenter', '--target', String(this.pid), '--net', '--mount', '--uts', '--ipc', '--pid', '--cgroup', '--'];
    return ['sh', '-c', `${this.#cgroup.joinText()}; exec "$@"`, 'sh', ...enter, ...words];
  }

  /** kubectl in the host, with root's kubeconfig there unless the words name another. */
  kubectl(version: KubectlVersion, words: readonly string[], options: ExecOptions = {}): Promise<CommandResult> {
    return this.exec([kubectlPath(version), ...words], options);
  }

  /** A file of the host, as this machine reaches it; also for Unix sockets such as `/run/docker.sock`. */
  path(file: string): string {
    return join('/proc', String(this.pid), 'root', file);
  }

  /** Starts a Docker engine in the host and gives its socket as this machine reaches it. */
  async startDocker(words: readonly string[] = []): Promise<string> {
    await this.check(['sh', '-c', 'setsid dockerd "$@" >/var/log/dockerd.log 2>&1 </dev/null &', 'sh', ...words]);
    await eventually('dockerd answers', 120_000, async () => ((await this.exec(['docker', 'info'], { timeoutMilliseconds: 30_000 })).code === 0 ? true : undefined));
    return this.path('/run/docker.sock');
  }

  /** Every process is gone at once, as when the power fails; the disk stays. */
  async powerCut(): Promise<void> {
    const init = this.#findInit();
    if (!init) return;
    killMarked(init);
    await eventually('the host is down', 120_000, () => (isAlive(init) ? undefined : true));
    await this.#cgroup.remove();
  }

  async remove(): Promise<void> {
    await this.powerCut();
    rmSync(this.#options.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  #init(): ProcessMark {
    const init = this.#findInit();
    if (!init) throw new Error(`host ${this.name} is down`);
    return init;
  }

  #findInit(): ProcessMark | undefined {
    try {
      const init = JSON.parse(readFileSync(join(this.#options.folder, 'init.json'), 'utf8')) as ProcessMark;
      return isAlive(init) ? init : undefined;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** A cable to the segment with a lasting MAC address, and a place where packets to the service range end. */
  async #connect(pid: number): Promise<void> {
    const port = `h${this.#options.index}`;
    const mac = `02:00:0a:f0:00:${(10 + this.#options.index).toString(16).padStart(2, '0')}`;
    const segment = ['nsenter', '--target', String(this.#options.segment), '--net', 'ip'];
    // The port of a host that has just lost its power may still be there.
    await checkCommand(['sh', '-c', `${segment.join(' ')} link del ${port} 2>/dev/null || :`]);
    await checkCommand([...segment, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
    await checkCommand([...segment, 'link', 'set', port, 'master', 'rig0', 'up']);
    const lines = ['link set lo up', `link set eth0 address ${mac}`, `addr add ${this.address}/24 dev eth0`, 'link set eth0 up']
      .concat(['link add svc0 type bridge', 'link set svc0 up', 'route add 10.96.0.0/12 dev svc0']);
    await checkCommand(['nsenter', '--target', String(pid), '--net', 'ip', '-batch', '-'], { input: lines.join('\n') });
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const failed = (reason: string): void => reject(new Error(`the host does not come up: ${reason}`));
    const timer = setTimeout(() => failed(`no answer within 90 s: ${output}`), 90_000);
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes('ready')) return;
      clearTimeout(timer);
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      resolve();
    });
    child.on('error', reject);
    child.on('exit', () => {
      clearTimeout(timer);
      failed(output.trim());
    });
  });
}
