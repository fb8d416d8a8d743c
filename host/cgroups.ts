import { access, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
/** The hierarchies of cgroup v1 that the kubelet makes groups in. */
const CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'cpuset', 'pids', 'blkio', 'devices', 'freezer', 'systemd'];

/** Limits of one group; 0 for none. Times in microseconds, memory in bytes. */
export interface CgroupLimits {
  readonly cpuShares: number;
  readonly cpuQuota: number;
  readonly cpuPeriod: number;
  readonly memoryLimit: number;
}

/** Makes a group (and those above it) and sets its limits. `names` goes from the root of the hierarchy downwards. */
export async function createCgroup(names: readonly string[], limits: CgroupLimits, version: 1 | 2): Promise<void> {
  if (version === 2) return createUnified(names, limits);
  const cpu = join(ROOT, 'cpu', ...names);
  await mkdir(cpu, { recursive: true });
  await writeFile(join(cpu, 'cpu.shares'), String(limits.cpuShares));
  if (limits.cpuQuota > 0) await writeFile(join(cpu, 'cpu.cfs_period_us'), String(limits.cpuPeriod));
  await writeFile(join(cpu, 'cpu.cfs_quota_us'), String(limits.cpuQuota > 0 ? limits.cpuQuota : -1));
  const memory = join(ROOT, 'memory', ...names);
  await mkdir(memory, { recursive: true });
  if (limits.memoryLimit > 0) await writeFile(join(memory, 'memory.limit_in_bytes'), String(limits.memoryLimit));
}

async function createUnified(names: readonly string[], limits: CgroupLimits): Promise<void> {
  const path = join(ROOT, ...names);
  await mkdir(path, { recursive: true });
  for (let depth = 0; depth < names.length; depth += 1) {
    await writeFile(join(ROOT, ...names.slice(0, depth), 'cgroup.subtree_control'), '+cpu +memory +pids');
  }
  await writeFile(join(path, 'cpu.weight'), String(weightOf(limits.cpuShares)));
  await writeFile(join(path, 'cpu.max'), `${limits.cpuQuota > 0 ? limits.cpuQuota : 'max'} ${limits.cpuPeriod}`);
  await writeFile(join(path, 'memory.max'), limits.memoryLimit > 0 ? String(limits.memoryLimit) : 'max');
}

/** cgroup v2's 1 to 10,000 for v1's 2 to 262,144. */
function weightOf(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

/** Removes a group with those below it, in every hierarchy; one that has processes left stays, and makes this throw. */
export async function removeCgroup(names: readonly string[], version: 1 | 2): Promise<void> {
  const tops = version === 2 ? [ROOT] : [...CONTROLLERS, 'net_cls', 'net_prio', 'perf_event', 'hugetlb', 'unified'].map((controller) => join(ROOT, controller));
  for (const top of tops) await removeTree(join(top, ...names));
}

/** Names of the groups right below this one, of all hierarchies. */
export async function childCgroups(names: readonly string[], version: 1 | 2): Promise<ReadonlySet<string>> {
  const tops = version === 2 ? [ROOT] : CONTROLLERS.map((controller) => join(ROOT, controller));
  const lists = await Promise.all(tops.map((top) => subdirectories(join(top, ...names))));
  return new Set(lists.flat());
}

async function removeTree(path: string): Promise<void> {
  if (!(await exists(path))) return;
  for (const child of await subdirectories(path)) await removeTree(join(path, child));
  await rmdir(path);
}

async function subdirectories(path: string): Promise<string[]> {
  if (!(await exists(path))) return [];
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
