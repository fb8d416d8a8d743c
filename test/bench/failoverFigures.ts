import { createInterface } from 'node:readline';
import { type ChaosCluster, startChaosCluster, type Timings } from '../chaos/chaosCluster.ts';
import type { RigHost } from '../rig/host.ts';
import { serviceProcess } from '../rig/joinedCluster.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { Figure } from './figures.ts';
import type { ProbeResult } from './failoverProbe.ts';

/**
 * What a client notices when the leader of etcd, or the control plane process that leads as scheduler or as controller manager, or one that only serves the
 * API, is gone: it is stopped (SIGSTOP), so that nobody closes its connections and no supervisor starts it again, as when its machine is lost.
 */
const LOSSES = [
  { name: 'API server', service: 'server', target: followerOf },
  { name: 'scheduler', service: 'server', target: (cluster: ChaosCluster) => cluster.leader('kube-scheduler') },
  { name: 'controller manager', service: 'server', target: (cluster: ChaosCluster) => cluster.leader('kube-controller-manager') },
  { name: 'etcd leader', service: 'etcd', target: (cluster: ChaosCluster) => cluster.leader('etcd') },
] as const;

/** Failover times with short leases and with Kubernetes' own, on a cluster of five hosts each; the ratio of the two stands beside the latter as its reference. */
export async function failoverFigures(): Promise<Figure[]> {
  const short = await withTimings('short');
  const usual = await withTimings('default');
  return [
    ...short.map((figure) => ({ ...figure, name: `${figure.name}, short leases` })),
    ...usual.map((figure, at) => ({ ...figure, name: `${figure.name}, default leases (reference: short)`, reference: short[at]!.value })),
  ];
}

async function withTimings(timings: Timings): Promise<Figure[]> {
  process.stderr.write(`measuring: failover with ${timings} timings\n`);
  const cluster = await startChaosCluster(timings);
  try {
    const figures: Figure[] = [];
    for (const loss of LOSSES) {
      const { longestGap, pod, replica } = await lose(cluster, await loss.target(cluster), loss.service);
      const figure = (what: string, milliseconds: number): Figure => ({ name: `loss of ${loss.name}: ${what}`, value: milliseconds / 1000, unit: 's' });
      figures.push(figure('longest gap between two writes', longestGap), figure('next pod scheduled', pod), figure('next pod of a ReplicaSet scheduled', replica));
      await cluster.healed();
    }
    return figures;
  } finally {
    await cluster.close();
  }
}

async function lose(cluster: ChaosCluster, host: RigHost, service: string): Promise<ProbeResult> {
  const child = cluster.client.spawn([process.execPath, `${repositoryRoot}/test/bench/failoverProbe.ts`]);
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`the probe ended: ${complaints}`);
    return value;
  };
  const pid = await eventually(`${service} of ${host.name} runs`, 30_000, () => serviceProcess(host, service));
  child.stdin?.write(`${JSON.stringify(cluster.all)}\n`);
  try {
    await answer();
    await host.check(['kill', '-STOP', String(pid)]);
    child.stdin?.write('lost\n');
    return JSON.parse(await answer()) as ProbeResult;
  } finally {
    await host.exec(['kill', '-CONT', String(pid)]);
    child.kill('SIGKILL');
  }
}

/** A control plane that leads nothing; where each leads something, the one that does not schedule. */
async function followerOf(cluster: ChaosCluster): Promise<RigHost> {
  const leaders = [await cluster.leader('kube-scheduler'), await cluster.leader('kube-controller-manager'), await cluster.leader('etcd')];
  return cluster.controlPlanes.find((host) => !leaders.includes(host)) ?? cluster.controlPlanes.find((host) => !leaders.slice(0, 2).includes(host)) ?? cluster.controlPlanes.find((host) => host !== leaders[0])!;
}
