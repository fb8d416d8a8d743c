/** The audiences of both lists, in the order of the first. */
export function commonAudiences(own: readonly string[], wanted: readonly string[]): readonly string[] {
  return own.filter((each) => wanted.includes(each));
}

/** As Go prints a list of strings with `%q`. */
export const goStrings = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
