import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from './clusterSettings.ts';
import { readJson, writeJson } from './supervisor/supervisorFiles.ts';

/** The machine's own Docker, as systemd had it before `up` started it. */
export interface EngineBefore {
  /** Units that did not run. */
  readonly stopped: readonly string[];
  /** Units that no boot would have started. */
  readonly disabled: readonly string[];
  /** net.ipv4.ip_forward, which Docker turns on at every boot. */
  readonly forwarding: string;
}

/** What `up` changed on the host, for `down` to put back. */
export interface HostRecord {
  /** The boot in which the host was changed: kernel state does not outlive it. */
  readonly bootId: string;
  /** Values of /proc/sys files before they were changed, by path. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Whether an `up` installed the Docker engine. */
  readonly dockerInstalled: boolean;
  /** Whether our supervisor has run the Docker engine in this boot, and so left its bridge and rules. */
  readonly dockerStarted: boolean;
  /** Undefined where `up` has not started the machine's own Docker. */
  readonly engineBefore?: EngineBefore | undefined;
  /** Whether a `down` has removed the cluster's containers, and no `up` has started anything since. */
  readonly containersRemoved?: boolean;
  /** The user's kubeconfig that the context was written to. */
  readonly kubeconfig: string | undefined;
}

const file = (paths: Paths): string => join(paths.state, 'host.json');

export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

export function readHostRecord(paths: Paths): HostRecord | undefined {
  return readJson(file(paths)) as HostRecord | undefined;
}

/** Changes parts of the record; what an earlier boot changed in the kernel is forgotten. */
export function changeHostRecord(paths: Paths, change: Partial<HostRecord>): HostRecord {
  const before = readHostRecord(paths);
  const now = bootId();
  const record: HostRecord = {
    sysctls: before?.bootId === now ? before.sysctls : {},
    dockerInstalled: before?.dockerInstalled ?? false,
    dockerStarted: before?.bootId === now && before.dockerStarted,
    engineBefore: before?.engineBefore,
    containersRemoved: before?.containersRemoved ?? false,
    kubeconfig: before?.kubeconfig,
    ...change,
    bootId: now,
  };
  writeJson(file(paths), record);
  return record;
}

/** Sets a kernel parameter by its path below /proc/sys; gives the value before, or undefined when it was that already. */
export function setSysctl(path: string, value: string): string | undefined {
  const target = join('/proc/sys', path);
  const before = readFileSync(target, 'utf8').trim();
  if (before === value) return undefined;
  writeFileSync(target, value);
  return before;
}
