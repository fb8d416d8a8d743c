/** Kubernetes' limits, in characters: beyond 4096 of warnings each is cut to 256, and none is added to those that are 4096 together. */
const TOTAL_LIMIT = 4_096;
const EACH_LIMIT = 256;

/** Warnings of one request, each once, for its `Warning` header. */
export class Warnings {
  readonly #texts = new Set<string>();

  add(text: string): void {
    if (text !== '') this.#texts.add(text);
  }

  /** `299 - "text"` for each, as RFC 7234 joins several, its bytes (UTF-8) as Latin letters; undefined where there are none. */
  header(): string | undefined {
    if (this.#texts.size === 0) return undefined;
    const told = fitting([...this.#texts].map((text) => text.toWellFormed()));
    if (told.length === 0) return undefined;
    return Buffer.from(told.map((text) => `299 - "${text.replace(/[\\"]/g, (letter) => `\\${letter}`)}"`).join(', ')).toString('latin1');
  }
}

/** What is told of them. */
function fitting(texts: readonly string[]): readonly string[] {
  const whole = texts.filter(isOneLine);
  let total = 0;
  const over = whole.findIndex((text) => (total += lengthOf(text)) > TOTAL_LIMIT);
  if (over < 0) return whole;
  const cut = whole.map((text) => (lengthOf(text) > EACH_LIMIT ? Array.from(text).slice(0, EACH_LIMIT).join('') : text));
  // The one that was too much makes those before it be cut; it is told in any case.
  total = cut.slice(0, over + 1).reduce((sum, text) => sum + lengthOf(text), 0);
  const more = cut.slice(over + 1).filter((text) => {
    const isTold = total < TOTAL_LIMIT;
    if (isTold) total += lengthOf(text);
    return isTold;
  });
  return [...cut.slice(0, over + 1), ...more];
}

/** A header has no others; a warning that cannot be told is left out. */
const isOneLine = (text: string): boolean => !/\p{Cc}/u.test(text);

const lengthOf = (text: string): number => Array.from(text).length;
