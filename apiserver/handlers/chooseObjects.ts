import { setImmediate } from 'node:timers/promises';
import type { StoredObject } from '../storage/types.ts';
import type { Selection } from './selection.ts';

/** What is done before others get their turn: some milliseconds' worth. To look into an object for the first time takes as long as to search the bytes of twenty. */
const TURN = 10_000;
const LOOK = 20;

/** Objects of a collection, and whether there are more that a selection matches. */
export interface Choice {
  readonly items: readonly StoredObject[];
  readonly more: boolean;
}

/**
 * The objects that a selection matches, in order, up to `limit` of them (0: all). Only those that may match are looked into: what has been looked into takes three times
 * the memory from then on.
 */
export async function chooseObjects(all: readonly StoredObject[], { matches, evidence }: Pick<Selection, 'matches' | 'evidence'>, limit: number): Promise<Choice> {
  const items: StoredObject[] = [];
  let done = 0;
  for (const stored of all) {
    if (done >= TURN) {
      done = 0;
      await setImmediate();
    }
    if (evidence) {
      done += 1;
      if (!evidence.some((all) => all.every((text) => stored.bytes.includes(text)))) continue;
    }
    if (matches) {
      done += LOOK;
      if (!matches(stored.object)) continue;
    }
    if (limit > 0 && items.length === limit) return { items, more: true };
    items.push(stored);
  }
  return { items, more: false };
}
