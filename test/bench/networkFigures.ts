import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkCommand, runCommand } from '../../host/command.ts';
import { Nodes } from '../../client/resources.ts';
import { NetworkCluster, type TestNode } from '../network/cluster.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { Figure } from './figures.ts';
import type { PathFigures } from './networkProbe.ts';

const PORT = 7000;
const NODE_PORT = 30_700;
const ROUNDS = 3;
const probe = join(repositoryRoot, 'test/bench/networkProbe.ts');

/** From where to where, as a word for the table. */
interface Path {
  readonly name: string;
  readonly from: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Throughput and latency between pods of three nodes, and through Services, beside the path that they all take underneath: between the same
 * hosts, by the veth pairs and the bridge of the rig's segment. The reference is that path in the same run; every path is measured in
 * turn, several times, and the median counts.
 */
export async function networkFigures(): Promise<Figure[]> {
  process.stderr.write('measuring: network\n');
  const cluster = await NetworkCluster.open();
  const servers: ChildProcess[] = [];
  try {
    const one = await cluster.addNode('one', { podCIDR: '10.244.0.0/24' });
    const two = await cluster.addNode('two', { podCIDR: '10.244.1.0/24' });
    const far = await cluster.addNode('far', { podCIDR: '10.244.2.0/24', address: '10.250.0.13' });
    const client = await cluster.addPod(one, 'client');
    const beside = await cluster.addPod(one, 'beside');
    const server = await cluster.addPod(two, 'server', { app: 'server' });
    const beyond = await cluster.addPod(far, 'beyond');
    for (const pid of [two.host.pid, beside.agent.pid, server.agent.pid, beyond.agent.pid]) servers.push(await serve(pid));
    const service = await cluster.addService('server', { type: 'NodePort', ports: [{ name: 'tcp', port: PORT, targetPort: PORT, nodePort: NODE_PORT }] });
    for (const node of [one, far]) await eventually('the Service is carried', 30_000, async () => ((await checkCommand(['nsenter', `--net=/proc/${node.host.pid}/ns/net`, 'iptables-save', '-t', 'nat'])).includes('default/server:tcp ->') ? true : undefined));
    const hasTunnel = (await runCommand(['nsenter', `--net=/proc/${one.host.pid}/ns/net`, 'ip', 'link', 'show', 'gantry-vxlan'])).code === 0;
    const bare: Path = { name: 'host to host', from: one.host.pid, host: two.address, port: PORT };
    const paths: Path[] = [
      { name: 'pod to pod, same node', from: client.agent.pid, host: beside.address, port: PORT },
      { name: 'pod to pod, other node, routed', from: client.agent.pid, host: server.address, port: PORT },
      ...(hasTunnel ? [{ name: 'pod to pod, other node, VXLAN', from: client.agent.pid, host: beyond.address, port: PORT }] : []),
      { name: 'pod to cluster IP, other node', from: client.agent.pid, host: service.spec!.clusterIP!, port: PORT },
      { name: 'outside to node port, other node', from: far.host.pid, host: one.address, port: NODE_PORT },
    ];
    const found = new Map<Path, PathFigures[]>([bare, ...paths].map((path) => [path, []]));
    for (let round = 0; round < ROUNDS; round += 1) for (const [path, figures] of found) figures.push(await ask(path));
    return [...tabled(bare, paths, (path) => medians(found.get(path)!)), ...(await comingAndGoing(cluster, one, two))];
  } finally {
    for (const each of servers) each.kill('SIGKILL');
    await cluster.close();
  }
}

/** Milliseconds from a Node's creation or deletion, as its writer sees them, until the other node's route is there or gone. */
async function comingAndGoing(cluster: NetworkCluster, one: TestNode, two: TestNode): Promise<Figure[]> {
  const isRouted = async (): Promise<boolean> => (await checkCommand(['nsenter', `--net=/proc/${one.host.pid}/ns/net`, 'ip', 'route', 'show', two.podCIDR])) !== '';
  const until = async (routed: boolean): Promise<number> => {
    const began = performance.now();
    await eventually('the route has followed', 30_000, async () => ((await isRouted()) === routed ? true : undefined));
    return performance.now() - began;
  };
  const times: { readonly leave: number; readonly join: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await cluster.control.client.delete(Nodes, two.name);
    const leave = await until(false);
    await cluster.register(two);
    times.push({ leave, join: await until(true) });
  }
  const middle = (values: readonly number[]): number => values.toSorted((left, right) => left - right)[values.length >> 1]!;
  return [
    { name: 'a node that joined is routed to after', value: middle(times.map(({ join }) => join)), unit: 'ms' },
    { name: 'a node that left is routed to no more after', value: middle(times.map(({ leave }) => leave)), unit: 'ms' },
  ];
}

function tabled(bare: Path, paths: readonly Path[], of: (path: Path) => PathFigures): Figure[] {
  const base = of(bare);
  const MEGABYTE = 1e6;
  return [
    { name: `${bare.name}, throughput`, value: base.throughput / MEGABYTE, unit: 'MB/s' },
    { name: `${bare.name}, round trip`, value: base.roundTrip, unit: 'µs' },
    { name: `${bare.name}, new connection`, value: base.connect, unit: 'µs' },
    ...paths.flatMap((path) => {
      const { throughput, roundTrip, connect } = of(path);
      return [
        { name: `${path.name}, throughput`, value: throughput / MEGABYTE, unit: 'MB/s', reference: base.throughput / MEGABYTE },
        { name: `${path.name}, round trip`, value: roundTrip, unit: 'µs', reference: base.roundTrip },
        { name: `${path.name}, new connection`, value: connect, unit: 'µs', reference: base.connect },
      ];
    }),
  ];
}

function medians(figures: readonly PathFigures[]): PathFigures {
  const of = (key: keyof PathFigures): number => figures.map((each) => each[key]).toSorted((left, right) => left - right)[figures.length >> 1]!;
  return { throughput: of('throughput'), roundTrip: of('roundTrip'), connect: of('connect') };
}

async function serve(pid: number): Promise<ChildProcess> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', `--net=/proc/${pid}/ns/net`, process.execPath, probe, 'serve', String(PORT)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`a probe ended with ${code}`)));
  });
  return child;
}

async function ask({ from, host, port }: Path): Promise<PathFigures> {
  return JSON.parse(await checkCommand(['nsenter', `--net=/proc/${from}/ns/net`, process.execPath, probe, 'ask', host, String(port)])) as PathFigures;
}
