import { includes, rangesOf, setOf } from './codePointSet.ts';
import type { CodePointSet } from './codePointSet.ts';
import { propertySet } from './unicodeClasses.ts';

/** Its lower case is `i`, which Unicode's simple folding does not make of it. */
const DOTLESS_I = 0x131;

let orbits: ReadonlyMap<number, readonly number[]> | undefined;

/** For every code point that has other cases: all of them, itself included (Go's `unicode.SimpleFold`). Made when first asked for. */
function orbitsOfAll(): ReadonlyMap<number, readonly number[]> {
  if (orbits) return orbits;
  const byKey = new Map<number, number[]>();
  const cased = propertySet('Changes_When_Casemapped');
  for (let at = 0; at < cased.length; at += 2) {
    for (let each = cased[at]!; each <= cased[at + 1]!; each += 1) {
      if (each === DOTLESS_I) continue;
      const key = single(single(each, 'toUpperCase'), 'toLowerCase');
      const orbit = byKey.get(key);
      if (orbit) orbit.push(each);
      else byKey.set(key, [each]);
    }
  }
  return (orbits = new Map([...byKey.values()].filter((orbit) => orbit.length > 1).flatMap((orbit) => orbit.map((each) => [each, orbit] as const))));
}

/** Another case of a code point, where that is one code point. */
function single(codePoint: number, change: 'toUpperCase' | 'toLowerCase'): number {
  const changed = String.fromCodePoint(codePoint)[change]();
  const first = changed.codePointAt(0)!;
  return changed.length === (first > 0xffff ? 2 : 1) ? first : codePoint;
}

/** Wider sets are not looked at code point by code point. */
const NARROW = 512;
const WIDE_COST = 2000;
const known = new WeakMap<CodePointSet, CodePointSet>();

const widthOf = (set: CodePointSet): number => rangesOf(set).reduce((width, [first, last]) => width + last - first + 1, 0);

/** What folding takes, in code points that are looked at, about. */
export function foldingCost(set: CodePointSet): number {
  return known.has(set) ? 1 : Math.min(widthOf(set), WIDE_COST);
}

/** A set with all cases of what is in it. */
export function foldCases(set: CodePointSet): CodePointSet {
  const found = known.get(set);
  if (found) return found;
  const others: (readonly [number, number])[] = [];
  const add = (orbit: readonly number[]): void => {
    for (const other of orbit) if (!includes(set, other)) others.push([other, other]);
  };
  if (widthOf(set) <= NARROW) {
    for (const [first, last] of rangesOf(set)) for (let each = first; each <= last; each += 1) add(orbitsOfAll().get(each) ?? []);
  } else {
    for (const [each, orbit] of orbitsOfAll()) if (includes(set, each)) add(orbit);
  }
  const folded = others.length === 0 ? set : setOf([...rangesOf(set), ...others]);
  known.set(set, folded);
  return folded;
}
