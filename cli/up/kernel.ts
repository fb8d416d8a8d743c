import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { runCommand } from '../../host/command.ts';
import type { Paths } from '../clusterSettings.ts';
import { bootId, changeHostRecord, readHostRecord, setSysctl } from '../hostRecord.ts';

/**
 * What pods and Services need of the kernel: packets are forwarded between interfaces, iptables sees those that stay within
 * one bridge (Kubernetes' container runtime prerequisites), and a node port answers on loopback.
 */
const SYSCTLS: Readonly<Record<string, string>> = {
  'net/ipv4/ip_forward': '1',
  'net/bridge/bridge-nf-call-iptables': '1',
  'net/ipv4/conf/all/route_localnet': '1',
};
const FORWARDING = 'net/ipv4/ip_forward';
/** Where the host's own Docker engine keeps its process number; the one that our supervisor runs has another file. */
const ENGINE_PID_FILE = '/run/docker.pid';
const MODULES = ['overlay', 'br_netfilter'];

/** Sets the kernel up, and notes what was before. */
export async function prepareKernel(paths: Paths): Promise<void> {
  // Where modules are built in, or cannot be loaded, what matters is whether the parameters are there.
  if (existsSync('/proc/modules')) await runCommand(['sh', '-c', `modprobe -a ${MODULES.join(' ')} 2>/dev/null || :`]);
  for (const [path, value] of Object.entries(SYSCTLS)) {
    if (!existsSync(`/proc/sys/${path}`)) continue;
    const { sysctls } = changeHostRecord(paths, {});
    const before = setSysctl(path, value);
    // The value from before the first `up` of this boot is the one to go back to.
    if (before !== undefined && sysctls[path] === undefined) changeHostRecord(paths, { sysctls: { ...sysctls, [path]: before } });
  }
}

/** Where a cluster that `up` has made was started by systemd after a reboot: the kernel has forgotten what it was told. */
export async function prepareKernelAfterReboot(paths: Paths): Promise<void> {
  const record = readHostRecord(paths);
  if (record && record.bootId !== bootId()) await prepareKernel(paths);
}

/** Puts back what `prepareKernel` has changed in this boot. */
export function restoreKernel(paths: Paths): void {
  const record = readHostRecord(paths);
  if (!record) return;
  for (const [path, value] of Object.entries(changeHostRecord(paths, {}).sysctls)) {
    if (path === FORWARDING && hostEngineRuns()) continue;
    if (existsSync(`/proc/sys/${path}`)) writeFileSync(`/proc/sys/${path}`, value);
  }
  changeHostRecord(paths, { sysctls: {} });
}

/** Whether the host's own Docker engine goes on: its containers have no network without forwarding, which it turned on itself when it started. */
function hostEngineRuns(): boolean {
  return existsSync(ENGINE_PID_FILE) && existsSync(`/proc/${readFileSync(ENGINE_PID_FILE, 'utf8').trim()}/stat`);
}
