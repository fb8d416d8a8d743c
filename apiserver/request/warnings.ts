/** Warnings of one request, each once, for its `Warning` header. */
export class Warnings {
  readonly #texts = new Set<string>();

  add(text: string): void {
    if (text !== '') this.#texts.add(text);
  }

  /** `299 - "text"` for each, as RFC 7234 joins several; undefined where there are none. */
  header(): string | undefined {
    if (this.#texts.size === 0) return undefined;
    return [...this.#texts].map((text) => `299 - "${quote(text)}"`).join(', ');
  }
}

/** Header values are a single line of Latin letters. */
function quote(text: string): string {
  return text.replace(/[\\"]/g, (letter) => `\\${letter}`).replace(/[\r\n\t]+/g, ' ').replace(/[^\x20-\x7e]/g, '?');
}
