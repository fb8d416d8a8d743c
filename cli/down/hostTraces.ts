import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkCommand, runCommand } from '../../host/command.ts';
import type { Clock } from '../../process/clock.ts';
import { bridgeName } from '../../kubelet/network/networkConfig.ts';
import { kernelOf } from '../../node-network/kernel.ts';
import { tunnelName } from '../../node-network/main.ts';
import { removeNodeNetwork } from '../../node-network/nodeNetwork.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type RemovalScope, ruleRemoval } from './ruleRemoval.ts';

const DYING_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 50;

/** Removes our chains and rules from the kernel. */
export async function removeRules(scope: RemovalScope): Promise<void> {
  const input = ruleRemoval(await checkCommand(['iptables-save']), scope);
  if (input !== '') await checkCommand(['iptables-restore', '--noflush', '--wait', '10'], { input });
}

/** Removes the ways to other nodes, the pods' bridge, and Docker's where its engine was ours. */
export async function removeLinks({ instance, clusterCIDR }: ClusterSettings, { docker }: RemovalScope): Promise<void> {
  await removeNodeNetwork(kernelOf(), tunnelName(instance), clusterCIDR);
  for (const link of [bridgeName(instance), ...(docker ? ['docker0'] : [])]) {
    if (existsSync(`/sys/class/net/${link}`)) await checkCommand(['ip', 'link', 'del', link]);
  }
}

/** Mount points below the folders, innermost first. */
export function mountsBelow(mountInfo: string, folders: readonly string[]): string[] {
  return mountInfo
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((point) => point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point) => folders.some((folder) => point.startsWith(`${folder}/`)))
    .reverse();
}

/** Unmounts volumes, and what else the kubelet has mounted. */
export async function unmountAll({ paths }: ClusterSettings): Promise<void> {
  for (const point of mountsBelow(readFileSync('/proc/self/mountinfo', 'utf8'), [paths.kubelet, join(paths.run, 'netns')])) {
    const { code } = await runCommand(['umount', point]);
    // Something still holds it: out of sight now, gone with its holder.
    if (code !== 0) await runCommand(['umount', '--lazy', point]);
  }
}

/** Removes the pods' cgroups, which are empty by now, from every hierarchy. */
export async function removePodCgroups(root: string, clock: Clock): Promise<void> {
  const base = '/sys/fs/cgroup';
  const hierarchies = existsSync(join(base, 'cgroup.controllers')) ? [base] : readdirSync(base).map((name) => join(base, name));
  for (const hierarchy of hierarchies) {
    for (const folder of ['kubepods', 'kubepods.slice']) await removeTree(join(hierarchy, root, folder), clock);
  }
}

/** Removes folders that a process may still be dying in, or that somebody else removes meanwhile: tried again for a while; then the next `down` finds them empty. */
export async function removeTree(folder: string, clock: Clock): Promise<void> {
  for (const end = clock.monotonic() + DYING_MILLISECONDS; !isRemoved(folder) && clock.monotonic() < end; ) await clock.sleep(POLL_MILLISECONDS);
}

/** Removes what is empty; whether the folder is gone now. */
function isRemoved(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) isRemoved(join(folder, entry.name));
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false;
    throw error;
  }
}
