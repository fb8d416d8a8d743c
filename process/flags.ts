/** One command-line flag: how its text is read, its default, and its line in `--help`. */
export interface Flag<T> {
  readonly usage: string;
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

export const listFlag = (initial: readonly string[], usage: string): Flag<readonly string[]> => ({
  usage,
  default: initial,
  boolean: false,
  parse: (text) => text.split(',').filter((each) => each !== ''),
});

/** One value each time that the flag is given, commas and all. */
export const arrayFlag = (usage: string): Flag<readonly string[]> => ({ usage, default: [], boolean: false, parse: (text, before) => [...before, text] });

export const integerFlag = (initial: number, usage: string): Flag<number> => ({
  usage,
  default: initial,
  boolean: false,
  parse(text) {
    if (!/^-?\d+$/.test(text)) throw new FlagError(`"${text}" is not a whole number`);
    return Number(text);
  },
});

export const numberFlag = (initial: number, usage: string): Flag<number> => ({
  usage,
  default: initial,
  boolean: false,
  parse(text) {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new FlagError(`"${text}" is not a number`);
    return Number(text);
  },
});

export const booleanFlag = (initial: boolean, usage: string): Flag<boolean> => ({
  usage,
  default: initial,
  boolean: true,
  parse(text) {
    if (text === 'true') return true;
    if (text === 'false') return false;
    throw new FlagError(`"${text}" is neither true nor false`);
  },
});

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

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A Go duration (`1m30s`, `500ms`) as milliseconds. */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) throw new FlagError(`"${text}" is not a duration such as 10s, 5m or 1h30m`);
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
}

/** Milliseconds as Go writes a duration: `1h0m0s`, `1m30s`, `500ms`, `0s`. */
export function formatGoDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${formatGoDuration(-milliseconds)}`;
  if (milliseconds !== 0 && milliseconds < 1000) return `${milliseconds}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const hours = Math.floor(minutes / 60);
  const seconds = `${(milliseconds % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** Milliseconds. */
export const durationFlag = (initial: number, usage: string): Flag<number> => ({ usage, default: initial, boolean: false, show: formatGoDuration, parse: parseDuration });

/** Reads `--name=value`, `--name value` and `--flag`; everything else is left in `rest`, as is all behind `--`. */
export function parseFlags<F extends FlagSet>(flags: F, argv: readonly string[]): { readonly values: FlagValues<F>; readonly rest: readonly string[] } {
  const values: Record<string, unknown> = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.default]));
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (word === '--') return { values: values as FlagValues<F>, rest: [...rest, ...argv.slice(at + 1)] };
    const match = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word);
    if (!match) {
      if (word.startsWith('-') && word !== '-') throw new FlagError(`unknown shorthand flag: ${word}`);
      rest.push(word);
      continue;
    }
    const name = match[1]!;
    const flag = flags[name];
    if (!flag) throw new FlagError(`unknown flag: --${name}`);
    let text = match[2];
    if (text === undefined && flag.boolean) text = 'true';
    if (text === undefined) {
      at += 1;
      text = argv[at];
      if (text === undefined) throw new FlagError(`flag needs an argument: --${name}`);
    }
    values[name] = parseNamed(name, flag, text, values[name]);
  }
  return { values: values as FlagValues<F>, rest };
}

function parseNamed(name: string, flag: Flag<unknown>, text: string, before: unknown): unknown {
  try {
    return flag.parse(text, before);
  } catch (error) {
    if (error instanceof FlagError) throw new FlagError(`invalid argument for "--${name}": ${error.message}`);
    throw error;
  }
}

/** The `Flags:` part of a command's help. */
export function describeFlags(flags: FlagSet): string {
  const heads = Object.entries(flags).map(([name, flag]) => ({ head: `      --${name}`, flag }));
  const width = Math.max(0, ...heads.map(({ head }) => head.length)) + 3;
  return heads.map(({ head, flag }) => `${head.padEnd(width)}${flag.usage}${showDefault(flag.default)}`).join('\n');
}

function showDefault(value: unknown): string {
  const empty = value === '' || value === false || (Array.isArray(value) && value.length === 0);
  return empty ? '' : ` (default ${Array.isArray(value) ? value.join(',') : String(value)})`;
}
