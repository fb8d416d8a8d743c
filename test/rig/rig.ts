import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCommand } from '../../host/command.ts';
import { RigHost } from './host.ts';
import { eventually, markProcess, type ProcessMark } from './processes.ts';
import { removeEmptyRigsFolder, removeRig, readState, rigsFolder, sweepRigs, writeState, type RigState } from './rigState.ts';

/**
 * Hosts on a network segment of their own, with no way out: nothing that happens in it can reach the machine's network.
 *
 * ```ts
 * const rig = await createRig();
 * const host = await rig.addHost('node1');
 * await host.check(['gantry', 'up']);
 * await rig.close();
 * ```
 */
export interface Rig {
  readonly folder: string;
  /** The host is up when this resolves; its address is 10.240.0.11 for the first one, and so on. */
  addHost(name: string, options?: HostOptions): Promise<RigHost>;
  /** A host that an earlier process left running in a rig made by hand. */
  findHost(name: string): RigHost | undefined;
  removeHost(host: RigHost): Promise<void>;
  /** Removes the hosts, the segment and every trace. */
  close(): Promise<void>;
}

export interface HostOptions {
  /** Whether systemd is process 1 of the host, as on a real Debian; else nothing manages services there. */
  readonly systemd?: boolean;
}

/** A rig that ends with this process, even when it is killed. */
export async function createRig(): Promise<Rig> {
  await sweepRigs();
  return openRig(`${process.pid}-${randomBytes(3).toString('hex')}`, true);
}

/** The rig of the command line, which lasts until its last host is taken down. */
export async function openHandRig(): Promise<Rig> {
  await sweepRigs();
  return openRig('hand', false);
}

async function openRig(name: string, owned: boolean): Promise<Rig> {
  const folder = join(rigsFolder(), name);
  let state: RigState = readState(folder) ?? { owner: owned ? markProcess(process.pid) : undefined, processes: [], cgroups: [] };
  const change = (next: Partial<RigState>): void => {
    state = { ...state, ...next };
    writeState(folder, state);
  };
  change({});
  const segment = await openSegment(folder, owned, (mark) => change({ processes: [...state.processes, mark] }));
  const hosts = new Map<string, RigHost>();

  const load = (host: string): RigHost | undefined => {
    const file = join(folder, host, 'host.json');
    if (!existsSync(file)) return undefined;
    const { index, systemd } = JSON.parse(readFileSync(file, 'utf8')) as { index: number; systemd?: boolean };
    return makeHost(host, index, systemd ?? false);
  };
  const makeHost = (host: string, index: number, systemd: boolean): RigHost => {
    const cgroup = `gantry-rig-${name}-${host}`;
    change({ cgroups: [...new Set([...state.cgroups, cgroup])] });
    const made = new RigHost({ name: host, index, folder: join(folder, host), cgroup, segment: segment.pid, ends: owned, systemd }, (mark) => change({ processes: [...state.processes, mark] }));
    hosts.set(host, made);
    return made;
  };

  return {
    folder,
    async addHost(host, { systemd = false } = {}) {
      if (!/^[a-z][a-z0-9-]*$/.test(host)) throw new Error(`"${host}" is no host name`);
      mkdirSync(join(folder, host));
      const index = nextIndex(folder);
      writeFileSync(join(folder, host, 'host.json'), JSON.stringify({ index, systemd }));
      const made = makeHost(host, index, systemd);
      await made.boot();
      return made;
    },
    findHost: (host) => hosts.get(host) ?? load(host),
    async removeHost(host) {
      await host.remove();
      hosts.delete(host.name);
    },
    async close() {
      for (const host of hosts.values()) await host.powerCut();
      await removeRig(folder);
      removeEmptyRigsFolder();
    },
  };
}

/** Addresses are never given twice in the life of a rig: neighbours remember them. */
function nextIndex(folder: string): number {
  const file = join(folder, 'last-index');
  const index = (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0) + 1;
  writeFileSync(file, String(index));
  return index;
}

/** The segment is a bridge in a network namespace of its own, which a sleeping process holds. */
async function openSegment(folder: string, ends: boolean, started: (mark: ProcessMark) => void): Promise<ProcessMark> {
  const file = join(folder, 'segment.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as ProcessMark;
  const words = [...(ends ? ['setpriv', '--pdeathsig', 'KILL'] : []), 'unshare', '--net', 'sleep', 'infinity'];
  const child = spawn(words[0]!, words.slice(1), { stdio: 'ignore', detached: true });
  child.unref();
  const pid = child.pid!;
  // Only when it sleeps has it left the machine's network.
  const mark = await eventually('the segment has its namespace', 60_000, () => (commandOf(pid) === 'sleep' ? markProcess(pid) : undefined));
  started(mark);
  const enter = ['nsenter', '--target', String(pid), '--net', 'ip', 'link'];
  await checkCommand([...enter, 'add', 'rig0', 'type', 'bridge']);
  await checkCommand([...enter, 'set', 'rig0', 'up']);
  writeFileSync(file, JSON.stringify(mark));
  return mark;
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
