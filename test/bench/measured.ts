import type { Figure } from './figures.ts';
import { callsWithin } from './load.ts';
import { cpuMicroseconds } from './serverCpu.ts';

/** What many equal requests took. */
export interface Measured {
  readonly done: number;
  /** Per second. */
  readonly rate: number;
  /** Microseconds of CPU of these processes, together, for each request. */
  readonly cpu: number;
}

/** Makes up to `count` calls, CONNECTIONS at a time, begun within so many seconds, and looks at what they cost the processes. */
export async function measured(pids: readonly number[], seconds: number, count: number, one: (index: number) => Promise<unknown>): Promise<Measured> {
  const used = (): number => pids.reduce((sum, pid) => sum + cpuMicroseconds(pid), 0);
  const before = used();
  const { done, rate } = await callsWithin(seconds, count, one);
  return { done, rate, cpu: (used() - before) / done };
}

/** So many turns each sort of request gets in `measuredInTurns`. */
const TURNS = 3;

/**
 * The same for several sorts of requests in turns, so that what else happens on the machine slows all of them down alike. Each is called with 0, 1, 2 and so on.
 */
export async function measuredInTurns<T extends string>(pids: readonly number[], seconds: number, count: number, sorts: Readonly<Record<T, (index: number) => Promise<unknown>>>): Promise<Readonly<Record<T, Measured>>> {
  const names = Object.keys(sorts) as T[];
  const turns = new Map<T, Measured[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [name, before] of turns) {
      const from = before.reduce((sum, { done }) => sum + done, 0);
      before.push(await measured(pids, seconds / TURNS, Math.ceil((count - from) / (TURNS - turn)), (index) => sorts[name](from + index)));
    }
  }
  return Object.fromEntries(names.map((name) => [name, together(turns.get(name)!)])) as Record<T, Measured>;
}

/** Several measurements as one. */
export function together(parts: readonly Measured[]): Measured {
  const sum = (of: (part: Measured) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const done = sum((part) => part.done);
  return { done, rate: done / sum((part) => part.done / part.rate), cpu: sum((part) => part.cpu * part.done) / done };
}

/** The rows of what was measured: its rate and its CPU, beside those of what it is compared with. */
export function measuredRows(name: string, { rate, cpu }: Measured, reference?: Measured): Figure[] {
  return [
    { name, value: rate, unit: '/s', ...(reference ? { reference: reference.rate } : {}) },
    { name: `${name}: CPU of the servers each`, value: cpu, unit: 'µs', ...(reference ? { reference: reference.cpu } : {}) },
  ];
}
