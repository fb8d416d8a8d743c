import { join } from 'node:path';
import { systemClock } from '../../process/clock.ts';
import type { RigHost } from '../rig/host.ts';
import { serversReady, serviceProcess } from '../rig/joinedCluster.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { ChaosCluster } from './chaosCluster.ts';

/** Something that goes wrong, and what is promised of the cluster meanwhile. */
export interface Fault<C = ChaosCluster> {
  readonly name: string;
  /** What a client may expect, for docs/reliability.md. */
  readonly promise: string;
  /** Whether writes go on during the fault (after a short gap), so that a test may wait for them. */
  readonly writable: boolean;
  /** Brings it about; resolves to what undoes it. */
  inject(cluster: C, random: () => number): Promise<() => Promise<void>>;
  /** How long it lasts, in milliseconds; longer than a lease unless given. */
  readonly lasts?: number;
}

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!;
const gantry = join(repositoryRoot, 'bin/gantry');
const nothing = async (): Promise<void> => undefined;

async function signal(host: RigHost, service: string, name: 'KILL' | 'STOP' | 'CONT'): Promise<void> {
  const pid = await eventually(`${service} of ${host.name} runs`, 120_000, () => serviceProcess(host, service));
  await host.check(['kill', `-${name}`, String(pid)]);
}

/** Ends a process of a machine as a crash does; the machine's supervisor starts it again. */
const killed = (service: string, where: 'controlPlanes' | 'hosts', promise: string): Fault => ({
  name: `kill -9 of ${service}`,
  promise,
  writable: true,
  async inject(cluster, random) {
    await signal(pick(cluster[where], random), service, 'KILL');
    return nothing;
  },
});

/** Stops a process without ending it, for longer than its lease, and lets it go on. */
const paused = (service: string, where: 'controlPlanes' | 'hosts', promise: string): Fault => ({
  name: `SIGSTOP of ${service}`,
  promise,
  writable: true,
  async inject(cluster, random) {
    const host = pick(cluster[where], random);
    await signal(host, service, 'STOP');
    return () => signal(host, service, 'CONT');
  },
});

/** Takes the packets between a host and others, both ways, before any other rule sees them. */
export async function cut(host: RigHost, others: readonly RigHost[]): Promise<() => Promise<void>> {
  const rules = (action: '-I' | '-D'): string => others.flatMap(({ address }) => [`iptables -w -t raw ${action} PREROUTING -s ${address} -j DROP`, `iptables -w -t raw ${action} OUTPUT -d ${address} -j DROP`]).join(' && ');
  await host.check(['sh', '-c', rules('-I')]);
  return async () => void (await host.check(['sh', '-c', rules('-D')]));
}

const etcdLeaderKilled: Fault = {
  name: "kill -9 of etcd's leader",
  promise: 'etcd elects another leader within about a second; writes under way are settled or answered with a retryable error',
  writable: true,
  async inject(cluster) {
    await signal(await cluster.leader('etcd'), 'etcd', 'KILL');
    return nothing;
  },
};

const memberLost: Fault = {
  name: "loss of one etcd member's disk, and its replacement",
  promise: 'two members go on; the machine leaves and joins again, and its new member catches up',
  writable: true,
  async inject(cluster) {
    const [first, host] = cluster.controlPlanes as [RigHost, RigHost];
    await host.check(['sh', '-c', `kill -9 ${serviceProcess(host, 'etcd')}; rm -rf /var/lib/gantry/etcd/*`]);
    return async () => {
      await host.check([gantry, 'leave', '--drain=false'], { timeoutMilliseconds: 300_000 });
      const line = (await first.check([gantry, 'token', 'create', '--control-plane'])).trim().split(' ').slice(1);
      await host.check([gantry, ...line, '--etcd', ...cluster.words], { timeoutMilliseconds: 300_000 });
    };
  },
};

const majorityLost = (lasts: number): Fault => ({
  name: "loss of etcd's majority",
  promise: 'writes and consistent reads get 503 with Retry-After, watches and reads with resourceVersion=0 go on; all recovers by itself, nothing that was acknowledged is lost',
  writable: false,
  lasts,
  async inject(cluster) {
    const two = cluster.controlPlanes.slice(1);
    for (const host of two) await signal(host, 'etcd', 'STOP');
    return async () => {
      for (const host of two) await signal(host, 'etcd', 'CONT');
    };
  },
});

const nodeCutOff: Fault = {
  name: 'a node cut off from the control plane',
  promise: 'its pods run on; it is Unknown after the grace period, its pods are replaced elsewhere, and those that were replaced are removed when it is back',
  writable: true,
  inject: (cluster) => cut(cluster.workers[0]!, cluster.controlPlanes),
};

const controlPlaneCutOff: Fault = {
  name: 'a control plane cut off from etcd',
  promise: 'its API server stops answering consistent reads and writes (503); clients go on with the others',
  writable: true,
  inject: (cluster, random) => {
    const host = pick(cluster.controlPlanes, random);
    return cut(host, cluster.controlPlanes.filter((each) => each !== host));
  },
};

const nodePowerCut: Fault = {
  name: "a node's power cut",
  promise: 'its pods are replaced elsewhere after the grace period and their tolerations; the machine comes back as the same node',
  writable: true,
  async inject(cluster) {
    const host = cluster.workers[1]!;
    await host.powerCut();
    return async () => {
      await host.boot();
      await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 });
    };
  },
};

/** In every host's own network: this kernel may have no `netem`, so that packets are dropped by iptables. */
const packetLoss: Fault = {
  name: '50 % packet loss at one control plane',
  promise: 'all goes on, slower, through that server and the others',
  writable: true,
  async inject(cluster, random) {
    const host = pick(cluster.controlPlanes, random);
    const rule = (action: '-I' | '-D'): string[] => ['iptables', '-w', '-t', 'raw', action, 'PREROUTING', '-i', 'eth0', '-m', 'statistic', '--mode', 'random', '--probability', '0.5', '-j', 'DROP'];
    await host.check(rule('-I'));
    return async () => void (await host.check(rule('-D')));
  },
};

/** Of what others send to one control plane and hear from it: a proxy stands before its API server and its member of etcd, in the host's own network. */
const delay: Fault = {
  name: '200 ms delay at one control plane',
  promise: 'all goes on, slower, through that server and the others',
  writable: true,
  async inject(cluster, random) {
    const host = pick(cluster.controlPlanes, random);
    const ways = { 6443: 16_443, 2380: 12_380, 2379: 12_379 };
    const words = Object.entries(ways).map(([target, listen]) => `${listen}:${target}`);
    const proxy = host.spawn([process.execPath, join(repositoryRoot, 'test/chaos/delayProxy.ts'), '200', ...words]);
    const rules = (action: '-A' | '-D'): Promise<string> => host.check(['sh', '-c', Object.entries(ways).map(([target, listen]) => `iptables -w -t nat ${action} PREROUTING -i eth0 -p tcp --dport ${target} -j REDIRECT --to-ports ${listen}`).join(' && ')]);
    // Connections that stand go on as before until they are forgotten.
    const forget = (): Promise<unknown> => Promise.all(Object.keys(ways).map((port) => host.exec(['conntrack', '-D', '-p', 'tcp', '--dport', port])));
    await eventually('the proxy listens', 60_000, async () => ((await host.check(['ss', '-Hltn'])).match(/:1(6443|2380|2379) /g)?.length === 3 ? true : undefined));
    await rules('-A');
    await forget();
    return async () => {
      await rules('-D');
      process.kill(-proxy.pid!, 'SIGKILL');
      await forget();
    };
  },
};

/** Debian's libfaketime, in a process of the test's own host alone. */
const FAKETIME = '/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketime.so.1';

const clockJump: Fault = {
  name: "the clock of one control plane's server jumps an hour",
  promise: 'resourceVersions, leases and watches go on: none of them goes by the wall clock',
  writable: true,
  async inject(cluster) {
    const host = cluster.controlPlanes[1]!;
    const restarted = async (before: number | undefined): Promise<void> => {
      await host.check(['kill', '-TERM', String(before)]);
      await eventually('the server runs again', 120_000, () => ((serviceProcess(host, 'server') ?? before) === before ? undefined : true));
      await serversReady([host]);
    };
    // Its own Node.js is started by way of a script; what jumps is a file that the library reads.
    const node = '$(ls -d /var/lib/gantry/versions/*/node)';
    await host.check(['sh', '-c', `echo +0 >/root/clock && mv ${node} "${node}.real" && printf '#!/bin/sh\nexport LD_PRELOAD=%s FAKETIME_TIMESTAMP_FILE=/root/clock FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1\nexec "$0.real" "$@"\n' "${FAKETIME}" >/root/node && chmod 755 /root/node && cp /root/node "$(dirname /var/lib/gantry/versions/*/node.real)/node"`]);
    await restarted(serviceProcess(host, 'server'));
    await host.check(['sh', '-c', 'echo +1h >/root/clock']);
    await eventually("the server's clock has jumped", 120_000, async () => {
      const { stdout } = await host.exec(['curl', '--silent', '--insecure', '--head', '--request', 'GET', 'https://127.0.0.1:6443/livez']);
      return Date.parse(/^date: (.*)$/im.exec(stdout)?.[1] ?? '') - Date.now() > 1_800_000 ? true : undefined;
    });
    return async () => {
      await host.check(['sh', '-c', 'echo +0 >/root/clock; for each in /var/lib/gantry/versions/*/node.real; do mv "$each" "${each%.real}"; done']);
      await restarted(serviceProcess(host, 'server'));
    };
  },
};

const kubeletDiskFull: Fault = {
  name: 'a full disk under a kubelet',
  promise: 'the node says DiskPressure and gets no new pods; those that it has go, one after the other by what they use, until there is room',
  writable: true,
  async inject(cluster) {
    const host = cluster.workers[0]!;
    await host.exec(['sh', '-c', 'dd if=/dev/zero of=/var/lib/kubelet/filler bs=1M 2>/dev/null; sync']);
    await eventually('the node says DiskPressure', 180_000, async () => {
      const said = await cluster.kubectl(['get', 'node', host.name, '-o', 'jsonpath={.status.conditions[?(@.type=="DiskPressure")].status}']);
      return said === 'True' ? true : undefined;
    });
    return async () => void (await host.check(['rm', '-f', '/var/lib/kubelet/filler']));
  },
};

const etcdDiskFull: Fault = {
  name: 'a full disk under etcd',
  promise: 'that member fails, the others go on; with room again it comes back',
  writable: true,
  async inject(cluster) {
    const host = cluster.controlPlanes[2]!;
    await host.exec(['sh', '-c', 'dd if=/dev/zero of=/var/lib/gantry/etcd/filler bs=1M 2>/dev/null; sync']);
    return async () => void (await host.check(['rm', '-f', '/var/lib/gantry/etcd/filler']));
  },
};

const engineRestarted: Fault = {
  name: 'dockerd killed',
  promise: 'containers run on; the kubelet finds them again',
  writable: true,
  async inject(cluster, random) {
    await signal(pick(cluster.workers, random), 'docker', 'KILL');
    return nothing;
  },
};

/** Beside another fault; alone it is there with a rolling update. */
export const serverRestartedOften = (lasts: number): Fault => ({
  name: 'an API server restarted every 10 s',
  promise: 'clients see retries at most',
  writable: true,
  lasts,
  inject: restartsOfServer,
});

/** Restarts the first control plane's server every 10 s, beginning now; resolves to what ends that. */
export async function restartsOfServer(cluster: ChaosCluster): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const host = cluster.controlPlanes[0]!;
  const round = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const pid = await eventually('the server runs', 120_000, () => serviceProcess(host, 'server'));
      // It may just have ended by the time before.
      await host.exec(['kill', '-TERM', String(pid)]);
      await systemClock.sleep(10_000, stop.signal);
    }
  };
  const rounds = round();
  // Whether they went well is asked at the end.
  rounds.catch(() => undefined);
  return async () => {
    stop.abort();
    await rounds;
  };
}

/** What only such a cluster has: one process for API server, scheduler and controllers, disks of their own to fill. The loss of etcd's majority lasts so many milliseconds. */
export const ownFaults = ({ majority }: { readonly majority: number }): readonly Fault[] => [
  killed('server', 'controlPlanes', 'clients go on with another API server; another scheduler and controller manager take over when the lease has run out'),
  paused('server', 'controlPlanes', 'clients leave a server that holds connections without answering; whoever led writes nothing more after its deadline'),
  majorityLost(majority),
  packetLoss,
  delay,
  clockJump,
  etcdDiskFull,
  kubeletDiskFull,
  memberLost,
];

/** What the cluster of docker-compose.yml goes through as well, in `npm test`. */
const sharedFaults: readonly Fault[] = [
  killed('etcd', 'controlPlanes', 'the other two members go on'),
  killed('agent', 'hosts', 'containers run on'),
  etcdLeaderKilled,
  engineRestarted,
  paused('etcd', 'controlPlanes', 'the other two members go on; API servers leave the one that does not answer'),
  paused('agent', 'hosts', 'containers run on'),
  nodeCutOff,
  controlPlaneCutOff,
  nodePowerCut,
];

/** Every single fault of a process, disk, machine or network. */
export const faults = (options: Parameters<typeof ownFaults>[0]): readonly Fault[] => [...sharedFaults, ...ownFaults(options)];
