import { compareElements, isOrdered, parseElement, SELF, type FieldPath, type PathElement } from './pathElement.ts';

/**
 * A set of paths, in the very form of `fieldsV1`: a node's names are the elements below it; below the root, a node without names is a member,
 * and a node with names is one where `.` is among them. So what is stored needs no decoding. Sets are never changed once they are handed out.
 * 1. No node but a member is without names: an absent path has no node.
 * 2. Names may stand in any order; `sorted` gives the order that clients see.
 */
export interface FieldSet {
  readonly [element: PathElement]: FieldSet;
}

/** A set under construction, which belongs to one function. */
export interface FieldSetBuilder {
  [element: PathElement]: FieldSetBuilder;
}

export const EMPTY: FieldSet = {};
const LEAF: FieldSet = Object.freeze({});

export function isEmpty(set: FieldSet): boolean {
  for (const _element in set) return false;
  return true;
}

/** Whether a node below the root is itself a member. */
export function isMember(node: FieldSet): boolean {
  return SELF in node || isEmpty(node);
}

export function hasChildren(node: FieldSet): boolean {
  for (const element in node) if (element !== SELF) return true;
  return false;
}

/**
 * Adds a path, in place, to a set that this function alone has filled: its leaves are all the same object, since to look whether an object has
 * names takes as long as it has names (a ConfigMap may have 100,000).
 */
export function insert(set: FieldSetBuilder, path: FieldPath): void {
  let node = set;
  const last = path.length - 1;
  for (let depth = 0; depth <= last; depth += 1) {
    const element = path[depth]!;
    const next = node[element];
    if (depth === last) {
      if (!next) node[element] = LEAF;
      else if (next !== LEAF) next[SELF] = LEAF;
    } else if (!next || next === LEAF) {
      const made: FieldSetBuilder = next ? { [SELF]: LEAF } : {};
      node[element] = made;
      node = made;
    } else {
      node = next;
    }
  }
}

export function setOf(...paths: readonly FieldPath[]): FieldSet {
  const set: FieldSetBuilder = {};
  for (const path of paths) insert(set, path);
  return set;
}

export function has(set: FieldSet, path: FieldPath): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) node = node?.[element];
  return node !== undefined && path.length > 0 && isMember(node);
}

/** Makes a node of what it is: undefined where it is nothing. */
function node(member: boolean, children: FieldSetBuilder): FieldSet | undefined {
  if (isEmpty(children)) return member ? LEAF : undefined;
  return member ? { [SELF]: LEAF, ...children } : children;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const result: FieldSetBuilder = { ...a };
  for (const element in b) {
    if (element === SELF) continue;
    const [mine, theirs] = [a[element], b[element]!];
    result[element] = mine && mine !== theirs ? node(isMember(mine) || isMember(theirs), childrenOf(union(mine, theirs)))! : theirs;
  }
  return result;
}

function childrenOf(set: FieldSet): FieldSetBuilder {
  if (!(SELF in set)) return set;
  const { [SELF]: _self, ...children } = set;
  return children;
}

/** What is in `a` and not in `b`. A member of `b` does not take away what lies below it in `a`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false);
}

/** As `difference`, but a member of `b` takes away all that lies below it, too. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true);
}

function subtract(a: FieldSet, b: FieldSet, deep: boolean): FieldSet {
  if (isEmpty(b) || isEmpty(a)) return a;
  const result: FieldSetBuilder = {};
  for (const element in a) {
    if (element === SELF) continue;
    const mine = a[element]!;
    const theirs = b[element];
    if (!theirs) {
      result[element] = mine;
      continue;
    }
    const removed = isMember(theirs);
    if (removed && deep) continue;
    const left = node(isMember(mine) && !removed, childrenOf(subtract(mine, theirs, deep)));
    if (left) result[element] = left;
  }
  return result;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSetBuilder = {};
  for (const element in a) {
    if (element === SELF) continue;
    const mine = a[element]!;
    const theirs = b[element];
    if (!theirs) continue;
    const shared = node(isMember(mine) && isMember(theirs), childrenOf(intersection(mine, theirs)));
    if (shared) result[element] = shared;
  }
  return result;
}

/** Every member in the order of upstream's `Set.Iterate`: a node's own members, then what lies deeper. */
export function pathsOf(set: FieldSet): FieldPath[] {
  const paths: FieldPath[] = [];
  collect(sorted(set), [], paths);
  return paths;
}

function collect(set: FieldSet, prefix: FieldPath, paths: FieldPath[]): void {
  const elements = Object.keys(set).filter((element) => element !== SELF);
  for (const element of elements) if (isMember(set[element]!)) paths.push([...prefix, element]);
  for (const element of elements) collect(set[element]!, [...prefix, element], paths);
}

/** The same set with its names in upstream's order; the set itself where they are. */
export function sorted(set: FieldSet): FieldSet {
  // Asked for once: of 100,000 names that takes as long as to put them in order.
  const elements = Object.keys(set);
  let previous: PathElement | undefined;
  // Most sets are: fields are met in the order in which objects have them.
  let inOrder = true;
  let onlyFields = true;
  let onlyTexts = true;
  let changed: Map<PathElement, FieldSet> | undefined;
  for (const element of elements) {
    const below = set[element]!;
    const order = below === LEAF ? below : sorted(below);
    if (order !== below) (changed ??= new Map()).set(element, order);
    if (inOrder && previous !== undefined) inOrder = compareElements(previous, element) <= 0;
    onlyFields &&= element === SELF || element.startsWith('f:');
    onlyTexts &&= isOrdered(element);
    previous = element;
  }
  if (inOrder && !changed) return set;
  // The order of fields, behind the mark, is that of their texts.
  if (!inOrder && (onlyFields || onlyTexts)) elements.sort();
  else if (!inOrder) elements.sort(compareElements);
  const result: FieldSetBuilder = {};
  for (const element of elements) result[element] = changed?.get(element) ?? set[element]!;
  return result;
}

/** Reads a set that a client sent, with canonical elements; undefined where it is none. */
export function parseFieldSet(value: unknown): FieldSet | undefined {
  return parseNode(value, true);
}

function parseNode(value: unknown, isRoot: boolean): FieldSet | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const children: FieldSetBuilder = {};
  let member = false;
  for (const [text, below] of Object.entries(value)) {
    if (text === SELF) {
      member = true;
      continue;
    }
    const element = parseElement(text);
    const parsed = element === undefined ? undefined : parseNode(below, false);
    if (element === undefined || !parsed) return undefined;
    children[element] = parsed;
  }
  if (isRoot) return children;
  return isEmpty(children) ? LEAF : node(member, children);
}
