/** A text is no pattern; the message is that of Go's `regexp/syntax`: ``error parsing regexp: missing closing ): `(` ``. */
export class PatternError extends Error {
  constructor(code: string, part: string) {
    super(`error parsing regexp: ${code}: \`${part}\``);
  }
}
