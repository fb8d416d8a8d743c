import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually, hasCode } from './processes.ts';

const run = promisify(execFile);
/** How long an engine may take to answer, and to end, on a busy machine. */
const ENGINE_MILLISECONDS = 90_000;

/** A host of its own: a network namespace without a way out, with a Docker engine in it. */
export interface DockerHost {
  readonly socketPath: string;
  readonly directory: string;
  readonly instance: string;
  /** To be put before a command that is to run in the host's network. */
  readonly enter: readonly string[];
  restartEngine(): Promise<void>;
  /** Loads an image that holds busybox, under this name. */
  loadBusybox(name: string): Promise<void>;
  stop(): Promise<void>;
}

export interface DockerHostOptions {
  readonly liveRestore?: boolean;
}

/** Starts a private engine; only what it started is ended by `stop`. */
export async function startDockerHost(options: DockerHostOptions = {}): Promise<DockerHost> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-docker-'));
  const instance = directory.slice(-6).toLowerCase().replace(/[^a-z0-9]/g, 'x');
  const netns = `gt-${instance}`;
  const socketPath = join(directory, 'docker.sock');
  const enter = ['nsenter', `--net=/var/run/netns/${netns}`];
  await run('ip', ['netns', 'add', netns]);
  await run('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
  // The service range stays on this host.
  await run('ip', ['-n', netns, 'link', 'add', 'svc0', 'type', 'bridge']);
  await run('ip', ['-n', netns, 'link', 'set', 'svc0', 'up']);
  await run('ip', ['-n', netns, 'route', 'add', '10.96.0.0/12', 'dev', 'svc0']);
  const engine = (): Promise<number> => startEngine(directory, socketPath, enter, instance, options);
  let pid = await engine();
  return {
    socketPath,
    directory,
    instance,
    enter,
    async restartEngine() {
      await endProcess(pid);
      pid = await engine();
    },
    async loadBusybox(name) {
      const root = join(directory, 'busybox');
      await mkdir(join(root, 'bin'), { recursive: true });
      await mkdir(join(root, 'tmp'), { recursive: true });
      await run('cp', ['/bin/busybox', join(root, 'bin/busybox')]);
      await run('sh', ['-c', 'cd "$0/bin" && for each in $(./busybox --list); do [ "$each" = busybox ] || ln -sf busybox "$each"; done', root]);
      await run('sh', ['-c', 'tar -C "$0" -c . | docker -H "unix://$1" import --change "ENV PATH=/bin" - "$2"', root, socketPath, name]);
    },
    async stop() {
      const listed = await run('docker', ['-H', `unix://${socketPath}`, 'ps', '-aq']).then(({ stdout }) => stdout.split('\n').filter(Boolean), () => []);
      if (listed.length > 0) await run('docker', ['-H', `unix://${socketPath}`, 'rm', '-f', ...listed]).catch(() => undefined);
      await endProcess(pid);
      await run('ip', ['netns', 'del', netns]);
      await unmountBelow(directory);
      await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
      for (const controller of await readdir('/sys/fs/cgroup')) await removeGroups(join('/sys/fs/cgroup', controller, `gantry-${instance}`));
    },
  };
}

async function startEngine(directory: string, socketPath: string, enter: readonly string[], instance: string, { liveRestore }: DockerHostOptions): Promise<number> {
  const [command = '', ...prefix] = enter;
  // What the machine's own engine is told (/etc/docker/daemon.json) is not for this one.
  const configuration = join(directory, 'daemon.json');
  await writeFile(configuration, '{}');
  const child = spawn(
    command,
    [
      ...prefix, 'dockerd', '--config-file', configuration, '--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec'), '--pidfile', join(directory, 'docker.pid'), '-H', `unix://${socketPath}`,
      '--bridge=none', '--iptables=false', '--ip-forward=false', '--cgroup-parent', `/gantry-${instance}`, ...(liveRestore ? ['--live-restore'] : []),
    ],
    { stdio: 'ignore', detached: true },
  );
  child.unref();
  const pid = child.pid;
  if (pid === undefined) throw new Error('dockerd did not start');
  await eventually('dockerd answers', ENGINE_MILLISECONDS, () => run('docker', ['-H', `unix://${socketPath}`, 'version']).then(() => true, () => undefined));
  return pid;
}

async function endProcess(pid: number): Promise<void> {
  if (!alive(pid)) return;
  process.kill(pid, 'SIGTERM');
  const ended = (): true | undefined => (alive(pid) ? undefined : true);
  await eventually('dockerd has ended', ENGINE_MILLISECONDS, ended).catch(() => process.kill(pid, 'SIGKILL'));
  await eventually('dockerd is gone', ENGINE_MILLISECONDS, ended);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

async function unmountBelow(directory: string): Promise<void> {
  const mounted = async (): Promise<string[]> => (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '').filter((each) => each.startsWith(`${directory}/`)).reverse();
  for (const mount of await mounted()) {
    // What the engine left behind may go by itself meanwhile.
    await run('umount', ['-l', mount]).catch(async (error: unknown) => {
      if ((await mounted()).includes(mount)) throw error;
    });
  }
}

async function removeGroups(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroups(join(path, entry.name));
  await rmdir(path).catch(() => undefined);
}
