import type { Fault } from '../chaos/faults.ts';
import { delay, eventually } from '../rig/processes.ts';
import type { ComposeCluster } from './composeCluster.ts';
import { deploymentWorks, leaderOf, podWorks, podContainers, type Leader, processOf, replaceMember } from './composeParts.ts';

/** A fault of `docker-compose.yml`'s cluster, where every component is a container of its own and fails by itself. */
export type ComposeFault = Fault<ComposeCluster>;
type Choice = (cluster: ComposeCluster, random: () => number) => string | Promise<string>;
type Signal = 'KILL' | 'STOP';

const nothing = async (): Promise<void> => undefined;
const verb = (signal: Signal): string => (signal === 'KILL' ? 'kill -9' : 'SIGSTOP');
/** What was killed is started again at once: there is nothing to wait for. */
const SOON = 1000;
/** Of what has no lease: longer than anybody waits for an answer of it before turning elsewhere. */
const UNANSWERED = 4000;
/** Against waiting for ever. */
const BOUND = 120_000;
/** Longer than the time after which a node that is not heard of is Unknown. */
const GRACE = 15_000;

const anyOf = (prefix: string): Choice => (cluster, random) => {
  const services = cluster.services.filter((each) => each.startsWith(prefix));
  return services[Math.floor(random() * services.length)]!;
};

/** Of a service's first process. */
const signalled = (signal: Signal, what: string, choice: Choice, promise: string, lasts = signal === 'KILL' ? SOON : undefined): ComposeFault => ({
  name: `${verb(signal)} of ${what}`,
  promise,
  writable: true,
  ...(lasts === undefined ? {} : { lasts }),
  async inject(cluster, random) {
    const service = await choice(cluster, random);
    await cluster.kill(service, signal);
    return signal === 'KILL' ? nothing : () => cluster.kill(service, 'CONT');
  },
});

const memberBesideLeader: Choice = async (cluster) => {
  const leader = await leaderOf(cluster, 'etcd');
  return cluster.services.find((each) => each.startsWith('etcd-') && each !== leader)!;
};

/** `works` resolves when the next leader has done something; it lasts until then. */
const leaderSignalled = (signal: Signal, of: Leader, what: string, promise: string, works: (cluster: ComposeCluster) => Promise<void>): ComposeFault => ({
  name: `${verb(signal)} of the leading ${what}`,
  promise,
  writable: true,
  lasts: 0,
  async inject(cluster) {
    const leader = await leaderOf(cluster, of);
    await cluster.kill(leader, signal);
    const worked = works(cluster);
    // Whether it did is asked when the fault is healed.
    worked.catch(() => undefined);
    return async () => {
      try {
        await worked;
      } finally {
        if (signal === 'STOP') await cluster.kill(leader, 'CONT');
      }
    };
  },
});

/** Of a process that a node's supervisor keeps running; the containers of its pods are the same ones afterwards. */
const nodeProcessSignalled = (signal: Signal, process: 'agent' | 'docker', what: string, lasts: number): ComposeFault => ({
  name: `${verb(signal)} of ${what}`,
  promise: 'containers run on',
  writable: true,
  lasts,
  async inject(cluster, random) {
    const node = await anyOf('node-')(cluster, random);
    const before = await containersNow(cluster, node);
    const pid = await processOf(cluster, node, process);
    const send = (name: string): Promise<string> => cluster.host.check(['docker', 'exec', cluster.container(node), 'kill', `-${name}`, String(pid)]);
    await send(signal);
    return async () => {
      if (signal === 'STOP') await send('CONT');
      await sameContainers(cluster, node, before);
    };
  },
});

async function containersNow(cluster: ComposeCluster, node: string): Promise<string> {
  return eventually(`the engine of ${node} tells its containers`, BOUND, async () => (await podContainers(cluster, node)) || delay(200).then(() => undefined));
}

async function sameContainers(cluster: ComposeCluster, node: string, before: string): Promise<void> {
  let now = '';
  await eventually(`the containers of ${node} are those of before`, BOUND, async () => {
    now = await podContainers(cluster, node);
    return now === before || delay(200).then(() => undefined);
  });
}

const powerCut: ComposeFault = {
  name: 'power cut of a node',
  promise: 'it is Unknown after the grace period and leaves the Services; it comes back as the same node, with its pods',
  writable: true,
  lasts: 0,
  async inject(cluster) {
    const node = 'node-2';
    await cluster.powerCut(node);
    const unknown = nodeUnknown(cluster, node);
    unknown.catch(() => undefined);
    return async () => {
      try {
        await unknown;
        await outOfService(cluster, node);
      } finally {
        await cluster.startService(node);
      }
      await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=250s');
    };
  },
};

const nodeCutOff: ComposeFault = {
  name: 'a node cut off from the control plane',
  promise: 'it is Unknown after the grace period; its containers run on, and it is Ready again when it is back',
  writable: true,
  lasts: 0,
  async inject(cluster) {
    const node = 'node-3';
    const before = await containersNow(cluster, node);
    const mend = await cluster.cut(node, ['apiserver-1', 'apiserver-2', 'balancer']);
    const unknown = nodeUnknown(cluster, node);
    unknown.catch(() => undefined);
    return async () => {
      try {
        await unknown;
      } finally {
        await mend();
      }
      await sameContainers(cluster, node, before);
    };
  },
};

async function nodeUnknown(cluster: ComposeCluster, node: string): Promise<void> {
  await eventually(`${node} is Unknown`, BOUND, async () => {
    const { stdout } = await cluster.tryKubectl('get', 'node', node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');
    return stdout === 'Unknown' || delay(500).then(() => undefined);
  });
}

/** Waits until no ready endpoint of the Service `web` is on the node. */
async function outOfService(cluster: ComposeCluster, node: string): Promise<void> {
  await eventually(`${node} has left the Service`, BOUND, async () => {
    const { code, stdout } = await cluster.tryKubectl('get', 'endpointslices', '-l', 'kubernetes.io/service-name=web', '-o', 'jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].nodeName}');
    return (code === 0 && !stdout.split(' ').includes(node)) || delay(500).then(() => undefined);
  });
}

const serverCutOff: ComposeFault = {
  name: 'an API server cut off from etcd',
  promise: 'it answers consistent reads and writes with 503; the balancer leaves it',
  writable: true,
  lasts: 0,
  async inject(cluster, random) {
    const server = await anyOf('apiserver-')(cluster, random);
    const mend = await cluster.cut(server, ['etcd-1', 'etcd-2', 'etcd-3']);
    const refused = unavailable(cluster, await cluster.address(server));
    refused.catch(() => undefined);
    return async () => {
      try {
        await refused;
      } finally {
        await mend();
      }
    };
  },
};

/** Waits until an API server says that it has no etcd. (kubectl would ask again instead of telling.) */
async function unavailable(cluster: ComposeCluster, address: string): Promise<void> {
  const { certificate = '', key = '' } = cluster.all;
  await cluster.host.check(['sh', '-c', 'umask 077; cat >/root/administrator.pem'], { input: certificate + key });
  const list = ['curl', '--silent', '--insecure', '--max-time', '15', '--cert', '/root/administrator.pem', '--output', '/dev/null', '--write-out', '%{http_code}', `https://${address}:6443/api/v1/namespaces/default/configmaps`];
  await eventually(`${address} answers 503`, BOUND, async () => (await cluster.host.exec(list)).stdout === '503' || delay(500).then(() => undefined));
}

const memberReplaced: ComposeFault = {
  name: "loss of an etcd member's volume, and its replacement",
  promise: 'two members go on; a new one takes its place and catches up',
  writable: true,
  lasts: 0,
  async inject(cluster) {
    const member = 'etcd-3';
    await cluster.powerCut(member);
    await cluster.host.check(['docker', 'rm', cluster.container(member)]);
    await cluster.host.check(['docker', 'volume', 'rm', cluster.volume(member)]);
    return () => replaceMember(cluster, member);
  },
};

const TAKEN_OVER = 'the other one takes over when the lease has run out';

/** Every fault once. */
export const composeFaults: readonly ComposeFault[] = [
  signalled('KILL', 'an API server', anyOf('apiserver-'), 'clients go on with the other one'),
  signalled('STOP', 'an API server', anyOf('apiserver-'), 'the balancer leaves it, and so do clients that know both'),
  leaderSignalled('KILL', 'kube-scheduler', 'scheduler', `${TAKEN_OVER}: a new pod is scheduled`, podWorks),
  leaderSignalled('STOP', 'kube-scheduler', 'scheduler', `${TAKEN_OVER}: a new pod is scheduled`, podWorks),
  leaderSignalled('KILL', 'kube-controller-manager', 'controller manager', `${TAKEN_OVER}: a new Deployment gets its pods`, deploymentWorks),
  leaderSignalled('STOP', 'kube-controller-manager', 'controller manager', `${TAKEN_OVER}: a new Deployment gets its pods`, deploymentWorks),
  signalled('KILL', 'a member of etcd', memberBesideLeader, 'the other two go on'),
  signalled('STOP', 'a member of etcd', memberBesideLeader, 'the other two go on; API servers leave the one that does not answer', UNANSWERED),
  signalled('KILL', "etcd's leader", (cluster) => leaderOf(cluster, 'etcd'), 'the others elect another within about a second'),
  signalled('STOP', "etcd's leader", (cluster) => leaderOf(cluster, 'etcd'), 'the others elect another within about a second; API servers leave the one that does not answer', UNANSWERED),
  signalled('KILL', 'the balancer', () => 'balancer', 'clients of its address see retries until it runs again; the cluster goes on'),
  nodeProcessSignalled('KILL', 'agent', "a node's agent", SOON),
  nodeProcessSignalled('STOP', 'agent', "a node's agent", GRACE),
  nodeProcessSignalled('KILL', 'docker', "a node's engine", SOON),
  nodeProcessSignalled('STOP', 'docker', "a node's engine", UNANSWERED),
  powerCut,
  nodeCutOff,
  serverCutOff,
  memberReplaced,
];
