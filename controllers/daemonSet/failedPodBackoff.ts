/** Kubernetes' failedPodsBackoff, in milliseconds. */
const FIRST = 1000;
const LONGEST = 15 * 60_000;

/**
 * How soon a daemon that failed is replaced: at once, then after a second, and twice as long each time, so that a kubelet which keeps
 * turning a daemon away (a full disk, no room) is not flooded. What has been quiet for long enough begins anew. Keys are the caller's.
 */
export class FailedPodBackoff {
  readonly #entries = new Map<string, { readonly delay: number; readonly at: number }>();

  /** 0 when it may be replaced now, which then counts; else how many milliseconds to wait. `now` is monotonic milliseconds. */
  take(key: string, now: number): number {
    for (const [each, { at }] of this.#entries) if (now - at > 2 * LONGEST) this.#entries.delete(each);
    const known = this.#entries.get(key);
    const wait = known ? known.at + known.delay - now : 0;
    if (wait > 0) return wait;
    this.#entries.set(key, { delay: known ? Math.min(LONGEST, known.delay * 2) : FIRST, at: now });
    return 0;
  }
}
