import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { release } from 'node:os';
import { dirname } from 'node:path';
import { runCommand } from '../../host/command.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { bootId, readHostRecord } from '../hostRecord.ts';
import type { MachineRole } from '../machineRole.ts';
import { aptAvailable } from '../packages/apt.ts';
import { missingPackages, packagesOf } from '../packages/hostPackages.ts';
import { isAlive } from '../supervisor/processMark.ts';
import { lockHolder, readPlan, readState } from '../supervisor/supervisorFiles.ts';
import type { HostFacts, TakenPort } from './plan.ts';
import { activeServices } from './systemd.ts';

/** Looks at the host, changing nothing. */
export async function hostFacts(settings: ClusterSettings, wantedVersion: string, role: MachineRole): Promise<HostFacts> {
  const { paths } = settings;
  const record = readHostRecord(paths);
  const systemd = existsSync('/run/systemd/system');
  const plan = readPlan(paths);
  const units = systemd && plan ? await activeServices(settings.name, plan.services) : 'none';
  const up = lockHolder(paths) !== undefined || units === 'all';
  const running = !up ? 'no' : plan?.version === wantedVersion ? 'this version' : 'another version';
  const left = servicesLeft(settings);
  const engine = await askEngine(settings.dockerSocket);
  return {
    root: process.geteuid?.() === 0,
    kernel: release(),
    cgroups: existsSync('/sys/fs/cgroup/cgroup.controllers') || existsSync('/sys/fs/cgroup/memory'),
    freeBytes: freeBytes(paths.state),
    stateFolder: paths.state,
    missingPackages: missingPackages(packagesOf(role), existsSync),
    apt: aptAvailable(),
    systemd,
    dockerAnswers: engine !== undefined,
    // One of ours is ended, hanging or not, by the next supervisor.
    dockerHangs: engine === undefined && running === 'no' && !left.has('docker') && (await takesConnections(settings.dockerSocket)),
    dockerOurs: record?.dockerInstalled ?? false,
    dockerSupervised: (running !== 'no' && (plan?.services.some(({ name }) => name === 'docker') ?? false)) || left.has('docker'),
    liveRestore: engine?.LiveRestoreEnabled,
    // After a reboot systemd has started the cluster without `up`.
    foreignChains: record?.bootId === bootId() || up || units !== 'none' ? [] : await kubernetesChains(),
    // What a supervisor that was killed has left still has its ports, and so has what runs when one unit was stopped; the next start ends it first.
    takenPorts: running === 'no' && left.size === 0 && units === 'none' ? await takenPorts(settings, role) : [],
    running,
  };
}

/** The services of a supervisor, also of one that was killed, which still run. */
function servicesLeft({ paths }: ClusterSettings): Set<string> {
  return new Set((readState(paths)?.services ?? []).filter(({ process: mark }) => mark && isAlive(mark)).map(({ name }) => name));
}

function freeBytes(folder: string): number {
  if (!existsSync(folder)) return freeBytes(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

interface EngineInfo {
  readonly LiveRestoreEnabled: boolean;
}

/** What an engine says of itself; undefined when none answers on the socket within ten seconds. */
export function askEngine(socketPath: string): Promise<EngineInfo | undefined> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/info', timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(response.statusCode === 200 ? (JSON.parse(Buffer.concat(chunks).toString()) as EngineInfo) : undefined));
    });
    call.on('timeout', () => call.destroy());
    // No socket, or nobody behind it.
    call.on('error', () => resolve(undefined));
    call.end();
  });
}

function takesConnections(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const done = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', done(true));
    socket.once('error', done(false));
  });
}

async function kubernetesChains(): Promise<string[]> {
  if (!existsSync('/usr/sbin/iptables-save') && !existsSync('/sbin/iptables-save')) return [];
  const { stdout } = await runCommand(['iptables-save']);
  return [...stdout.matchAll(/^:(KUBE-\S+)/gm)].map((match) => match[1]!);
}

async function takenPorts({ ports }: ClusterSettings, role: MachineRole): Promise<TakenPort[]> {
  const purposes: Readonly<Record<keyof typeof ports, string>> = {
    apiserver: 'the API server',
    etcdClient: 'etcd',
    etcdPeer: "etcd's peers",
    kubelet: 'the kubelet',
    kubeletHealth: "the kubelet's health",
    controllerManager: 'the controller manager',
    scheduler: 'the scheduler',
    proxyHealth: "kube-proxy's health",
    proxyMetrics: "kube-proxy's metrics",
    dns: 'the cluster DNS',
  };
  const taken: TakenPort[] = [];
  const unused: readonly string[] = [...(role.controlPlane ? [] : ['apiserver', 'controllerManager', 'scheduler']), ...(role.etcd ? [] : ['etcdClient', 'etcdPeer'])];
  for (const [name, port] of Object.entries(ports)) {
    if (unused.includes(name) || (await canListen(port))) continue;
    taken.push({ port, purpose: purposes[name as keyof typeof ports], holder: await holderOf(port) });
  }
  return taken;
}

/** On all addresses, so that a listener on any single one is noticed too. */
function canListen(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

/** `ss` ends its lines with `users:(("etcd",pid=1,fd=7))`. */
async function holderOf(port: number): Promise<string | undefined> {
  if (!existsSync('/usr/bin/ss') && !existsSync('/bin/ss')) return undefined;
  const { stdout } = await runCommand(['ss', '-Hltnp', `sport = :${port}`]);
  const match = /users:\(\("([^"]+)",pid=(\d+)/.exec(stdout);
  return match ? `${match[1]} (process ${match[2]})` : undefined;
}

/** The host's own IPv4 addresses: that of the default route first, bridges of container engines left out. */
export function hostAddresses(interfaces: NodeJS.Dict<Array<{ readonly family: string; readonly address: string; readonly internal: boolean }>>, routes: string): string[] {
  const defaultLink = routes.split('\n').map((line) => line.split('\t')).find(([, destination]) => destination === '00000000')?.[0];
  return Object.entries(interfaces)
    .filter(([name]) => !/^(docker|br-|veth|cni|virbr|lxc|flannel|cali)/.test(name))
    .sort(([a], [b]) => Number(b === defaultLink) - Number(a === defaultLink))
    .flatMap(([, list]) => (list ?? []).filter(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.')).map(({ address }) => address));
}

export const readRoutes = (): string => readFileSync('/proc/net/route', 'utf8');
