/** The audiences of both lists, in the order of the first. */
export function commonAudiences(own: readonly string[], wanted: readonly string[]): readonly string[] {
  return own.filter((each) => wanted.includes(each));
}
