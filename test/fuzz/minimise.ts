import type { FuzzCase } from './fuzzCase.ts';

type Path = readonly (string | number)[];

/** Texts shorter than this are left alone. */
const SHORT = 8;

/**
 * Makes a case smaller while it still shows the same fault: leaves out calls, fields and items, halves texts, until nothing more can go or the
 * tries are used up. Gives the smallest that `stillFails` said yes to.
 */
export async function minimise(found: FuzzCase, stillFails: (smaller: FuzzCase) => Promise<boolean>, tries: number): Promise<FuzzCase> {
  let [smallest, left] = [found, tries];
  for (let progress = true; progress && left > 0; ) {
    progress = false;
    for (let at = 0; left > 0; ) {
      const path = pathsIn(smallest)[at];
      if (path === undefined) break;
      const smaller = await firstFailing(smallerAt(smallest, path));
      if (smaller) [smallest, progress] = [smaller, true];
      else at += 1;
    }
  }
  return smallest;

  async function firstFailing(candidates: readonly FuzzCase[]): Promise<FuzzCase | undefined> {
    for (const each of candidates) {
      if (left <= 0) return undefined;
      left -= 1;
      if (await stillFails(each)) return each;
    }
    return undefined;
  }
}

/** Every part that may go, outer ones first; the list of calls stays, and of a call its method and path. */
export function pathsIn(found: FuzzCase): Path[] {
  const paths: Path[] = [];
  let level: [Path, unknown][] = [[[], found]];
  while (level.length > 0) {
    const next: [Path, unknown][] = [];
    for (const [path, value] of level) {
      if (typeof value !== 'object' || value === null) continue;
      for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
        const at = [...path, key];
        if (!((path.length === 0 && key === 'calls') || (path.length === 2 && path[0] === 'calls' && (key === 'method' || key === 'path' || key === 'socket')))) paths.push(at);
        next.push([at, (value as Record<string | number, unknown>)[key]]);
      }
    }
    level = next;
  }
  return paths;
}

/** The case without a part, and with its text halved. */
function smallerAt(found: FuzzCase, path: Path): FuzzCase[] {
  const parent = path.slice(0, -1).reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], found);
  if (typeof parent !== 'object' || parent === null) return [];
  const last = path.at(-1)!;
  const value = (parent as Record<string | number, unknown>)[last];
  const halves = typeof value === 'string' && value.length > SHORT ? [value.slice(0, value.length / 2), value.slice(value.length / 2)] : [];
  return [changed(found, path, undefined), ...halves.map((half) => changed(found, path, half))] as FuzzCase[];
}

/** A copy with something else at a path; undefined takes it away. */
function changed(value: unknown, [first, ...rest]: Path, to: unknown): unknown {
  if (first === undefined) return to;
  if (Array.isArray(value)) return value.flatMap((each: unknown, index) => (index !== first ? [each] : rest.length === 0 && to === undefined ? [] : [changed(each, rest, to)]));
  return Object.fromEntries(Object.entries(value as object).flatMap(([key, each]) => (key !== first ? [[key, each]] : rest.length === 0 && to === undefined ? [] : [[key, changed(each, rest, to)]])));
}
