import { complement, EVERYTHING, setOf, union } from './codePointSet.ts';
import type { CodePointSet } from './codePointSet.ts';

/** Short and long names of Unicode's general categories. */
const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  C: ['Other'], Cc: ['Control', 'cntrl'], Cf: ['Format'], Cn: ['Unassigned'], Co: ['Private_Use'], Cs: ['Surrogate'],
  L: ['Letter'], LC: ['Cased_Letter'], Ll: ['Lowercase_Letter'], Lm: ['Modifier_Letter'], Lo: ['Other_Letter'], Lt: ['Titlecase_Letter'], Lu: ['Uppercase_Letter'],
  M: ['Mark', 'Combining_Mark'], Mc: ['Spacing_Mark'], Me: ['Enclosing_Mark'], Mn: ['Nonspacing_Mark'],
  N: ['Number'], Nd: ['Decimal_Number', 'digit'], Nl: ['Letter_Number'], No: ['Other_Number'],
  P: ['Punctuation', 'punct'], Pc: ['Connector_Punctuation'], Pd: ['Dash_Punctuation'], Pe: ['Close_Punctuation'], Pf: ['Final_Punctuation'], Pi: ['Initial_Punctuation'], Po: ['Other_Punctuation'], Ps: ['Open_Punctuation'],
  S: ['Symbol'], Sc: ['Currency_Symbol'], Sk: ['Modifier_Symbol'], Sm: ['Math_Symbol'], So: ['Other_Symbol'],
  Z: ['Separator'], Zl: ['Line_Separator'], Zp: ['Paragraph_Separator'], Zs: ['Space_Separator'],
};
/** Scripts whose names have four letters; other names of four letters are codes, which Go does not know. */
const SHORT_SCRIPTS: ReadonlySet<string> = new Set(['Ahom', 'Cham', 'Kawi', 'Lisu', 'Modi', 'Newa', 'Thai', 'Toto']);
const SURROGATES: CodePointSet = [0xd800, 0xdfff];

/** Names without what Unicode ignores in them: case, spaces, underscores and hyphens. */
const canonical = (name: string): string => name.replace(/[ _-]/g, '').toLowerCase();
const categories = new Map(Object.entries(CATEGORIES).flatMap(([code, names]) => [code, ...names].map((name) => [canonical(name), code] as const)));

/**
 * The class that Go calls `\p{name}`: a general category, a script, `Any`, `ASCII` or `Assigned`. Undefined where there is none of that name. JavaScript's own
 * tables are asked, which may know letters that Go's do not know yet.
 */
export function unicodeClass(name: string): CodePointSet | undefined {
  switch (canonical(name)) {
    case 'any':
      return EVERYTHING;
    case 'ascii':
      return [0, 0x7f];
    case 'assigned':
      return propertySet('Assigned');
  }
  const code = categories.get(canonical(name));
  // Of what is "other" Go leaves out what is not assigned.
  if (code === 'C') return union(propertySet('Cc'), propertySet('Cf'), propertySet('Co'), SURROGATES);
  if (code === 'Cs') return SURROGATES;
  if (code === 'Cn') return complement(propertySet('Assigned'));
  return code === undefined ? scriptSet(name) : propertySet(code);
}

/** Go's names of scripts are Unicode's long ones: `Old_Italic`. */
function scriptSet(name: string): CodePointSet | undefined {
  if (!/^[A-Za-z][A-Za-z_ -]{0,40}$/.test(name)) return undefined;
  const script = name
    .split(/[ _-]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('_');
  if (script.length === 4 && !SHORT_SCRIPTS.has(script)) return undefined;
  const property = `Script=${script === 'Signwriting' ? 'SignWriting' : script}`;
  return isProperty(property) ? propertySet(property) : undefined;
}

function isProperty(property: string): boolean {
  try {
    return new RegExp(`\\p{${property}}`, 'u').source !== '';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Planes of Unicode that have letters, and where planes begin of which nothing but what is for private use is assigned. */
const LAST_TEXT = 0x3ffff;
const SPECIAL = 0xe0000;
const LAST_SPECIAL = 0xeffff;
const known = new Map<string, CodePointSet>();
let texts: readonly { readonly first: number; readonly text: string }[] | undefined;

/** All code points with a property of Unicode's, by the name that JavaScript has for it. */
export function propertySet(property: string): CodePointSet {
  const found = known.get(property);
  if (found) return found;
  const runs = new RegExp(`\\p{${property}}+`, 'gu');
  const ranges: (readonly [number, number])[] = [];
  for (const { first, text } of (texts ??= textsOfAll())) {
    for (const { index, 0: run } of text.matchAll(runs)) ranges.push([codePointAt(first, index), codePointAt(first, index + run.length) - 1]);
  }
  for (const plane of [0xf0000, 0x100000]) if (new RegExp(`\\p{${property}}`, 'u').test(String.fromCodePoint(plane))) ranges.push([plane, plane + 0xfffd]);
  // The text has no surrogates, so that what is on both sides of them is one run.
  const set = setOf(ranges.flatMap(([first, last]) => (first < 0xd800 && last > 0xdfff ? [[first, 0xd7ff] as const, [0xe000, last] as const] : [[first, last] as const])));
  known.set(property, set);
  return set;
}

/** Texts of all code points that need to be looked at, in order. */
function textsOfAll(): readonly { readonly first: number; readonly text: string }[] {
  return [
    { first: 0, text: textOf(0, 0xd7ff) + textOf(0xe000, LAST_TEXT) },
    { first: SPECIAL, text: textOf(SPECIAL, LAST_SPECIAL) },
  ];
}

function textOf(first: number, last: number): string {
  const pieces: string[] = [];
  for (let from = first; from <= last; from += 4096) pieces.push(String.fromCodePoint(...Array.from({ length: Math.min(4096, last - from + 1) }, (_, n) => from + n)));
  return pieces.join('');
}

/** The code point at a place in one of the texts; they hold those of one unit first. */
function codePointAt(first: number, index: number): number {
  if (first > 0xffff) return first + index / 2;
  if (index < 0xd800) return index;
  return index < 0xf800 ? index + 0x800 : 0x10000 + (index - 0xf800) / 2;
}
