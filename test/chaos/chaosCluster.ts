import type { ClientConfig } from '../../client/clientConfig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { adminConfig, joinCluster, type JoinedCluster, serversReady, serviceProcess } from '../rig/joinedCluster.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { createRig, type Rig } from '../rig/rig.ts';

/** Everybody's leases and graces; `default` are Kubernetes' own. */
export type Timings = 'short' | 'default';

const SHORT = [
  'controller-manager.node-monitor-period=1s',
  'controller-manager.node-monitor-grace-period=15s',
  'controller-manager.leader-elect-lease-duration=4s',
  'controller-manager.leader-elect-renew-deadline=3s',
  'controller-manager.leader-elect-retry-period=500ms',
  'scheduler.leader-elect-lease-duration=4s',
  'scheduler.leader-elect-renew-deadline=3s',
  'scheduler.leader-elect-retry-period=500ms',
  'kubelet.node-status-update-frequency=1s',
  'kubelet.node-lease-duration=4s',
  'kubelet.eviction-pressure-transition-period=5s',
].map((each) => `--set=${each}`);

/** The size of the small file system: what fills it up is little. */
const SMALL_MEGABYTES = 512;

/** Three control planes with a member of etcd each, two workers, and a host beside them from which clients come. */
export interface ChaosCluster extends JoinedCluster {
  readonly client: RigHost;
  /** How long a leader's lease lasts. */
  readonly leaseMilliseconds: number;
  /** What every machine of it is told by flags. */
  readonly words: readonly string[];
  /** All API servers, and each alone. */
  readonly all: ClientConfig;
  readonly servers: readonly ClientConfig[];
  kubectl(words: readonly string[], input?: string): Promise<string>;
  /** The control plane whose process leads etcd, or holds the lease of a component in kube-system. */
  leader(of: 'etcd' | 'kube-scheduler' | 'kube-controller-manager'): Promise<RigHost>;
  /** Waits until everything is as it should be: all servers, nodes and members of etcd. */
  healed(seconds?: number): Promise<void>;
  close(): Promise<void>;
}

export async function startChaosCluster(timings: Timings): Promise<ChaosCluster> {
  const rig = await createRig();
  try {
    return await clusterOn(rig, timings);
  } catch (error) {
    await rig.close();
    throw error;
  }
}

async function clusterOn(rig: Rig, timings: Timings): Promise<ChaosCluster> {
  const words = timings === 'short' ? SHORT : [];
  // The disks of one member of etcd and of one kubelet are small, to be filled.
  const small: Readonly<Record<string, string>> = { cp3: '/var/lib/gantry/etcd', node1: '/var/lib/kubelet' };
  const prepare = async (host: RigHost): Promise<void> => {
    const folder = small[host.name];
    if (folder) await host.check(['sh', '-c', `mkdir -p ${folder} && mount -t tmpfs -o size=${SMALL_MEGABYTES}m tmpfs ${folder}`]);
  };
  const cluster = await joinCluster(rig, { controlPlanes: 3, workers: 2, words, prepare });
  const client = await rig.addHost('client');
  await Promise.all(cluster.hosts.map((host) => loadImages(host, { 'web:1': 'web', 'box:1': 'box' })));
  const servers = cluster.controlPlanes.map(adminConfig);
  const all: ClientConfig = { ...servers[0]!, servers: servers.flatMap((each) => each.servers) };
  const made: ChaosCluster = {
    ...cluster,
    client,
    leaseMilliseconds: timings === 'short' ? 4000 : 15_000,
    words,
    all,
    servers,
    kubectl: (list, input = '') => firstThatAnswers(cluster.controlPlanes, list, input),
    leader: (of) => (of === 'etcd' ? etcdLeader(cluster.controlPlanes) : leaseHolder(made, of)),
    healed: (seconds = 180) => healed(made, seconds),
    close: () => rig.close(),
  };
  await made.healed();
  return made;
}

/** Through whichever API server answers. */
async function firstThatAnswers(hosts: readonly RigHost[], words: readonly string[], input: string): Promise<string> {
  let complaint = '';
  for (const host of hosts) {
    const { code, stdout, stderr } = await host.exec([kubectlPath('1.32'), '--kubeconfig=/etc/kubernetes/admin.conf', '--request-timeout=10s', ...words], { input, timeoutMilliseconds: 300_000 });
    if (code === 0) return stdout;
    complaint = stderr;
  }
  throw new Error(`kubectl ${words.join(' ')}: ${complaint}`);
}

const ETCDCTL = 'ETCDCTL_API=3 etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/healthcheck-client.crt --key=/etc/kubernetes/pki/etcd/healthcheck-client.key --command-timeout=10s';

/** etcdctl on a control plane, for its own member. */
export const etcdctl = (host: RigHost, words: string): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> => host.exec(['sh', '-c', `${ETCDCTL} ${words}`]);

async function etcdLeader(hosts: readonly RigHost[]): Promise<RigHost> {
  return eventually('etcd has a leader', 120_000, async () => {
    for (const host of hosts) {
      const { code, stdout } = await etcdctl(host, 'endpoint status -w json');
      if (code !== 0) continue;
      const [{ Status }] = JSON.parse(stdout) as [{ Status: { leader: number; header: { member_id: number } } }];
      if (Status.leader === Status.header.member_id) return host;
    }
    return undefined;
  });
}

async function leaseHolder(cluster: ChaosCluster, name: string): Promise<RigHost> {
  return eventually(`somebody leads as ${name}`, 120_000, async () => {
    const holder = await cluster.kubectl(['get', 'lease', '-n', 'kube-system', name, '-o', 'jsonpath={.spec.holderIdentity}']);
    return cluster.controlPlanes.find((host) => holder.startsWith(`${host.name}_`));
  });
}

async function healed(cluster: ChaosCluster, seconds: number): Promise<void> {
  await serversReady(cluster.controlPlanes, seconds);
  for (const host of cluster.controlPlanes) await eventually(`etcd of ${host.name} is healthy`, seconds * 1000, async () => ((await etcdctl(host, 'endpoint health')).code === 0 ? true : undefined));
  for (const host of cluster.hosts) for (const service of ['docker', 'agent']) await eventually(`${service} of ${host.name} runs`, seconds * 1000, () => (serviceProcess(host, service) === undefined ? undefined : true));
  await cluster.kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', `--timeout=${seconds}s`, '--request-timeout=0']);
}
