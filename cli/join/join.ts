import { existsSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { ApiError } from '../../api/apiError.ts';
import { Nodes } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import type { KubeClient } from '../../client/types.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import { writeWhole } from '../../process/writeWhole.ts';
import type { ClusterSettings, HostIdentity } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { type MachineRole, readRole, withRole, writeRole } from '../machineRole.ts';
import { bootstrapKubeconfig } from '../node/identity.ts';
import { readPlan } from '../supervisor/supervisorFiles.ts';
import { inTurn } from '../turn.ts';
import { takeEtcdFiles } from '../up/externalEtcd.ts';
import { makeCertificates } from '../up/makeCertificates.ts';
import { stopServices } from '../up/stopServices.ts';
import { bringUp } from '../up/up.ts';
import { type ClusterConfiguration, readClusterConfiguration } from './clusterConfiguration.ts';
import { type DiscoveredCluster, discover } from './discovery.ts';
import { addMember, clientURL } from './etcdMember.ts';
import type { JoinFlags } from './flags.ts';
import { authorityHash, type JoinToken, parseToken, tokenText } from './joinToken.ts';
import { missingSharedCertificates, takeSharedCertificates } from './sharedCertificates.ts';

/**
 * Makes this machine a node of the cluster at `address`. What it must not do without the cluster's word comes first; run again, it goes on where it
 * was, and where the machine has joined it only sees that all runs. Throws a `UserError` with what is in the way.
 */
export async function join(settings: ClusterSettings, address: string | undefined, flags: JoinFlags, host: HostIdentity, invocation: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry join sets up this machine and must be run as root (try: sudo gantry join …).');
  const { token, hashes } = credentials(address, flags);
  return inTurn(settings, invocation, async () => {
    const present = readRole(settings.paths);
    if (!present?.joined && (present || readPlan(settings.paths))) throw new UserError('This machine is a cluster of its own. To make it a node of another one, remove that first: gantry down --purge');
    if (present?.joined && !hashes.includes(present.joined)) throw new UserError('This machine belongs to another cluster. Take it out of that one first: gantry leave');
    if (present && hasJoined(settings, present)) return bringUp(withRole(settings, present, host), host.addresses, present, invocation);
    const cluster = await discover(address!, token, hashes, invocation.clock, invocation.signal);
    invocation.terminal.say(`The cluster at ${address} is the one that the hash names`);
    const { server, client } = await connect(address!, cluster, token, invocation);
    try {
      const configuration = await readClusterConfiguration(client);
      const role = roleFrom(configuration, authorityHash(cluster.authority), settings, flags);
      const own = withRole(settings, role, host);
      await checkName(client, own.nodeName, own);
      // An agent that an attempt before has left still shows the token of then.
      if (present) await stopServices(own, invocation.clock);
      if (!role.controlPlane) {
        writeBootstrap(own, cluster, server, token);
        return await bringUp(own, host.addresses, role, invocation);
      }
      await takeKeys(own, client, cluster, role, flags);
      await makeCertificates(own, host.addresses, role, invocation);
      await bringUp(own, host.addresses, role.etcd ? await asMember(own, role, present, invocation) : role, invocation);
    } finally {
      client.close();
    }
  });
}

function credentials(address: string | undefined, flags: JoinFlags): { readonly token: JoinToken; readonly hashes: readonly string[] } {
  if (!address || !/^[^/\s]+:\d+$/.test(address)) throw new UserError('Which cluster? gantry join HOST:PORT --token … --discovery-token-ca-cert-hash …: gantry token create, on a control plane, prints the whole line.');
  const token = parseToken(flags.token);
  if (!token) throw new UserError(`--token: "${flags.token}" is not a token such as abcdef.0123456789abcdef. Make one on a control plane: gantry token create`);
  const hashes = flags['discovery-token-ca-cert-hash'];
  if (hashes.length === 0) throw new UserError('--discovery-token-ca-cert-hash is needed: without it, anybody could pretend to be the cluster. gantry token create prints it.');
  for (const hash of hashes) if (!/^sha256:[0-9a-f]{64}$/.test(hash)) throw new UserError(`--discovery-token-ca-cert-hash: "${hash}" is not sha256: and 64 hexadecimal digits.`);
  for (const name of ['etcd', 'certificate-key', 'etcd-endpoints', 'schedulable'] as const) {
    if (!flags['control-plane'] && (typeof flags[name] === 'object' ? flags[name].length > 0 : Boolean(flags[name]))) throw new UserError(`--${name} is for control planes: give --control-plane too.`);
  }
  return { token, hashes };
}

/** Whether the machine has all that it needs from the cluster, so that no token is needed any more. */
function hasJoined({ paths }: ClusterSettings, { controlPlane }: MachineRole): boolean {
  return existsSync(joinPath(paths.kubernetes, 'kubelet.conf')) && (!controlPlane || readPlan(paths) !== undefined);
}

/** The role of a machine with a member of etcd, of which etcd has been told; a member that has data already goes on with them. */
async function asMember(settings: ClusterSettings, role: MachineRole, before: MachineRole | undefined, invocation: Invocation): Promise<MachineRole> {
  const others = (role.otherMembers ?? []).filter((each) => each !== clientURL(settings));
  if (before?.initialCluster && existsSync(joinPath(settings.paths.etcdData, 'member'))) return { ...before, words: role.words };
  const member = { ...role, otherMembers: others, learner: true, initialCluster: await addMember(settings, others, invocation) };
  writeRole(settings.paths, member);
  return member;
}

/** The server that the line names, or the cluster's own address where only that one bears its name in its certificate. */
async function connect(address: string, cluster: DiscoveredCluster, token: JoinToken, { clock }: Invocation): Promise<{ readonly server: string; readonly client: RestClient }> {
  const failures: string[] = [];
  for (const server of new Set([`https://${address}`, cluster.server])) {
    const client = new RestClient({ servers: [server], ca: cluster.authority, token: tokenText(token) }, { component: 'join', clock });
    try {
      const { status } = await client.raw({ method: 'GET', path: '/version' });
      if (status === 200) return { server, client };
      failures.push(status === 401 ? `${server} does not take the token: it has expired, or was deleted. Make a new one on a control plane: gantry token create` : `${server} answers ${status}`);
    } catch (error) {
      failures.push(`${server}: ${error instanceof Error ? error.message : String(error)}`);
    }
    client.close();
  }
  throw new UserError(failures.join('\n'));
}

/** What the machine becomes. Throws a `UserError` where the flags do not go with the cluster. */
function roleFrom({ clusterCIDR, serviceCIDR, clusterDomain, controlPlaneEndpoint, etcd }: ClusterConfiguration, joined: string, settings: ClusterSettings, flags: JoinFlags): MachineRole {
  const ofCluster = { 'cluster-cidr': clusterCIDR, 'service-cluster-ip-range': serviceCIDR, 'cluster-domain': clusterDomain, ...(controlPlaneEndpoint ? { 'control-plane-endpoint': controlPlaneEndpoint } : {}) };
  for (const flag of Object.keys(ofCluster)) if (settings.words.some((word) => word.startsWith(`--${flag}=`))) throw new UserError(`--${flag} is the cluster's; a machine that joins takes it from there.`);
  const words = [...Object.entries(ofCluster).map(([flag, value]) => `--${flag}=${value}`), ...settings.words];
  if (!flags['control-plane']) return { controlPlane: false, etcd: false, words, joined };
  const plane = { controlPlane: true, ...(flags.schedulable ? { schedulable: true } : {}) };
  const external = flags['etcd-endpoints'].length > 0 ? flags['etcd-endpoints'] : etcd.external ? etcd.endpoints : undefined;
  if (!external) return { ...plane, etcd: flags.etcd, otherMembers: etcd.endpoints, words, joined };
  if (flags.etcd) throw new UserError('--etcd: the etcd of this cluster is run by somebody else, so that Gantry adds no members to it.');
  return { ...plane, etcd: false, externalEtcd: { endpoints: external }, words, joined };
}

/** Two machines of one name would take each other's pods. A node that no longer reports may come back as this machine. */
async function checkName(client: KubeClient, name: string, settings: ClusterSettings): Promise<void> {
  if (existsSync(joinPath(settings.paths.kubernetes, 'kubelet.conf'))) return;
  try {
    const { status } = await client.get(Nodes, name);
    const ready = status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True');
    if (ready) throw new UserError(`The cluster has a node ${name} already, and it is Ready. Give this machine another name: --node-name=NAME`);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
  }
}

/** All that a worker begins with: the authority, and a token to ask for its certificates. */
function writeBootstrap(settings: ClusterSettings, { authority }: DiscoveredCluster, server: string, token: JoinToken): void {
  writeWhole(joinPath(settings.paths.pki, 'ca.crt'), authority, 0o644);
  writeWhole(bootstrapKubeconfig(settings), kubeconfigText({ user: 'tls-bootstrap-token-user', server, authority, credentials: { token: tokenText(token) } }), 0o600);
}

/** The shared keys, from the cluster or copied here by hand, and a given certificate for an external etcd. */
async function takeKeys(settings: ClusterSettings, client: KubeClient, { authority }: DiscoveredCluster, { externalEtcd }: MachineRole, flags: JoinFlags): Promise<void> {
  const { pki } = settings.paths;
  if (flags['certificate-key'] !== '') await takeSharedCertificates(client, pki, flags['certificate-key']);
  if (flags['etcd-endpoints'].length > 0) takeEtcdFiles(settings, flags);
  const missing = missingSharedCertificates(pki, externalEtcd === undefined);
  if (missing.length > 0) throw new UserError(`A control plane needs the keys that all of them share. gantry token create --control-plane prints a line with --certificate-key; or copy these from a control plane to ${pki}: ${missing.join(', ')}`);
  if (readFileSync(joinPath(pki, 'ca.crt'), 'utf8').trim() !== authority.trim()) throw new UserError(`${joinPath(pki, 'ca.crt')} is not the authority of this cluster. Remove it with what else another cluster has left: gantry down --purge`);
}
