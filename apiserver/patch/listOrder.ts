/** How items of a list are told apart: by a merge key, or themselves where the list is of scalars. */
export type ItemKey = (item: unknown) => unknown;

export interface OrderedMerge {
  /** The list after its contents were merged, in any order. */
  readonly merged: readonly unknown[];
  /** The order that the client wants for the items it knows; keys or items. */
  readonly wanted: readonly unknown[];
  /** The list as it was, whose order the other items keep. */
  readonly previous: readonly unknown[];
  readonly keyOf: ItemKey;
}

/**
 * Orders a merged list (upstream's `normalizeElementOrder`): the items that the client named come in its order, those that only the server has keep
 * their order, and the two are woven together so that a server's item stays before the items that it stood before.
 */
export function orderMergedList({ merged, wanted, previous, keyOf }: OrderedMerge): unknown[] {
  const wantedPosition = positions(wanted, keyOf);
  const previousPosition = positions(previous, keyOf);
  const known = merged.filter((item) => wantedPosition.has(keyOf(item)));
  const others = merged.filter((item) => !wantedPosition.has(keyOf(item)));
  sortByPosition(known, wantedPosition, keyOf);
  sortByPosition(others, previousPosition, keyOf);
  const result: unknown[] = [];
  let next = 0;
  for (const item of known) {
    const position = previousPosition.get(keyOf(item));
    while (next < others.length && stoodBefore(previousPosition.get(keyOf(others[next])), position)) result.push(others[next++]);
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}

function stoodBefore(first: number | undefined, second: number | undefined): boolean {
  return first !== undefined && second !== undefined && first < second;
}

function positions(items: readonly unknown[], keyOf: ItemKey): Map<unknown, number> {
  const found = new Map<unknown, number>();
  for (const [index, item] of items.entries()) if (!found.has(keyOf(item))) found.set(keyOf(item), index);
  return found;
}

/** Stable; items without a position go last. */
function sortByPosition(items: unknown[], position: ReadonlyMap<unknown, number>, keyOf: ItemKey): void {
  const of = (item: unknown): number => position.get(keyOf(item)) ?? Number.MAX_SAFE_INTEGER;
  items.sort((a, b) => of(a) - of(b));
}
