import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EtcdMember } from '../rig/etcd.ts';

const run = promisify(execFile);

async function etcdctl(endpoints: readonly string[], words: readonly string[]): Promise<string> {
  const { stdout } = await run('etcdctl', [`--endpoints=${endpoints.join(',')}`, '--command-timeout=30s', ...words], { env: { PATH: process.env['PATH'] ?? '', ETCDCTL_API: '3' }, timeout: 60_000 });
  return stdout;
}

/** Tries again while the members are busy with themselves (a new leader, a member that has just been removed). */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** The member that leads at present. */
export const leaderOf = (members: readonly EtcdMember[]): Promise<EtcdMember> =>
  persistently(async () => {
    for (const member of members) {
      const [status]: { readonly Status: { readonly leader: number; readonly header: { readonly member_id: number } } }[] = JSON.parse(await etcdctl([member.endpoint], ['endpoint', 'status', '-w', 'json']));
      if (status?.Status.leader === status?.Status.header.member_id) return member;
    }
    throw new Error('etcd has no leader');
  });

/** Ids, as etcdctl takes them, by client URL. */
export async function memberIds(endpoints: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const lines = (await persistently(() => etcdctl(endpoints, ['member', 'list']))).trim().split('\n').map((line) => line.split(', '));
  return new Map(lines.map(([id = '', , , , clientUrl = '']) => [clientUrl, id]));
}

export const removeMember = (endpoints: readonly string[], id: string): Promise<string> => persistently(() => etcdctl(endpoints, ['member', 'remove', id]));

/** Announces a new member; gives its `--initial-cluster`. */
export async function addMember(endpoints: readonly string[], name: string, peerUrl: string): Promise<string> {
  const out = await persistently(() => etcdctl(endpoints, ['member', 'add', name, `--peer-urls=${peerUrl}`]));
  const cluster = /ETCD_INITIAL_CLUSTER="([^"]+)"/.exec(out)?.[1];
  if (!cluster) throw new Error(`etcdctl did not name the cluster:\n${out}`);
  return cluster;
}
