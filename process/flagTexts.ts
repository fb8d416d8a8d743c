import type { Flag, FlagSet } from './flags.ts';

/**
 * Flags and their values as `/flagz` shows them, in the ways of pflag: `true`, `[a,b]`, `a=1,b=2`, `1m30s`. Of a URL that names a user, who that is
 * and his password are left out.
 */
export function flagTexts(flags: FlagSet, values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, textOf(flag, values[name]).replaceAll(/:\/\/[^/@,\s]*@/g, '://CLASSIFIED@')]));
}

function textOf(flag: Flag<unknown>, value: unknown): string {
  if (flag.show) return flag.show(value);
  if (Array.isArray(value)) return `[${value.join(',')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value).map(([key, each]) => `${key}=${String(each)}`).toSorted().join(',');
}
