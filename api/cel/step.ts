import type { Run } from './run.ts';
import type { CelValue } from './values/value.ts';

/** An expression made ready: gives its value in a run, and charges the run for it. */
export type Step = (run: Run) => CelValue;

/** Where the variables of macros stand in a run. */
export interface Places {
  readonly names: ReadonlyMap<string, number>;
  /** The next place that is free. */
  readonly next: number;
}

export const NO_PLACES: Places = { names: new Map(), next: 0 };

/** With one more variable, which may hide an outer one of its name. */
export function withVariable({ names, next }: Places, name: string): Places {
  return { names: new Map([...names, [name, next]]), next: next + 1 };
}
