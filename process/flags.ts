import { isIP } from 'node:net';
import { formatGoDuration, readGoDuration } from './goDuration.ts';
import { readGoBoolean, readGoFloat, readGoInteger } from './goNumbers.ts';

/** One command-line flag: how its text is read, its default, and its line in `--help`. Texts are read, and refused, as pflag does it. */
export interface Flag<T> {
  readonly usage: string;
  /** One letter by which it is also known (`-v 3`). */
  readonly shorthand?: string;
  readonly default: T;
  readonly boolean: boolean;
  /** How a value is shown in `/flagz`, where its JavaScript form is not how it is written on the command line. */
  show?(value: T): string;
  /** `before` is what the same flag said earlier on the line, or its default. */
  parse(text: string, before: T): T;
}

/** By name without dashes, e.g. `{ 'secure-port': integerFlag(6443, '…') }`. */
export type FlagSet = Readonly<Record<string, Flag<unknown>>>;
export type FlagValues<F extends FlagSet> = { readonly [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never };

/** A mistake on the command line; the message is what the user reads. */
export class FlagError extends Error {}

export const stringFlag = (initial: string, usage: string): Flag<string> => ({ usage, default: initial, boolean: false, parse: (text) => text });

/** An address; `''` only where that is the default. */
export const ipFlag = (initial: string, usage: string): Flag<string> => ({
  usage,
  default: initial,
  boolean: false,
  parse(text) {
    const address = text.trim();
    if (isIP(address) === 0 && address !== initial) throw new FlagError(`failed to parse IP: ${JSON.stringify(text)}`);
    return address;
  },
});

/** Values between commas, as a line of CSV has them; given again, the flag adds to them. */
export const listFlag = (initial: readonly string[], usage: string): Flag<readonly string[]> => ({
  usage,
  default: initial,
  boolean: false,
  parse: (text, before) => [...(before === initial ? [] : before), ...splitList(text)],
});

function splitList(text: string): string[] {
  if (text === '') return [];
  if (!text.includes('"')) return text.split(',');
  const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^",]*)(?=,|$))/g)];
  // What is between the fields found is part of none.
  if (fields.map(([whole]) => whole).join('') !== text) throw new FlagError(`parse error on line 1, column ${text.indexOf('"') + 1}: bare " in non-quoted-field`);
  return fields.map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
}

/** One value each time that the flag is given, commas and all. */
export const arrayFlag = (usage: string): Flag<readonly string[]> => ({ usage, default: [], boolean: false, parse: (text, before) => [...before, text] });

export const integerFlag = (initial: number, usage: string, bits: 32 | 64 = 64): Flag<number> => ({ usage, default: initial, boolean: false, parse: (text) => unlessFault(readGoInteger(text, bits)) });

export const numberFlag = (initial: number, usage: string): Flag<number> => ({ usage, default: initial, boolean: false, parse: (text) => unlessFault(readGoFloat(text)) });

export const booleanFlag = (initial: boolean, usage: string): Flag<boolean> => ({ usage, default: initial, boolean: true, parse: (text) => unlessFault(readGoBoolean(text)) });

/** The value, where what was read is no text that says what is wrong with it. */
function unlessFault<T extends number | boolean>(read: T | string): T {
  if (typeof read === 'string') throw new FlagError(read);
  return read;
}

/** `--name=key=value`, any number of times. */
export const mapFlag = (usage: string): Flag<Readonly<Record<string, string>>> => ({
  usage,
  default: {},
  boolean: false,
  parse(text, before) {
    const at = text.indexOf('=');
    if (at <= 0) throw new FlagError(`"${text}" is not NAME=VALUE`);
    return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  },
});

/** A Go duration (`1m30s`, `500ms`) as milliseconds. */
export const parseDuration = (text: string): number => unlessFault(readGoDuration(text));

/** Milliseconds. */
export const durationFlag = (initial: number, usage: string): Flag<number> => ({ usage, default: initial, boolean: false, show: formatGoDuration, parse: parseDuration });

/** Reads `--name=value`, `--name value`, `--flag` and shorthands (`-v=3`, `-v 3`, `-v3`); everything else is left in `rest`, as is all behind `--`. */
export function parseFlags<F extends FlagSet>(flags: F, argv: readonly string[]): { readonly values: FlagValues<F>; readonly rest: readonly string[] } {
  const values: Record<string, unknown> = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.default]));
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (word === '--') return { values: values as FlagValues<F>, rest: [...rest, ...argv.slice(at + 1)] };
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    const { name, flag, text: given, needs } = word.startsWith('--') ? longFlag(flags, word) : shortFlag(flags, word);
    let text = given ?? (flag.boolean ? 'true' : undefined);
    if (text === undefined) {
      at += 1;
      text = argv[at];
      if (text === undefined) throw new FlagError(`flag needs an argument: ${needs}`);
    }
    values[name] = parseNamed(name, flag, text, values[name]);
  }
  return { values: values as FlagValues<F>, rest };
}

/** A flag on the line; `text` is undefined where the next word may be its value, and `needs` what is said where there is none. */
interface FoundFlag {
  readonly name: string;
  readonly flag: Flag<unknown>;
  readonly text: string | undefined;
  readonly needs: string;
}

function longFlag(flags: FlagSet, word: string): FoundFlag {
  const [, given, text] = /^--([^-=][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (given === undefined) throw new FlagError(`bad flag syntax: ${word}`);
  // Kubernetes takes both (`WordSepNormalizeFunc`).
  const name = given.replaceAll('_', '-');
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (!flag) throw new FlagError(`unknown flag: --${given}`);
  return { name, flag, text, needs: `--${given}` };
}

function shortFlag(flags: FlagSet, word: string): FoundFlag {
  const [, letter = '', , assigned, joined] = /^-(.)((?:=(.+))|(.+))?$/s.exec(word) ?? [];
  const found = Object.entries(flags).find(([, { shorthand }]) => shorthand === letter);
  if (!found) throw new FlagError(`unknown shorthand flag: '${letter}' in ${word}`);
  const [name, flag] = found;
  return { name, flag, text: assigned ?? joined, needs: `'${letter}' in ${word}` };
}

function parseNamed(name: string, flag: Flag<unknown>, text: string, before: unknown): unknown {
  try {
    return flag.parse(text, before);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    const shown = flag.shorthand === undefined ? `--${name}` : `-${flag.shorthand}, --${name}`;
    throw new FlagError(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${error.message}`);
  }
}

/** The `Flags:` part of a command's help. */
export function describeFlags(flags: FlagSet): string {
  const heads = Object.entries(flags).map(([name, flag]) => ({ head: `  ${flag.shorthand === undefined ? '   ' : `-${flag.shorthand},`} --${name}`, flag }));
  const width = Math.max(0, ...heads.map(({ head }) => head.length)) + 3;
  return heads.map(({ head, flag }) => `${head.padEnd(width)}${flag.usage}${showDefault(flag.default)}`).join('\n');
}

function showDefault(value: unknown): string {
  const empty = value === '' || value === false || (Array.isArray(value) && value.length === 0);
  return empty ? '' : ` (default ${Array.isArray(value) ? value.join(',') : String(value)})`;
}
