import { join } from 'node:path';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type MachineRole, WHOLE_CLUSTER } from '../machineRole.ts';
import { engineHold, type Service } from '../supervisor/supervisorFiles.ts';

/** Where the programs are that a cluster consists of. */
export interface Programs {
  /** The installed version's own Node.js and bundle. */
  readonly node: string;
  readonly gantry: string;
  readonly etcd: string;
  /** Undefined where the engine is run by somebody else (systemd, the user). */
  readonly dockerd: string | undefined;
  /** Whether that engine's own configuration says already what is to become of containers while it is away. */
  readonly dockerdKnowsLiveRestore: boolean;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * How much memory Node.js takes for speed (figures: docs/benchmarks.md). A small nursery costs the server nothing that can be measured;
 * `--optimize-for-size` would cost it a third of its speed, which the node's agent and the supervisor do not need.
 */
export const NODE_FLAGS = {
  server: ['--max-semi-space-size=2'],
  agent: ['--optimize-for-size'],
  supervisor: ['--optimize-for-size'],
} as const;

/** What runs on a machine in its role, in the order of starting. */
export function services(settings: ClusterSettings, programs: Programs, role: MachineRole = WHOLE_CLUSTER): Service[] {
  const { node, gantry } = programs;
  const own = (name: 'server' | 'agent', words: readonly string[] = []): Service => ({
    name,
    command: [node, ...NODE_FLAGS[name], gantry, name, ...settings.words, ...words],
    environment: { PATH, HOME: '/root', NODE_ENV: 'production', NODE_COMPILE_CACHE: join(settings.paths.state, 'compile-cache') },
    stopMilliseconds: 15_000,
  });
  return [
    ...(programs.dockerd ? [dockerd(programs.dockerd, programs.dockerdKnowsLiveRestore, settings)] : []),
    ...(role.etcd ? [etcd(programs.etcd, settings, role)] : []),
    ...(role.controlPlane ? [own('server', etcdServers(settings, role))] : []),
    own('agent'),
  ];
}

/** The members that the API server begins with: its neighbour first. */
function etcdServers({ ports }: ClusterSettings, { etcd: member, externalEtcd, otherMembers = [] }: MachineRole): string[] {
  const urls = [...(member ? [`https://127.0.0.1:${ports.etcdClient}`] : []), ...(externalEtcd?.endpoints ?? []), ...otherMembers];
  return urls.length === 1 && member ? [] : [`--set=apiserver.etcd-servers=${urls.join(',')}`];
}

/** Pods outlive a restart of the engine: as a flag of the process that is ours, so that nobody's configuration is touched. A flag and an entry in daemon.json exclude each other. */
function dockerd(program: string, knowsLiveRestore: boolean, { dockerSocket, paths }: ClusterSettings): Service {
  return {
    name: 'docker',
    command: [program, '--host', `unix://${dockerSocket}`, '--pidfile', join(paths.run, 'docker.pid'), ...(knowsLiveRestore ? [] : ['--live-restore'])],
    environment: { PATH, HOME: '/root' },
    stopMilliseconds: 30_000,
    heldBy: engineHold(paths),
  };
}

/**
 * An etcd that only holders of a certificate of its own authority can speak to. It listens on every address, so that the machine may get
 * another one; what it announces counts only where there are other members.
 */
function etcd(program: string, { nodeName, nodeAddress, ports, paths }: ClusterSettings, { initialCluster }: MachineRole): Service {
  const client = `https://${nodeAddress}:${ports.etcdClient}`;
  const peer = `https://${nodeAddress}:${ports.etcdPeer}`;
  const pki = (file: string): string => join(paths.pki, 'etcd', file);
  const flags = {
    name: nodeName,
    'data-dir': paths.etcdData,
    'listen-client-urls': `https://0.0.0.0:${ports.etcdClient}`,
    'advertise-client-urls': client,
    'listen-peer-urls': `https://0.0.0.0:${ports.etcdPeer}`,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': initialCluster?.join(',') ?? `${nodeName}=${peer}`,
    'initial-cluster-state': initialCluster ? 'existing' : 'new',
    'client-cert-auth': 'true',
    'trusted-ca-file': pki('ca.crt'),
    'cert-file': pki('server.crt'),
    'key-file': pki('server.key'),
    'peer-client-cert-auth': 'true',
    'peer-trusted-ca-file': pki('ca.crt'),
    'peer-cert-file': pki('peer.crt'),
    'peer-key-file': pki('peer.key'),
    'snapshot-count': '10000',
    logger: 'zap',
  };
  return {
    name: 'etcd',
    command: [program, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)],
    environment: { PATH },
    stopMilliseconds: 10_000,
  };
}
