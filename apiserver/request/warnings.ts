/** Kubernetes' limits: more than 4 KiB of warnings are cut to 256 bytes each, and then to as many as 4 KiB hold. */
const TOTAL_LIMIT = 4_096;
const EACH_LIMIT = 256;

const ASCII = /^[\x20-\x7e]*$/;
const CONTROL = /\p{Cc}/gu;

/** Warnings of one request, each once, for its `Warning` header. */
export class Warnings {
  readonly #texts = new Set<string>();

  add(text: string): void {
    if (text !== '') this.#texts.add(text);
  }

  /** `299 - "text"` for each, as RFC 7234 joins several; undefined where there are none. */
  header(): string | undefined {
    if (this.#texts.size === 0) return undefined;
    const whole = [...this.#texts];
    const length = whole.reduce((sum, text) => sum + text.length, 0);
    const texts = length <= TOTAL_LIMIT ? whole : fitting(whole.map((text) => text.slice(0, EACH_LIMIT)));
    return texts.map((text) => `299 - "${quote(text)}"`).join(', ');
  }
}

/** The first texts, as far as they go into the limit. */
function fitting(texts: readonly string[]): string[] {
  let length = 0;
  return texts.filter((text) => (length += text.length) <= TOTAL_LIMIT);
}

/** Header values are a single line; what is not ASCII goes as the bytes of its UTF-8, each of which is a letter to Node. */
function quote(text: string): string {
  const line = text.replace(/[\\"]/g, (letter) => `\\${letter}`).replace(/[\r\n\t]+/g, ' ').replace(CONTROL, '?');
  return ASCII.test(line) ? line : Buffer.from(line).toString('latin1');
}
