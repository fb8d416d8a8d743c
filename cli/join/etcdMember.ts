import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EtcdMembers, type EtcdMember } from '../../apiserver/storage/etcdMembers.ts';
import { GrpcError } from '../../apiserver/storage/grpcConnection.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';

/** etcd lets nobody in or out for some seconds after another member has come or gone. */
const CHANGE_MILLISECONDS = 30_000;
const PROMOTION_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 250;

export const peerURL = ({ nodeAddress, ports }: ClusterSettings): string => `https://${nodeAddress}:${ports.etcdPeer}`;
export const clientURL = ({ nodeAddress, ports }: ClusterSettings): string => `https://${nodeAddress}:${ports.etcdClient}`;

/** etcd's members by way of these endpoints, with the API server's certificate of this machine. */
function openMembers({ paths }: ClusterSettings, endpoints: readonly string[], clock: Invocation['clock']): EtcdMembers {
  const pem = (file: string): string => readFileSync(join(paths.pki, file), 'utf8');
  return new EtcdMembers({ endpoints, tls: { ca: pem('etcd/ca.crt'), cert: pem('apiserver-etcd-client.crt'), key: pem('apiserver-etcd-client.key') } }, clock);
}

/**
 * Tells etcd of a member on this machine, which follows without a vote until it has caught up; gives all members as etcd's `--initial-cluster` wants
 * them. A member that was told of before is taken up again. `others` are the client URLs of those that run.
 */
export async function addMember(settings: ClusterSettings, others: readonly string[], { clock, signal }: Invocation): Promise<string[]> {
  const members = openMembers(settings, others, clock);
  const own = peerURL(settings);
  try {
    await insist(CHANGE_MILLISECONDS, { clock, signal }, async () => {
      const all = await members.list();
      for (const { id, url } of loopbackPeers(all, others, settings.ports.etcdPeer)) await members.updatePeer(id, url);
      if (!all.some(({ peerURLs }) => peerURLs.includes(own))) await members.addLearner(own);
    });
    const all = await members.list();
    return all.flatMap(({ name, peerURLs }) => peerURLs.map((url) => `${url === own ? settings.nodeName : name}=${url}`));
  } catch (error) {
    if (error instanceof GrpcError) throw new UserError(`etcd has not taken this machine as a member: ${error.message}`, { cause: error });
    throw error;
  } finally {
    members.close();
  }
}

/** A member that began as the only one may announce itself on loopback, where no other finds it; who it is says the one endpoint that there is. */
function loopbackPeers(all: readonly EtcdMember[], endpoints: readonly string[], peerPort: number): { readonly id: bigint; readonly url: string }[] {
  const [only] = all;
  if (!only || all.length > 1 || !only.peerURLs.every((url) => new URL(url).hostname === '127.0.0.1')) return [];
  return endpoints.slice(0, 1).map((endpoint) => ({ id: only.id, url: `https://${new URL(endpoint).hostname}:${peerPort}` }));
}

/** Gives this machine's member its vote, as soon as it has caught up. */
export async function promoteMember(settings: ClusterSettings, others: readonly string[], { clock, signal }: Invocation): Promise<void> {
  const members = openMembers(settings, others, clock);
  try {
    await insist(PROMOTION_MILLISECONDS, { clock, signal }, async () => {
      const own = (await members.list()).find(({ peerURLs }) => peerURLs.includes(peerURL(settings)));
      if (!own) throw new UserError('The member of etcd on this machine has been removed meanwhile. Run gantry leave, and join again.');
      if (own.learner) await members.promote(own.id);
    });
  } finally {
    members.close();
  }
}

/** Throws a `UserError` where etcd could not write any more without this machine's member. `others` are the client URLs of the other members. */
export async function refuseMinority(settings: ClusterSettings, others: readonly string[], { clock }: Invocation): Promise<void> {
  if (others.length === 0) throw new UserError('This machine has the only member of etcd, and with it the whole cluster. To remove the cluster: gantry down --purge');
  const answers = await Promise.all(others.map((each) => memberAnswers(settings, each, clock)));
  const silent = others.filter((_, at) => !answers[at]);
  const needed = Math.floor(others.length / 2) + 1;
  if (others.length - silent.length >= needed) return;
  throw new UserError(`Without this machine etcd would have ${others.length} members, of which ${needed} must run, and ${silent.join(', ')} ${silent.length === 1 ? 'does' : 'do'} not answer: nothing could be written any more. Bring ${silent.length === 1 ? 'it' : 'them'} back first.`);
}

async function memberAnswers(settings: ClusterSettings, endpoint: string, clock: Invocation['clock']): Promise<boolean> {
  const members = openMembers(settings, [endpoint], clock);
  try {
    await members.list();
    return true;
  } catch (error) {
    if (error instanceof GrpcError) return false;
    throw error;
  } finally {
    members.close();
  }
}

/** Takes this machine's member out. Refused where the others that have a vote would be no majority. */
export async function removeMember(settings: ClusterSettings, others: readonly string[], { clock, signal }: Invocation): Promise<void> {
  const members = openMembers(settings, others, clock);
  try {
    await insist(CHANGE_MILLISECONDS, { clock, signal }, async () => {
      const own = (await members.list()).find(({ peerURLs }) => peerURLs.includes(peerURL(settings)));
      if (own) await members.remove(own.id);
    });
  } catch (error) {
    if (error instanceof GrpcError) throw new UserError(`etcd does not let this member go: ${error.message}`, { cause: error });
    throw error;
  } finally {
    members.close();
  }
}

/** Tries again what etcd refuses, for so long. */
async function insist(milliseconds: number, { clock, signal }: Pick<Invocation, 'clock' | 'signal'>, action: () => Promise<void>): Promise<void> {
  for (const end = clock.monotonic() + milliseconds; ; await clock.sleep(POLL_MILLISECONDS, signal)) {
    signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof GrpcError) || clock.monotonic() > end) throw error;
    }
  }
}
