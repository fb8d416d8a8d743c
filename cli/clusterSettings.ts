import { isIPv4 } from 'node:net';
import { type Mode, MODES } from '../node-network/wanted.ts';
import { FlagError, type FlagSet, type FlagValues, integerFlag, mapFlag, stringFlag } from '../process/flags.ts';

/** The flags that every subcommand takes: which cluster of this machine is meant, and where it is. */
export const clusterFlags = {
  root: stringFlag('', 'prefix of every path that the cluster writes to'),
  name: stringFlag('gantry', 'name of this cluster on the machine'),
  'port-base': integerFlag(0, 'first of ten successive ports to use instead of the usual ones; 0: the usual ones'),
  'docker-socket': stringFlag('/var/run/docker.sock', 'socket of the Docker engine'),
  'node-name': stringFlag('', "the node's name; unless given, the host's name in lower case"),
  'node-ip': stringFlag('', "the node's address; unless given, that of the default route, or the first one"),
  'cluster-cidr': stringFlag('10.244.0.0/16', "range of the pods' addresses"),
  'service-cluster-ip-range': stringFlag('10.96.0.0/12', "range of the Services' addresses"),
  'cluster-domain': stringFlag('cluster.local', "the cluster's DNS domain"),
  'control-plane-endpoint': stringFlag('', 'HOST:PORT of a balancer or name before all API servers, where there is one'),
  'node-network-mode': stringFlag('auto', "how other nodes' pods are reached: direct (by routes), vxlan (by a tunnel), auto (by routes on the segment of this node, by a tunnel elsewhere), none (by another network)"),
  set: mapFlag('COMPONENT.FLAG=VALUE: a flag of one of the components, e.g. controller-manager.node-monitor-grace-period=20s; may be given again'),
} satisfies FlagSet;

export interface Ports {
  readonly apiserver: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly kubelet: number;
  readonly kubeletHealth: number;
  readonly controllerManager: number;
  readonly scheduler: number;
  readonly proxyHealth: number;
  readonly proxyMetrics: number;
  readonly dns: number;
}

/** Where a cluster's files are, by Kubernetes' own paths where it has one. */
export interface Paths {
  readonly kubernetes: string;
  readonly pki: string;
  readonly kubelet: string;
  readonly state: string;
  readonly versions: string;
  readonly etcdData: string;
  readonly logs: string;
  readonly run: string;
  readonly podLogs: string;
  readonly containerLogs: string;
  readonly cniConfiguration: string;
}

/** One cluster on this machine. */
export interface ClusterSettings {
  readonly name: string;
  /** What tells this cluster's containers and bridge from another's on the same host: `''` for the usual one. */
  readonly instance: string;
  readonly root: string;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly dockerSocket: string;
  readonly clusterCIDR: string;
  readonly serviceCIDR: string;
  readonly serviceAddress: string;
  readonly dnsAddress: string;
  readonly clusterDomain: string;
  /** `host:port` of the address before all API servers, where there is one. */
  readonly controlPlaneEndpoint: string | undefined;
  readonly nodeNetworkMode: Mode;
  readonly ports: Ports;
  readonly paths: Paths;
  /** Flags of components, by `component.flag`. */
  readonly componentFlags: Readonly<Record<string, string>>;
  /** The words that make another process of this cluster come to the same settings. */
  readonly words: readonly string[];
}

/** What is known of the host without asking the user. */
export interface HostIdentity {
  readonly hostname: string;
  readonly addresses: readonly string[];
}

const DEFAULT_NAME = 'gantry';
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
/** A node is given a /24 of the pods' range. */
const NODE_BITS = 24;

const USUAL_PORTS: Ports = {
  apiserver: 6443,
  etcdClient: 2379,
  etcdPeer: 2380,
  kubelet: 10_250,
  kubeletHealth: 10_248,
  controllerManager: 10_257,
  scheduler: 10_259,
  proxyHealth: 10_256,
  proxyMetrics: 10_249,
  dns: 10_053,
};

/** Works out the settings from the flags and the host; throws a `FlagError` for what cannot be. */
export function clusterSettings(values: FlagValues<typeof clusterFlags>, host: HostIdentity): ClusterSettings {
  const { root, name } = values;
  if (!/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) throw new FlagError(`invalid argument for "--name": "${name}" is not a lower-case name`);
  if (root !== '' && !/^\/.*[^/]$/.test(root)) throw new FlagError(`invalid argument for "--root": "${root}" is not an absolute path`);
  const nodeName = (values['node-name'] || host.hostname).toLowerCase();
  if (nodeName.length > 253 || !SUBDOMAIN.test(nodeName)) {
    throw new FlagError(values['node-name'] ? `invalid argument for "--node-name": "${nodeName}" is not a DNS name (lower-case letters, digits, "-" and ".")` : `this host's name, "${host.hostname}", cannot be a node's: give one with --node-name`);
  }
  const nodeAddress = values['node-ip'] || host.addresses[0];
  if (!nodeAddress) throw new FlagError('this host has no address besides loopback: give one with --node-ip');
  if (!isIPv4(nodeAddress)) throw new FlagError(`invalid argument for "--node-ip": "${nodeAddress}" is not an IPv4 address`);
  if (!SUBDOMAIN.test(values['cluster-domain'])) throw new FlagError(`invalid argument for "--cluster-domain": "${values['cluster-domain']}" is not a DNS name`);
  checkRanges(values['cluster-cidr'], values['service-cluster-ip-range'], nodeAddress);
  const given = Object.entries(clusterFlags).flatMap(([flag, { default: initial }]) => {
    const value = values[flag as keyof typeof clusterFlags];
    if (typeof value === 'object') return Object.entries(value).map(([key, each]) => `--${flag}=${key}=${each}`);
    return value === initial ? [] : [`--${flag}=${String(value)}`];
  });
  return {
    name,
    instance: name === DEFAULT_NAME ? '' : name,
    root,
    nodeName,
    nodeAddress,
    dockerSocket: values['docker-socket'],
    clusterCIDR: values['cluster-cidr'],
    serviceCIDR: values['service-cluster-ip-range'],
    serviceAddress: addressInRange(values['service-cluster-ip-range'], 1),
    dnsAddress: addressInRange(values['service-cluster-ip-range'], 10),
    clusterDomain: values['cluster-domain'],
    controlPlaneEndpoint: endpoint(values['control-plane-endpoint']),
    nodeNetworkMode: modeOf(values['node-network-mode']),
    ports: portsFrom(values['port-base']),
    paths: pathsOf(root, name),
    componentFlags: values.set,
    words: given,
  };
}

function modeOf(text: string): Mode {
  const mode = MODES.find((each) => each === text);
  if (mode === undefined) throw new FlagError(`invalid argument for "--node-network-mode": "${text}" is none of ${MODES.join(', ')}`);
  return mode;
}

function endpoint(text: string): string | undefined {
  if (text === '') return undefined;
  const [, host = '', port = '6443'] = /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (!SUBDOMAIN.test(host.toLowerCase()) || Number(port) > 65_535) throw new FlagError(`invalid argument for "--control-plane-endpoint": "${text}" is not HOST or HOST:PORT`);
  return `${host}:${port}`;
}

function portsFrom(base: number): Ports {
  if (base === 0) return USUAL_PORTS;
  if (base < 1 || base > 65_526) throw new FlagError(`invalid argument for "--port-base": ${base} leaves no room for ten ports`);
  return Object.fromEntries(Object.keys(USUAL_PORTS).map((name, at) => [name, base + at])) as unknown as Ports;
}

function pathsOf(root: string, name: string): Paths {
  const own = name === DEFAULT_NAME ? '' : `-${name}`;
  const state = `${root}/var/lib/${name}`;
  return {
    kubernetes: `${root}/etc/kubernetes${own}`,
    pki: `${root}/etc/kubernetes${own}/pki`,
    kubelet: `${root}/var/lib/kubelet${own}`,
    state,
    versions: `${state}/versions`,
    etcdData: `${state}/etcd`,
    logs: `${root}/var/log/${name}`,
    run: `${root}/run/${name}`,
    podLogs: `${root}/var/log/pods${own}`,
    containerLogs: `${root}/var/log/containers${own}`,
    cniConfiguration: `${root}/etc/cni/net.d${own}`,
  };
}

/** Pods, Services and the node have addresses of their own each; packets would go astray otherwise. */
function checkRanges(pods: string, services: string, node: string): void {
  const bits = Number(pods.split('/')[1]);
  if (!isIPv4(pods.split('/')[0]!) || !(bits >= 8 && bits <= NODE_BITS)) throw new FlagError(`invalid argument for "--cluster-cidr": "${pods}" is not an IPv4 range with room for a node (/8 to /${NODE_BITS})`);
  if (overlap(pods, services)) throw new FlagError(`the ranges of pods (${pods}) and Services (${services}) overlap: choose another --cluster-cidr or --service-cluster-ip-range`);
  if (overlap(pods, `${node}/32`)) throw new FlagError(`this host's address, ${node}, is in the range of pods (${pods}): choose another --cluster-cidr`);
  if (overlap(services, `${node}/32`)) throw new FlagError(`this host's address, ${node}, is in the range of Services (${services}): choose another --service-cluster-ip-range`);
}

/** Whether two IPv4 ranges share an address: then one contains the other's first. */
function overlap(one: string, other: string): boolean {
  const [first, second] = [one, other].map((range) => {
    const [address = '', bits] = range.split('/');
    return { address: address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), bits: Number(bits) };
  });
  const size = 2 ** (32 - Math.min(first!.bits, second!.bits));
  return Math.floor(first!.address / size) === Math.floor(second!.address / size);
}

/** The n-th address of an IPv4 range. */
export function addressInRange(range: string, n: number): string {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(range);
  const bits = Number(match?.[5] ?? 33);
  if (!match || match.slice(1, 5).some((part) => Number(part) > 255) || bits > 28) throw new FlagError(`"${range}" is not an IPv4 range with room for services`);
  const first = match.slice(1, 5).reduce((sum, part) => sum * 256 + Number(part), 0);
  const address = Math.floor(first / 2 ** (32 - bits)) * 2 ** (32 - bits) + n;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
