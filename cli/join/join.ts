import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { ApiError } from '../../api/apiError.ts';
import type { V1Node } from '../../api/generated/types.ts';
import { writeSecretFile } from '../../client/certificates/certificateFile.ts';
import { Nodes } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import type { KubeClient } from '../../client/types.ts';
import { parseFlags } from '../../process/flags.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import { clusterFlags, type ClusterSettings, clusterSettings, type HostIdentity } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { type MachineRole, readRole, writeRole } from '../machineRole.ts';
import { bootstrapKubeconfig } from '../node/identity.ts';
import { serverListExtension } from '../node/serverList.ts';
import { inTurn } from '../turn.ts';
import { takeEtcdFiles } from '../up/externalEtcd.ts';
import { makeCertificates } from '../up/makeCertificates.ts';
import { bringUp } from '../up/up.ts';
import { type ClusterConfiguration, readClusterConfiguration } from './clusterConfiguration.ts';
import { discover, type DiscoveredCluster } from './discovery.ts';
import { addMember, clientURL } from './etcdMember.ts';
import type { JoinFlags } from './flags.ts';
import { authorityHash, parseToken } from './joinToken.ts';
import { fetchCertificates } from './sharedCertificates.ts';

/** Makes this machine a node of a cluster, or a further control plane. May be repeated after a failure. Throws a `UserError` with what is in the way. */
export async function join(given: ClusterSettings, address: string | undefined, flags: JoinFlags, host: HostIdentity, invocation: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry join sets up this machine and must be run as root (try: sudo gantry join …).');
  const token = parseToken(flags.token);
  if (!address || !/^[^/\s]+:\d{1,5}$/.test(address)) throw new UserError('gantry join needs the address of the cluster, HOST:PORT; gantry token create on a control plane prints the whole line.');
  if (!token) throw new UserError('--token must be of the form abcdef.0123456789abcdef; gantry token create on a control plane prints the whole line.');
  const hashes = flags['discovery-token-ca-cert-hash'];
  if (hashes.length === 0) throw new UserError('--discovery-token-ca-cert-hash is needed: without it, this machine could be made to join somebody else\'s cluster.');
  if (flags.etcd && !flags['control-plane']) throw new UserError('--etcd goes with --control-plane.');
  await inTurn(given, invocation, async () => {
    refuseOtherCluster(given, hashes, address);
    const cluster = await discover(address, token, hashes, invocation.clock, invocation.signal);
    const stranger = new RestClient({ servers: [cluster.server], ca: cluster.authority, token: flags.token }, { component: 'join', clock: invocation.clock });
    try {
      const configuration = await readClusterConfiguration(stranger);
      const settings = joinedSettings(given, configuration, host);
      await refuseTakenName(stranger, settings);
      if (flags['control-plane']) await joinControlPlane(settings, cluster, configuration, stranger, flags, host, invocation);
      else await joinWorker(settings, cluster, flags.token, host, invocation);
    } finally {
      stranger.close();
    }
  });
}

/** A machine is of one cluster at a time, unless they have different names. */
function refuseOtherCluster({ paths, name }: ClusterSettings, hashes: readonly string[], address: string): void {
  const role = readRole(paths);
  if (role && role.joined === undefined) throw new UserError(`This machine is a cluster of its own (${name}). Remove that first: gantry down --purge`);
  if (role?.joined !== undefined && role.joined !== hashes.toSorted().join()) throw new UserError(`This machine belongs to another cluster than that of ${address}. Take it out of that first: gantry leave`);
}

/** The cluster's ranges and domain, with what the command line says of this machine. */
function joinedSettings(given: ClusterSettings, configuration: ClusterConfiguration, host: HostIdentity): ClusterSettings {
  return clusterSettings(parseFlags(clusterFlags, [...wordsOf(configuration), ...given.words]).values, host);
}

function wordsOf({ clusterCIDR, serviceCIDR, clusterDomain, controlPlaneEndpoint }: ClusterConfiguration): string[] {
  const endpoint = controlPlaneEndpoint ? [`--control-plane-endpoint=${controlPlaneEndpoint}`] : [];
  return [`--cluster-cidr=${clusterCIDR}`, `--service-cluster-ip-range=${serviceCIDR}`, `--cluster-domain=${clusterDomain}`, ...endpoint];
}

/** Two machines of one name would take each other's pods. */
async function refuseTakenName(client: KubeClient, { nodeName, nodeAddress, paths }: ClusterSettings): Promise<void> {
  if (existsSync(joinPath(paths.kubernetes, 'kubelet.conf'))) return;
  const node = await nodeOf(client, nodeName);
  if (!node) return;
  const ready = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  const here = node.status?.addresses?.some(({ type, address }) => type === 'InternalIP' && address === nodeAddress);
  if (ready && !here) throw new UserError(`The cluster has a node ${nodeName} already, which is alive. Give this machine another name: --node-name`);
}

async function nodeOf(client: KubeClient, name: string): Promise<V1Node | undefined> {
  try {
    return await client.get(Nodes, name);
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

async function joinWorker(settings: ClusterSettings, { authority, server }: DiscoveredCluster, token: string, host: HostIdentity, invocation: Invocation): Promise<void> {
  const { paths } = settings;
  mkdirSync(paths.pki, { recursive: true, mode: 0o755 });
  writeFileSync(joinPath(paths.pki, 'ca.crt'), authority, { mode: 0o644, flush: true });
  writeSecretFile(bootstrapKubeconfig(settings), kubeconfigText({ user: 'tls-bootstrap-token-user', server, authority, credentials: { token }, extensions: serverListExtension(settings) }));
  await bringUp(settings, host.addresses, { controlPlane: false, etcd: false, words: settings.words, joined: joinedMark(settings) }, invocation);
}

/** The hash by which the machine will know its cluster again. */
const joinedMark = ({ paths }: ClusterSettings): string => authorityHash(readFileSync(joinPath(paths.pki, 'ca.crt'), 'utf8'));

async function joinControlPlane(settings: ClusterSettings, { authority }: DiscoveredCluster, configuration: ClusterConfiguration, stranger: KubeClient, flags: JoinFlags, host: HostIdentity, invocation: Invocation): Promise<void> {
  const { paths } = settings;
  await fetchCertificates(stranger, paths, flags['certificate-key']);
  if (readFileSync(joinPath(paths.pki, 'ca.crt'), 'utf8') !== authority) throw new UserError('The shared certificates are not of the cluster that the line was made for.');
  const external = flags['etcd-endpoints'].length > 0 ? flags['etcd-endpoints'] : configuration.etcd.external ? configuration.etcd.endpoints : undefined;
  if (external && flags.etcd) throw new UserError('This cluster has an external etcd: leave --etcd out.');
  if (flags['etcd-endpoints'].length > 0) takeEtcdFiles(settings, flags);
  const others = (external ?? configuration.etcd.endpoints).filter((each) => each !== clientURL(settings));
  const common = { controlPlane: true, words: settings.words, joined: joinedMark(settings) };
  const role: MachineRole = external ? { ...common, etcd: false, externalEtcd: { endpoints: external } } : { ...common, etcd: flags.etcd, otherMembers: others };
  await makeCertificates(settings, host.addresses, role, invocation);
  await bringUp(settings, host.addresses, flags.etcd ? await asMember(settings, role, others, invocation) : role, invocation);
}

/** The role of a machine with a member of etcd, of which etcd has been told. What was begun before is gone on with. */
async function asMember(settings: ClusterSettings, role: MachineRole, others: readonly string[], invocation: Invocation): Promise<MachineRole> {
  const before = readRole(settings.paths);
  if (before?.initialCluster) return { ...before, words: role.words };
  const member = { ...role, learner: true, initialCluster: await addMember(settings, others, invocation) };
  writeRole(settings.paths, member);
  return member;
}
