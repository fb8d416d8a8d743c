import { goPlain } from '../../api/values/goPrint.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { badType, DIRECTIVE, keyIn, MergeError } from './patchDirectives.ts';

/**
 * Throws a `MergeError` where the items that a patch adds or changes are not all in the order that its `$setElementOrder` sets, or stand in
 * another one (upstream's `validatePatchWithSetOrderList`). `mergeKey` is `''` for a list whose items are their own keys.
 */
export function checkElementOrder(items: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (items.length === 0 || order.length === 0) return;
  const judged = mergeKey === '' ? items : items.filter((item) => !isDeletion(item));
  let [next, at] = [0, 0];
  while (next < judged.length && at < order.length) {
    if (isRecord(judged[next]) && Object.hasOwn(judged[next] as object, DIRECTIVE)) {
      next += 1;
      continue;
    }
    if (isSame(judged[next], order[at], mergeKey)) next += 1;
    at += 1;
  }
  if (next < judged.length) throw new MergeError(`The order in patch list:\n${goPlain(items)}\n doesn't match $setElementOrder list:\n${goPlain(order)}\n`);
}

function isDeletion(item: unknown): boolean {
  if (!isRecord(item)) throw badType(item, 'map[string]interface {}');
  return item[DIRECTIVE] === 'delete';
}

function isSame(item: unknown, other: unknown, mergeKey: string): boolean {
  // Items of a list that is replaced need not be scalars; those are told apart by all that they are.
  if (mergeKey === '') return item === other || (isRecord(item) && JSON.stringify(item) === JSON.stringify(other));
  return keyIn(item, mergeKey) === keyIn(other, mergeKey);
}

/**
 * The order of the live list by which items that only the server has are put among those of the patch: as upstream, whose slices share memory, an
 * item that the patch adds stands in it as far as items that the patch deletes have made room behind the others.
 */
export function liveOrder(previous: readonly unknown[], patch: readonly unknown[], mergeKey: string): readonly unknown[] {
  const items = patch.filter(isRecord);
  if (items.some((item) => item[DIRECTIVE] === 'replace')) return previous;
  const deleted = new Set(items.filter((item) => item[DIRECTIVE] === 'delete').map((item) => item[mergeKey]));
  if (deleted.size === 0) return previous;
  const kept = previous.filter((item) => !isRecord(item) || !deleted.has(item[mergeKey]));
  const known = new Set(kept.map((item) => (isRecord(item) ? item[mergeKey] : undefined)));
  const added = items.filter((item) => !Object.hasOwn(item, DIRECTIVE) && !known.has(item[mergeKey]));
  return [...kept, ...added.slice(0, previous.length - kept.length)];
}
