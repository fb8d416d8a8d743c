import type { SupervisorState } from '../../cli/supervisor/supervisorFiles.ts';
import { insist } from '../rig/insist.ts';
import { delay, eventually } from '../rig/processes.ts';
import type { CommandResult } from '../../host/command.ts';
import type { ComposeCluster } from './composeCluster.ts';

/** etcd, or the Lease of a component in kube-system. */
export type Leader = 'etcd' | 'kube-scheduler' | 'kube-controller-manager';

/** A bound against waiting for ever, longer than any lease and any start on a busy machine. */
const PATIENCE = 120_000;

/** The service that leads. */
export async function leaderOf(cluster: ComposeCluster, of: Leader): Promise<string> {
  return eventually(`somebody leads ${of}`, PATIENCE, async () => (await (of === 'etcd' ? etcdLeader(cluster) : leaseHolder(cluster, of))) ?? delay(200).then(() => undefined));
}

async function etcdLeader(cluster: ComposeCluster): Promise<string | undefined> {
  for (const member of cluster.services.filter((each) => each.startsWith('etcd-'))) {
    const { code, stdout } = await cluster.exec(member, ['etcdctl', '--command-timeout=10s', 'endpoint', 'status', '-w', 'json']);
    if (code !== 0) continue;
    const [{ Status }] = JSON.parse(stdout) as [{ Status: { leader: number; header: { member_id: number } } }];
    if (Status.leader === Status.header.member_id) return member;
  }
  return undefined;
}

async function leaseHolder(cluster: ComposeCluster, name: string): Promise<string | undefined> {
  const { stdout } = await cluster.tryKubectl('get', 'lease', '-n', 'kube-system', name, '-o', 'jsonpath={.spec.holderIdentity}');
  return cluster.services.find((each) => stdout.startsWith(`${each}_`));
}

let made = 0;

/** Makes a pod and waits until somebody has given it a node. */
export async function podWorks(cluster: ComposeCluster): Promise<void> {
  const name = `probe-${(made += 1)}`;
  await changes(cluster, ['run', name, '--image=web:1', '--restart=Never']);
  await eventually('a new pod is scheduled', PATIENCE, async () => (await cluster.tryKubectl('get', 'pod', name, '-o', 'jsonpath={.spec.nodeName}')).stdout.startsWith('node-') || delay(200).then(() => undefined));
  await changes(cluster, ['delete', 'pod', name, '--wait=false', '--grace-period=1']);
}

/** Makes a Deployment and waits until it has its pods. */
export async function deploymentWorks(cluster: ComposeCluster): Promise<void> {
  const name = `probe-${(made += 1)}`;
  await changes(cluster, ['create', 'deployment', name, '--image=web:1', '--replicas=2']);
  await eventually('a new Deployment has its pods', PATIENCE, async () => {
    const { stdout } = await cluster.tryKubectl('get', 'pods', '-l', `app=${name}`, '-o', 'name');
    return stdout.split('\n').filter(Boolean).length === 2 || delay(200).then(() => undefined);
  });
  await changes(cluster, ['delete', 'deployment', name, '--wait=false']);
}

const changes = (cluster: ComposeCluster, words: readonly string[]): Promise<unknown> => insist(`kubectl ${words.join(' ')}`, () => cluster.tryKubectl(...words));

/** A process of a node's supervisor, by the container's count. */
export async function processOf(cluster: ComposeCluster, node: string, name: 'agent' | 'docker'): Promise<number> {
  return eventually(`${name} of ${node} runs`, PATIENCE, async () => {
    const { code, stdout } = await cluster.exec(node, ['cat', '/run/gantry/services.json']);
    const found = code === 0 ? (JSON.parse(stdout) as SupervisorState).services.find((each) => each.name === name) : undefined;
    return (found?.state === 'running' ? found.process?.pid : undefined) ?? delay(200).then(() => undefined);
  });
}

/** Id and start of each container of the Deployment `web` on a node, of which every node has some; empty while the engine does not answer. */
export async function podContainers(cluster: ComposeCluster, node: string): Promise<string> {
  const script = "docker inspect --format '{{.Id}} {{.State.StartedAt}}' $(docker ps --quiet --filter name=k8s_web_) | sort";
  return (await cluster.exec(node, ['sh', '-c', script], { timeoutMilliseconds: 60_000 })).stdout;
}

/** Puts a new member into the place of one whose container and volume are gone, as docs/compose.md says. */
export async function replaceMember(cluster: ComposeCluster, member: string): Promise<void> {
  const other = cluster.services.find((each) => each.startsWith('etcd-') && each !== member)!;
  const etcdctl = (...words: string[]): Promise<CommandResult> => cluster.exec(other, ['etcdctl', ...words]);
  /** A change may have no answer, and yet be done; and etcd makes none before it has been sure of its members for a while. */
  const until = (what: string, holds: (list: string) => boolean, ...words: string[]): Promise<true> =>
    eventually(what, PATIENCE, async () => {
      const { code, stdout } = await etcdctl('member', 'list');
      if (code === 0 && holds(stdout)) return true;
      if (code === 0) await etcdctl(...words);
      return delay(200).then(() => undefined);
    });
  const list = await eventually('the members are told', PATIENCE, async () => {
    const { code, stdout } = await etcdctl('member', 'list');
    return code === 0 ? stdout : delay(200).then(() => undefined);
  });
  const [id = '', , , peer = ''] = list.split('\n').find((line) => line.includes(` ${member},`))!.split(',');
  const url = peer.trim();
  await until(`${member} is no member any more`, (now) => !now.includes(id), 'member', 'remove', id);
  await until(`there is to be a member at ${url}`, (now) => now.includes(url), 'member', 'add', member, `--peer-urls=${url}`);
  await cluster.compose(['up', '--detach', '--no-deps', member], { env: { GANTRY_ETCD_CLUSTER_STATE: 'existing' } });
}
