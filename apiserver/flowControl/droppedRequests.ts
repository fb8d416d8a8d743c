const LONGEST_SECONDS = 32;

/**
 * When those who were turned away should come again (Kubernetes' `droppedRequestsStats`): twice as late whenever many were turned
 * away for as long as that, a second earlier whenever few were. In whole seconds, of one priority level.
 */
export class DroppedRequests {
  #retryAfter = 1;
  /** Seconds and how many were turned away in them, oldest first; never more than 33. */
  #history: { readonly second: number; readonly requests: number }[] = [];
  #second = 0;
  #count = 0;
  /** When it was last raised. */
  #raised = 0;

  get retryAfter(): number {
    return this.#retryAfter;
  }

  /** Takes note of one; `now` is wall-clock milliseconds. */
  record(now: number): void {
    const second = Math.floor(now / 1000);
    if (second === this.#second) {
      this.#count += 1;
      return;
    }
    this.#remember(this.#second, this.#count);
    this.#second = second;
    this.#count = 1;
    this.#adjust(second);
  }

  #remember(second: number, requests: number): void {
    const kept = Math.min(2 * this.#retryAfter, LONGEST_SECONDS);
    this.#history = [...this.#history, { second, requests }].filter((each) => second - each.second <= kept);
  }

  #adjust(second: number): void {
    const lately = this.#history.filter((each) => each.second < second && second - each.second <= this.#retryAfter);
    const dropped = lately.reduce((sum, { requests }) => sum + requests, 0);
    if (second - this.#raised >= this.#retryAfter && dropped >= 3 * this.#retryAfter) {
      this.#retryAfter = Math.min(2 * this.#retryAfter, LONGEST_SECONDS);
      this.#raised = second;
    } else if (dropped < this.#retryAfter && this.#retryAfter > 1) {
      this.#retryAfter -= 1;
    }
  }
}
