import type { ClientConfig } from '../../client/clientConfig.ts';
import type { RigHost } from '../rig/host.ts';
import { check } from './checker.ts';
import type { Fault } from './faults.ts';
import type { History } from './history.ts';
import { recordIn } from './remoteRecording.ts';

/** A cluster that is experimented upon, however it was made. */
export interface Subject {
  /** Where clients are: a host that reaches every API server. */
  readonly client: RigHost;
  /** How clients reach the cluster as a whole, and each API server alone. */
  readonly all: ClientConfig;
  readonly servers: readonly ClientConfig[];
  /** How long a leader's lease lasts. */
  readonly leaseMilliseconds: number;
  /** Waits until everything is as it should be. */
  healed(): Promise<void>;
}

/** What one experiment showed. */
export interface Outcome {
  /** What contradicts the promises, in words; empty when all was kept. */
  readonly problems: readonly string[];
  readonly acknowledged: number;
  readonly unknown: number;
  /** Longest time without an acknowledged write, in milliseconds. */
  readonly longestGap: number;
  /** How often a watcher had to list again. */
  readonly relists: number;
}

/** Acknowledged writes that show that a cluster takes writes. */
export const ENOUGH = 10;
/** A fault lasts longer than any lease, unless it says how long. */
const LEASES = 1.5;
const RECOVERY_SECONDS = 120;

/** Records while the faults happen one upon another, heals them in reverse, and judges what was recorded. */
export async function experiment<C extends Subject>(cluster: C, faults: readonly Fault<C>[], seed: number, random: () => number): Promise<Outcome> {
  const recording = await recordIn(cluster.client, { cluster: cluster.all, servers: cluster.servers, seed });
  try {
    const heard = async (what: string, seconds: number): Promise<string[]> => {
      const before = await recording.acknowledged();
      for (const end = performance.now() + seconds * 1000; performance.now() < end; await pause(100)) if ((await recording.acknowledged()) >= before + ENOUGH) return [];
      return [`no ${ENOUGH} writes were acknowledged within ${seconds} s ${what}`];
    };
    const problems = await heard('before the fault', RECOVERY_SECONDS);
    await recording.longestGap();
    const heal: (() => Promise<void>)[] = [];
    for (const fault of faults) {
      heal.unshift(await fault.inject(cluster, random));
      if (faults.every(({ writable }) => writable)) problems.push(...(await heard(`during ${fault.name}`, RECOVERY_SECONDS)));
    }
    await pause(Math.max(...faults.map(({ lasts }) => lasts ?? cluster.leaseMilliseconds * LEASES)));
    for (const undo of heal) await undo();
    problems.push(...(await heard('after the fault had been healed', RECOVERY_SECONDS)));
    const longestGap = await recording.longestGap();
    await cluster.healed();
    const history = await recording.finish(RECOVERY_SECONDS);
    return { problems: [...problems, ...check(history)], longestGap, ...counts(history) };
  } finally {
    recording.close();
  }
}

function counts({ writes, watches }: History): Pick<Outcome, 'acknowledged' | 'unknown' | 'relists'> {
  const of = (wanted: string): number => writes.filter(({ outcome }) => outcome === wanted).length;
  const lists = watches.reduce((sum, { items }) => sum + items.filter(({ kind }) => kind === 'list').length, 0);
  return { acknowledged: of('acknowledged'), unknown: of('unknown'), relists: lists - watches.length };
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
