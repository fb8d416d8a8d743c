import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1EndpointSlice, V1Node, V1Service } from '../../api/generated/types.ts';
import { EndpointSlices, Namespaces, Nodes, Pods, ServiceAccounts, Services } from '../../client/resources.ts';
import { checkCommand } from '../../host/command.ts';
import { defaultProxySettings, type KubeProxyConfig } from '../../kube-proxy/main.ts';
import { defaultNodeNetworkSettings } from '../../node-network/main.ts';
import type { Mode } from '../../node-network/wanted.ts';
import { formatTime, systemClock } from '../../process/clock.ts';
import { Namespace } from '../kube-proxy/namespace.ts';
import { type ControlPlane, startControlPlane } from '../rig/controlPlane.ts';
import type { RigHost } from '../rig/host.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { createRig, type Rig } from '../rig/rig.ts';
import type { NodeProcessConfig } from './nodeProcess.ts';

export interface NodeOptions {
  readonly podCIDR: string;
  readonly zone?: string;
  readonly mode?: Mode;
  /** On another segment than 10.240.0.0/24, which is routed to it. */
  readonly address?: string;
  readonly proxy?: Partial<KubeProxyConfig> | false;
}

/** A host of the rig that is a node. */
export interface TestNode {
  readonly name: string;
  readonly host: RigHost;
  readonly address: string;
  readonly podCIDR: string;
  /** Asks and serves (on port 9090) in the host's own network. */
  readonly agent: Namespace;
  process: ChildProcess;
}

/** A pod: a namespace on its node's bridge, and an object of the API. */
export interface TestPod {
  readonly name: string;
  readonly node: TestNode;
  readonly address: string;
  readonly agent: Namespace;
}

const DEVICE = 'gantry-vxlan';

/** Several hosts that are nodes of one cluster, with the real network components on each, and pods that are network namespaces. */
export class NetworkCluster {
  readonly rig: Rig;
  readonly control: ControlPlane;
  readonly nodes = new Map<string, TestNode>();
  readonly #folder: string;
  readonly #relay: Server;
  readonly #pods = new Set<TestPod>();
  readonly #lastPod = new Map<string, number>();

  private constructor(rig: Rig, control: ControlPlane, folder: string, relay: Server) {
    this.rig = rig;
    this.control = control;
    this.#folder = folder;
    this.#relay = relay;
  }

  static async open(): Promise<NetworkCluster> {
    const [rig, control] = await Promise.all([createRig(), startControlPlane({ controllers: ['endpointslice-controller'], scheduler: false })]);
    const folder = mkdtempSync(join(tmpdir(), 'gantry-network-'));
    const port = Number(new URL(control.clientConfig.servers[0]!).port);
    const relay = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      near.on('error', () => far.destroy()).pipe(far);
      far.on('error', () => near.destroy()).pipe(near);
    });
    await new Promise<void>((resolve) => relay.listen(join(folder, 'api.sock'), resolve));
    const cluster = new NetworkCluster(rig, control, folder, relay);
    await eventually('the namespace is there', 60_000, () => control.client.get(Namespaces, 'default').then(() => true, () => undefined));
    await control.client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } }, 'default');
    return cluster;
  }

  /** A host with its components; the Node object comes last, as `register` would make it. */
  async addNode(name: string, options: NodeOptions): Promise<TestNode> {
    const host = await this.rig.addHost(name);
    const address = options.address ?? host.address;
    const enter = ['nsenter', `--net=/proc/${host.pid}/ns/net`];
    const ip = (...lines: string[]): Promise<string> => checkCommand([...enter, 'ip', '-batch', '-'], { input: lines.join('\n') });
    if (options.address) await ip('address flush dev eth0', `address add ${address}/24 dev eth0`, 'route add 10.240.0.0/24 dev eth0');
    else await ip('route add 10.250.0.0/24 dev eth0');
    const bridge = options.podCIDR.replace(/0\/24$/, '1');
    await ip(`link add cni0 address 02:00:${bridge.split('.').map((part) => Number(part).toString(16).padStart(2, '0')).join(':')} type bridge`, `address add ${bridge}/24 dev cni0`, 'link set cni0 up');
    // That there is no way the kernel says once in a second at most. Its limit of ICMP errors draws on the same account, which is empty for ever for those who ask
    // again in less than two seconds: by the mask no error counts against that one.
    const settings = ['net.bridge.bridge-nf-call-iptables=1', 'net.ipv4.conf.all.rp_filter=1', 'net.ipv4.conf.eth0.rp_filter=1', 'net.ipv4.icmp_ratemask=0'];
    await checkCommand([...enter, 'sysctl', '-qw', ...settings]);
    // As Docker leaves it.
    await checkCommand([...enter, 'iptables', '--wait', '-P', 'FORWARD', 'DROP']);
    const agent = await Namespace.open(name, { within: enter, port: 9090 });
    const node: TestNode = { name, host, address, podCIDR: options.podCIDR, agent, process: await this.startComponents(name, host, address, options) };
    this.nodes.set(name, node);
    await this.register(node, options.zone);
    return node;
  }

  /** What its kubelet is told. */
  noticeFile(node: string): string {
    return join(this.#folder, `${node}.json`);
  }

  async startComponents(name: string, host: RigHost, address: string, { mode = 'auto', proxy = {} }: Pick<NodeOptions, 'mode' | 'proxy'>): Promise<ChildProcess> {
    const config: NodeProcessConfig = {
      client: this.control.clientConfig,
      relay: join(this.#folder, 'api.sock'),
      network: {
        ...defaultNodeNetworkSettings,
        nodeName: name,
        nodeAddress: address,
        clusterCIDR: defaultProxySettings.clusterCIDR,
        mode,
        device: DEVICE,
        bridge: 'cni0',
        noticeFile: this.noticeFile(name),
        cniConfDir: join(this.#folder, `cni-${name}`),
        syncPeriod: 500,
      },
      ...(proxy === false ? {} : { proxy: { ...defaultProxySettings, nodeName: name, ...proxy } }),
      logLevel: 'warn',
    };
    const words = ['--pdeathsig', 'KILL', 'nsenter', `--net=/proc/${host.pid}/ns/net`, process.execPath, join(repositoryRoot, 'test/network/nodeProcess.ts')];
    const child = spawn('setpriv', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write(`${JSON.stringify(config)}\n`);
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`the components of ${name} ended with ${code}`)));
    });
    return child;
  }

  /** What the kubelet and the controller manager would write of it. */
  async register({ name, address, podCIDR }: Pick<TestNode, 'name' | 'address' | 'podCIDR'>, zone?: string): Promise<void> {
    const { client } = this.control;
    const labels = { 'kubernetes.io/hostname': name, ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }) };
    await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { podCIDR, podCIDRs: [podCIDR] } });
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: formatTime(systemClock.now()), lastTransitionTime: formatTime(systemClock.now()) };
    const room = { cpu: '4', memory: '8Gi', pods: '110' };
    await client.patch<V1Node>(Nodes, name, undefined, 'application/strategic-merge-patch+json', { status: { capacity: room, allocatable: room, conditions: [ready], addresses: [{ type: 'InternalIP', address }] } }, 'status');
  }

  /** A pod that serves `NAME CLIENT-ADDRESS` on port 8080, Ready. */
  async addPod(node: TestNode, name: string, labels: Readonly<Record<string, string>> = {}): Promise<TestPod> {
    const number = (this.#lastPod.get(node.podCIDR) ?? 1) + 1;
    this.#lastPod.set(node.podCIDR, number);
    const gateway = node.podCIDR.replace(/0\/24$/, '1');
    const address = node.podCIDR.replace(/0\/24$/, String(number));
    const agent = await Namespace.open(name);
    const port = `p${number}`;
    await checkCommand(['nsenter', `--net=/proc/${node.host.pid}/ns/net`, 'ip', '-batch', '-'], { input: [`link add ${port} type veth peer name eth0 netns ${agent.pid}`, `link set ${port} master cni0 up`].join('\n') });
    await checkCommand(['nsenter', `--net=/proc/${node.host.pid}/ns/net`, 'bridge', 'link', 'set', 'dev', port, 'hairpin', 'on']);
    await agent.ip(`address add ${address}/24 dev eth0`, 'link set eth0 up', ...['10.96.0.0/12', '10.240.0.0/12', '10.244.0.0/16'].map((range) => `route add ${range} via ${gateway}`));
    const pod: TestPod = { name, node, address, agent };
    this.#pods.add(pod);
    await this.#writePod(name, node, address, labels, false);
    return pod;
  }

  /** A pod on its node's own network: the node's agent, on port 9090. */
  addHostPod(node: TestNode, name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    return this.#writePod(name, node, node.address, labels, true);
  }

  async #writePod(name: string, node: TestNode, podIP: string, labels: Readonly<Record<string, string>>, hostNetwork: boolean): Promise<void> {
    const { client } = this.control;
    await client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels }, spec: { nodeName: node.name, hostNetwork, automountServiceAccountToken: false, terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'web:1' }] } }, 'default');
    const now = formatTime(systemClock.now());
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], hostIP: node.address, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: now }] };
    await client.patch(Pods, name, 'default', 'application/strategic-merge-patch+json', { status }, 'status');
  }

  /** The API's object only: the namespace answers on, as a pod that is about to end does. */
  async deletePod(name: string): Promise<void> {
    await this.control.client.delete(Pods, name, 'default', { gracePeriodSeconds: 0 });
  }

  async addService(name: string, spec: V1Service['spec'], metadata: Partial<V1Service['metadata']> = {}): Promise<V1Service> {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default', ...metadata }, spec: { selector: { app: name }, ports: (['TCP', 'UDP'] as const).map((protocol) => ({ name: protocol.toLowerCase(), protocol, port: 80, targetPort: 8080 })), ...spec } };
    return this.control.client.create(Services, service, 'default');
  }

  async slicesOf(service: string): Promise<readonly V1EndpointSlice[]> {
    return (await this.control.client.list(EndpointSlices, { namespace: 'default', labelSelector: `kubernetes.io/service-name=${service}` })).items;
  }

  async stopComponents(node: TestNode): Promise<void> {
    if (node.process.exitCode !== null) return;
    node.process.stdin?.end();
    await eventually(`the components of ${node.name} have ended`, 60_000, () => (node.process.exitCode !== null || node.process.signalCode !== null ? true : undefined));
  }

  async close(): Promise<void> {
    await Promise.all([...this.nodes.values()].map(async (node) => {
      await this.stopComponents(node);
      await node.agent.close();
    }));
    await Promise.all([...this.#pods].map(({ agent }) => agent.close()));
    this.#relay.close();
    await this.rig.close();
    await this.control.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
