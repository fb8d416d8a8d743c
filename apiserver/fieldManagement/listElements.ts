import { asMap, type ListForm } from './fieldType.ts';
import { keyElement, valueElement, type PathElement } from './pathElement.ts';
import { ownField } from '../../api/values/ownField.ts';
import { goStrings } from '../../api/values/goPrint.ts';
import { atOnce, SLICE } from '../inTurns.ts';

/** An item does not fit into its list; the message is upstream's. */
export class ListItemError extends Error {}

/** How an item of a list that is not atomic is named. Throws `ListItemError`. */
export function listElement(list: ListForm, item: unknown): PathElement {
  return list.keys.length === 0 ? setElement(item) : itemElement(list, item);
}

function itemElement({ keys }: ListForm, item: unknown): PathElement {
  if (item === null) throw new ListItemError('associative list with keys may not have a null element');
  const fields = asMap(item);
  if (!fields) throw new ListItemError('associative list with keys may not have non-map elements');
  const found: [string, unknown][] = [];
  for (const key of keys) {
    const own = ownField(fields, key.name);
    const value = own === undefined ? key.default : own;
    // Of several keys, some may be left out.
    if (value !== undefined) found.push([key.name, value]);
  }
  if (found.length === 0) throw new ListItemError(`associative list with keys has an element that omits all key fields ${goStrings(keys.map(({ name }) => name))} (and doesn't have default values for any key fields)`);
  return keyElement(found);
}

function setElement(item: unknown): PathElement {
  if (Array.isArray(item)) throw new ListItemError('not supported: associative list with lists as elements');
  if (item === null || item === undefined) throw new ListItemError("associative list without keys has an element that's an explicit null");
  if (typeof item === 'object') throw new ListItemError("associative list without keys has an element that's a map type");
  return valueElement(item);
}

/** The items of a list by their elements, in order; those that have none are left out. */
export function indexed(...parts: Parameters<typeof indexedInSteps>): Map<PathElement, unknown[]> {
  return atOnce(indexedInSteps(...parts));
}

/** As `indexed`, for long lists: yields after every so many items. */
export function* indexedInSteps(list: ListForm, items: readonly unknown[]): Generator<void, Map<PathElement, unknown[]>> {
  const found = new Map<PathElement, unknown[]>();
  let count = 0;
  for (const item of items) {
    if (++count % SLICE === 0) yield;
    const element = elementOrNone(list, item);
    if (element === undefined) continue;
    const same = found.get(element);
    if (same) same.push(item);
    else found.set(element, [item]);
  }
  return found;
}

/** As `listElement`; undefined for an item that cannot be named. */
export function elementOrNone(list: ListForm, item: unknown): PathElement | undefined {
  if (typeof item === 'string' && list.keys.length === 0) return valueElement(item);
  try {
    return listElement(list, item);
  } catch (error) {
    if (error instanceof ListItemError) return undefined;
    throw error;
  }
}
