import { deepEqual } from '../../api/values/deepEqual.ts';
import { atOnce, SLICE } from '../inTurns.ts';
import { asList, asMap, deducedForm, fieldTypeOf, formOf, type FieldType, type Fields, type Form, type ListForm, type MapForm } from './fieldType.ts';
import { insert, type FieldSet, type FieldSetBuilder } from './fieldSet.ts';
import { indexedInSteps } from './listElements.ts';
import { fieldElement, type FieldPath, type PathElement } from './pathElement.ts';
import { ownField } from '../../api/values/ownField.ts';

/** How one object differs from another. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/**
 * Compares two values of a type field by field. What is owned as a whole (scalars, atomic lists and maps, and what is empty on both sides) is
 * one path; of what is not, every path that came or went is named, with all that is in it. Takes time in proportion to the objects.
 */
export function compareObjects(...parts: Parameters<typeof compareInSteps>): Comparison {
  return atOnce(compareInSteps(...parts));
}

/** As `compareObjects`, for large objects: yields after every so many fields of a map, or items of a list. */
export function* compareInSteps(type: FieldType, before: unknown, after: unknown): Generator<void, Comparison> {
  const walk = new Walk();
  walk.compare(type, before, after);
  yield* walk.rest();
  return walk;
}

/** A map or a list that is too long for one turn. */
interface LongPart {
  readonly path: FieldPath;
  readonly work: Generator<void, void>;
}

class Walk implements Comparison {
  readonly added: FieldSetBuilder = {};
  readonly modified: FieldSetBuilder = {};
  readonly removed: FieldSetBuilder = {};
  #path: PathElement[] = [];
  /** Put off: no set depends on the order in which its paths come. */
  readonly #long: LongPart[] = [];

  /** One of the two may be undefined: it is not there. */
  compare(type: FieldType, before: unknown, after: unknown): void {
    if (before === after) return;
    let leaf: boolean;
    if (after === undefined) leaf = this.#as(formOf(type, before), type, before, after);
    else if (before === undefined || deducedForm(type, before) === deducedForm(type, after)) leaf = this.#as(formOf(type, after), type, before, after);
    else {
      // Free-form data that took another form: what it was goes, what it is comes. Of other types, null is as good as any form.
      const forms = new Set([formOf(type, before), formOf(type, after)]);
      leaf = false;
      for (const form of forms) leaf = this.#as(form, type, before, after);
    }
    if (leaf || this.#path.length === 0) return;
    if (before === undefined) insert(this.added, this.#path);
    else if (after === undefined) insert(this.removed, this.#path);
  }

  /** Whether it was treated as a whole. */
  #as(form: Form, { list, map }: FieldType, before: unknown, after: unknown): boolean {
    if (form === 'map') return this.#maps(map!, asMap(before), asMap(after), before, after);
    if (form === 'list') return this.#lists(list!, asList(before), asList(after), before, after);
    return this.#whole(before, after);
  }

  #whole(before: unknown, after: unknown): true {
    if (before === undefined) insert(this.added, this.#path);
    else if (after === undefined) insert(this.removed, this.#path);
    else if (!deepEqual(before, after)) insert(this.modified, this.#path);
    return true;
  }

  #maps(map: MapForm, left: Fields | undefined, right: Fields | undefined, before: unknown, after: unknown): boolean {
    if (map.atomic || (isBare(map, left) && isBare(map, right))) return this.#whole(before, after);
    if (isLong(left) || isLong(right)) this.#putOff(this.#fieldsInSteps(map, left, right));
    else {
      for (const name in left) this.#former(map, left, right, name);
      for (const name in right) this.#new(map, left, right, name);
    }
    // What is printed even when empty, and stands on neither side.
    if (left && right) return false;
    for (const [name, zero] of map.zeros) if (ownField(left, name) === undefined && ownField(right, name) === undefined) this.#field(map, name, left && zero, right && zero);
    return false;
  }

  *#fieldsInSteps(map: MapForm, left: Fields | undefined, right: Fields | undefined): Generator<void, void> {
    let count = 0;
    for (const name in left) {
      this.#former(map, left, right, name);
      if (++count % SLICE === 0) yield;
    }
    for (const name in right) {
      this.#new(map, left, right, name);
      if (++count % SLICE === 0) yield;
    }
  }

  #former(map: MapForm, left: Fields, right: Fields | undefined, name: string): void {
    if (left[name] !== undefined) this.#field(map, name, left[name], valueOf(map, right, name));
  }

  #new(map: MapForm, left: Fields | undefined, right: Fields, name: string): void {
    if (ownField(right, name) !== undefined && ownField(left, name) === undefined) this.#field(map, name, unset(valueOf(map, left, name)), right[name]);
  }

  #field(map: MapForm, name: string, before: unknown, after: unknown): void {
    if (before === after) return;
    const type = fieldTypeOf(map, name);
    if (!type) return;
    this.#path.push(fieldElement(name));
    this.compare(type, before, after);
    this.#path.pop();
  }

  #lists(list: ListForm, left: readonly unknown[] | undefined, right: readonly unknown[] | undefined, before: unknown, after: unknown): boolean {
    const bare = (left?.length ?? 0) === 0 && (right?.length ?? 0) === 0;
    if (list.atomic || bare) return this.#whole(before, after);
    const work = this.#itemsInSteps(list, left ?? [], right ?? []);
    if ((left?.length ?? 0) + (right?.length ?? 0) > SLICE) this.#putOff(work);
    else atOnce(work);
    return false;
  }

  *#itemsInSteps(list: ListForm, left: readonly unknown[], right: readonly unknown[]): Generator<void, void> {
    const [were, are] = [yield* indexedInSteps(list, left), yield* indexedInSteps(list, right)];
    let count = 0;
    for (const [element, old] of were) {
      this.#items(list, element, old, are.get(element) ?? []);
      if (++count % SLICE === 0) yield;
    }
    for (const [element, now] of are) {
      if (!were.has(element)) this.#items(list, element, [], now);
      if (++count % SLICE === 0) yield;
    }
  }

  #putOff(work: Generator<void, void>): void {
    this.#long.push({ path: [...this.#path], work });
  }

  /** What was put off. */
  *rest(): Generator<void, void> {
    for (let part = this.#long.pop(); part; part = this.#long.pop()) {
      do {
        yield;
        this.#path = [...part.path];
      } while (!part.work.next().done);
    }
  }

  /** Items that stand for one element; several of them, which only an update may bring about, are owned together. */
  #items({ items }: ListForm, element: PathElement, before: readonly unknown[], after: readonly unknown[]): void {
    this.#path.push(element);
    if (before.length <= 1 && after.length <= 1) this.compare(items, before[0], after[0]);
    else if (before.length >= 2 && after.length >= 2) {
      if (!deepEqual(before, after)) insert(this.modified, this.#path);
    } else if (before.length >= 2) {
      if (after.length > 0) this.compare(items, undefined, after[0]);
      insert(this.removed, this.#path);
    } else {
      if (before.length > 0) this.compare(items, before[0], undefined);
      insert(this.added, this.#path);
    }
    this.#path.pop();
  }
}

/** Whether there are so many fields that they take more than one turn. */
function isLong(fields: Fields | undefined): boolean {
  let count = 0;
  for (const _name in fields) if (++count > SLICE) return true;
  return false;
}

/** Without anything that is there: zeros that are printed do count. */
function isBare(map: MapForm, value: Fields | undefined): boolean {
  if (!value) return true;
  if (map.zeros.size > 0) return false;
  for (const name in value) if (value[name] !== undefined) return false;
  return true;
}

/** A list that nobody has set is null, and so another value than an empty one that somebody sets. */
const unset = (zero: unknown): unknown => (Array.isArray(zero) ? null : zero);

/** A field, or the zero value that stands for it in a struct that is there. */
function valueOf(map: MapForm, value: Fields | undefined, name: string): unknown {
  if (!value) return undefined;
  const own = ownField(value, name);
  return own === undefined ? map.zeros.get(name) : own;
}
