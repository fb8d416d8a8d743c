import { asList, asMap, fieldTypeOf, formOf, type Fields, type FieldType, type ListForm, type MapForm } from './fieldType.ts';
import { elementOrNone } from './listElements.ts';
import type { PathElement } from './pathElement.ts';
import { ownField, setField } from '../../api/values/ownField.ts';

/**
 * Lays an applied configuration over the live value: of what is owned as a whole, the configuration's counts; the rest is merged, field by field
 * and item by item. Nothing is taken away. Gives a new value that may share parts with both.
 */
export function mergeObjects(type: FieldType, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const form = formOf(type, applied);
  if (form === 'map') return mergeMaps(type.map!, live, applied);
  return form === 'list' ? mergeLists(type.list!, live, applied) : applied;
}

function mergeMaps(map: MapForm, live: unknown, applied: unknown): unknown {
  const [left, right] = [asMap(live), asMap(applied)];
  if (map.atomic || (isBare(left) && isBare(right))) return applied;
  const merged: Record<string, unknown> = { ...left };
  for (const name in right) setField(merged, name, mergeField(map, name, left, right));
  return merged;
}

function mergeField(map: MapForm, name: string, left: Fields | undefined, right: Fields): unknown {
  const type = fieldTypeOf(map, name);
  return type ? mergeObjects(type, ownField(left, name), right[name]) : right[name];
}

function isBare(value: Fields | undefined): boolean {
  for (const name in value) if (value[name] !== undefined) return false;
  return true;
}

function mergeLists(list: ListForm, live: unknown, applied: unknown): unknown {
  const [left, right] = [asList(live) ?? [], asList(applied) ?? []];
  if (list.atomic || (left.length === 0 && right.length === 0)) return applied;
  return new ListMerge(list, left, right).run();
}

interface Item {
  readonly element: PathElement | undefined;
  readonly value: unknown;
}

/**
 * Merges two lists so that the order of the configuration holds among its items, and the order of the live list among all others, each of
 * which keeps its place before the item that follows it.
 */
class ListMerge {
  readonly #list: ListForm;
  readonly #left: readonly Item[];
  readonly #right: readonly Item[];
  readonly #inLeft: Map<PathElement, unknown>;
  readonly #inRight: Map<PathElement, unknown>;
  readonly #merged = new Set<PathElement>();

  constructor(list: ListForm, left: readonly unknown[], right: readonly unknown[]) {
    this.#list = list;
    const named = (value: unknown): Item => ({ element: elementOrNone(list, value), value });
    this.#left = left.map(named);
    this.#right = right.map(named);
    this.#inLeft = byElement(this.#left);
    this.#inRight = byElement(this.#right);
  }

  run(): unknown[] {
    const shared = this.#right.filter(({ element }) => element !== undefined && this.#inLeft.has(element)).map(({ element }) => element);
    const merged: unknown[] = [];
    let [at, next, done] = [0, 0, 0];
    while (at < this.#left.length || next < this.#right.length) {
      const mine = this.#left[at];
      const theirs = this.#right[next];
      const isWanted = mine?.element !== undefined && this.#inRight.has(mine.element);
      if (mine && theirs && mine.element !== undefined && mine.element === theirs.element) {
        merged.push(this.#take(theirs));
        at += 1;
        next += 1;
        done += 1;
      } else if (mine && theirs && isWanted && done < shared.length && shared[done] !== mine.element) {
        // It comes where the configuration has it.
        at += 1;
      } else if (mine && !isWanted) {
        merged.push(mine.value);
        at += 1;
      } else {
        if (mine?.element !== undefined && this.#merged.has(mine.element)) at += 1;
        if (theirs) {
          merged.push(this.#take(theirs));
          next += 1;
          if (done < shared.length && shared[done] === theirs.element) done += 1;
        } else if (mine && !this.#merged.has(mine.element ?? '')) {
          throw new Error('an item of the configuration was not merged');
        }
      }
    }
    return merged;
  }

  #take({ element, value }: Item): unknown {
    if (element === undefined) return value;
    this.#merged.add(element);
    return mergeObjects(this.#list.items, this.#inLeft.get(element), value);
  }
}

/** Items that share an element (which only an update may bring about) are not merged with anything. */
function byElement(items: readonly Item[]): Map<PathElement, unknown> {
  const found = new Map<PathElement, unknown>();
  for (const { element, value } of items) if (element !== undefined) found.set(element, found.has(element) ? undefined : value);
  return found;
}
