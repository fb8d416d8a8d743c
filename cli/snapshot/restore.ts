import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EtcdClient } from '../../apiserver/storage/etcdClient.ts';
import { OFFSET_KEY } from '../../apiserver/storage/keys.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { RestClient } from '../../client/restClient.ts';
import { type Clock, formatTime } from '../../process/clock.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { forgetEtcdEndpoint, readClusterConfiguration } from '../join/clusterConfiguration.ts';
import { readRole, writeRole } from '../machineRole.ts';
import { aptAvailable, aptInstall } from '../packages/apt.ts';
import { readJson, readPlan, writeJson } from '../supervisor/supervisorFiles.ts';
import { inTurn } from '../turn.ts';
import { waitForServer } from '../up/waitForCluster.ts';
import { clusterRuns, stopControlPlane } from './controlPlaneServices.ts';
import { aloneInRole, etcdAccess, ownMember, withoutOtherMembers } from './etcdService.ts';
import { findRestorer, restoreData, type RestoredMember } from './restoreData.ts';
import { type SnapshotStatus, snapshotStatus, verifiedHash } from './snapshotStatus.ts';

/** How far resourceVersions go up at a restore: no cluster writes as often as this between a snapshot and its end. */
export const RAISE = 1_000_000_000;

export interface RestoreOptions {
  /** Whether a cluster that runs is stopped for it, and started again. */
  readonly stop: boolean;
  /** Whether a file without a hash behind it, such as a copy of etcd's own database, is taken. */
  readonly skipHashCheck: boolean;
  /** How far resourceVersions go up. */
  readonly raise: number;
  /** Makes this folder instead of this machine's own data, for an etcd that is run by somebody else. */
  readonly dataDir: string;
  readonly memberName: string;
  readonly peerUrl: string;
}

/** `gantry snapshot restore FILE`: a new cluster of one etcd member from a snapshot, on this machine; the data before is moved aside. */
export async function snapshotRestore(settings: ClusterSettings, file: string, options: RestoreOptions, invocation: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry snapshot restore writes etcd\'s data and must be run as root.');
  const status = checkSnapshot(file, options);
  if (options.dataDir) return restoreElsewhere(file, status, options, invocation);
  const member = ownMember(settings);
  if (!member) throw new UserError('The etcd of this cluster does not run on this machine. On the machine where it does, make its data with --data-dir, --member-name and --peer-url, and start etcd on it.');
  await inTurn(settings, invocation, () => replaceData(settings, file, status, member, options, invocation));
}

function checkSnapshot(file: string, { skipHashCheck }: RestoreOptions): SnapshotStatus {
  if (!existsSync(file)) throw new UserError(`There is no ${file}.`);
  try {
    if (!verifiedHash(file) && !skipHashCheck) throw new Error(`${file} has no hash behind it, so that nothing tells whether it is whole (it is not of snapshot save). --skip-hash-check takes it as it is`);
    return snapshotStatus(file);
  } catch (error) {
    throw new UserError(`This snapshot cannot be restored: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
}

async function restoreElsewhere(file: string, status: SnapshotStatus, { dataDir, memberName, peerUrl, raise }: RestoreOptions, { terminal, clock }: Invocation): Promise<void> {
  if (!memberName || !peerUrl) throw new UserError('--data-dir needs --member-name and --peer-url: which member of etcd the folder is for.');
  if (existsSync(dataDir)) throw new UserError(`${dataDir} exists already; a restore makes the folder.`);
  await restoreData(file, { name: memberName, peerUrl, dataDir }, status.offset + raise, programs(terminal), clock);
  terminal.say(`Made ${dataDir} for the etcd member ${memberName} (${peerUrl}) from revision ${status.revision}.`);
}

async function replaceData(settings: ClusterSettings, file: string, status: SnapshotStatus, member: RestoredMember, options: RestoreOptions, invocation: Invocation): Promise<void> {
  const { terminal, clock } = invocation;
  const { paths, name } = settings;
  const runs = await clusterRuns(settings);
  const plan = readPlan(paths);
  if (runs && !options.stop) {
    throw new UserError(`The cluster ${name} is running on this machine. Either stop it first (gantry down, which ends its pods), or let restore stop and start it: gantry snapshot restore ${file} --stop (pods go on).`);
  }
  const others = status.members.filter((each) => each !== member.name);
  if (others.length > 0) terminal.say(`Warning: the snapshot is of a cluster of ${status.members.length} etcd members. It becomes a new one, of ${member.name} alone; what still runs of the old one must end. On the machines of ${others.join(', ')}: gantry down --purge, and then gantry join again.`);
  const offset = Math.max(status.offset, await offsetUntilNow(settings, member, runs, clock)) + options.raise;
  const fresh = { ...member, dataDir: `${member.dataDir}.restored` };
  rmSync(fresh.dataDir, { recursive: true, force: true });
  terminal.say(`Making etcd's data from ${file}: revision ${status.revision}, ${status.keys} keys`);
  await restoreData(file, fresh, offset, programs(terminal), clock);
  let restored = false;
  let start: (() => Promise<void>) | undefined;
  const role = readRole(paths);
  if (runs && plan) {
    terminal.say('Stopping etcd and the API server (pods go on)');
    const begin = await stopControlPlane(settings, plan, clock);
    start = () => begin(restored ? withoutOtherMembers(plan) : plan);
  }
  try {
    if (existsSync(member.dataDir)) {
      const aside = `${member.dataDir}.before-${formatTime(clock.now()).replaceAll(':', '-')}`;
      renameSync(member.dataDir, aside);
      terminal.say(`Moved the data before to ${aside}`);
    }
    renameSync(fresh.dataDir, member.dataDir);
    restored = true;
    if (role) writeRole(paths, aloneInRole(role));
    writeJson(offsetFile(settings), { offset });
  } finally {
    await start?.();
  }
  if (!start) return terminal.say(`The data is restored. Start the cluster with: gantry up`);
  const client = new RestClient(loadKubeconfig(join(paths.kubernetes, 'admin.conf')), { component: 'restore', clock });
  try {
    await waitForServer(client, invocation);
    if (others.length > 0) await forgetOthers(client, `https://${new URL(member.peerUrl).hostname}:${settings.ports.etcdClient}`);
  } finally {
    client.close();
  }
  terminal.say(`The cluster ${name} goes on from revision ${status.revision} of the snapshot; resourceVersions are ahead of all that were given out before.`);
}

/** Who joins next is not sent to members that are no more. */
async function forgetOthers(client: RestClient, own: string): Promise<void> {
  const { etcd } = await readClusterConfiguration(client);
  for (const endpoint of etcd.endpoints) if (endpoint !== own) await forgetEtcdEndpoint(client, endpoint);
}

const offsetFile = ({ paths }: ClusterSettings): string => join(paths.state, 'restored.json');

/** The highest offset that this machine's cluster has had: a snapshot may be restored twice, and what was told after the first time counts too. */
async function offsetUntilNow(settings: ClusterSettings, { dataDir }: RestoredMember, runs: boolean, clock: Clock): Promise<number> {
  const recorded = (readJson(offsetFile(settings)) as { offset: number } | undefined)?.offset ?? 0;
  const database = join(dataDir, 'member', 'snap', 'db');
  if (!runs) return existsSync(database) ? Math.max(recorded, readOffset(database)) : recorded;
  const { endpoints, tls } = etcdAccess(settings, { endpoints: [], cacert: '', cert: '', key: '' });
  const client = new EtcdClient({ endpoints, tls }, clock);
  try {
    const { kvs } = await client.range({ key: OFFSET_KEY });
    return Math.max(recorded, kvs[0] ? Number(kvs[0].value.toString()) : 0);
  } catch (error) {
    // It is to be replaced, perhaps because it does not work any more; the record is what a restore before has left.
    if (error instanceof Error) return recorded;
    throw error;
  } finally {
    client.close();
  }
}

/** Of a database that may be damaged: that may be why it is replaced. */
function readOffset(database: string): number {
  try {
    return snapshotStatus(database).offset;
  } catch (error) {
    if (error instanceof Error) return 0;
    throw error;
  }
}

function programs(terminal: Invocation['terminal']): { etcd: string; restorer: string } {
  const find = (name: string): string | undefined => ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/usr/local/sbin', '/bin'].map((folder) => join(folder, name)).find((each) => existsSync(each));
  if (!findRestorer() && aptAvailable()) aptInstall([{ name: 'etcd-client', files: [], purpose: 'etcdctl, which makes data from snapshots' }], terminal);
  const etcd = find('etcd');
  const restorer = findRestorer();
  if (!etcd) throw new UserError('etcd is not installed (Debian: etcd-server).');
  if (!restorer) throw new UserError('Neither etcdutl nor etcdctl is installed (Debian: etcd-client).');
  return { etcd, restorer };
}
