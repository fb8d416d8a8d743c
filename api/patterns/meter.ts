/** A text and a pattern take more work than may be spent on them. */
export class TooMuchWorkError extends Error {
  constructor() {
    super('matching the pattern takes too long');
  }
}

/** What matching may still cost: a step is about ten nanoseconds of work. */
export class Meter {
  remaining: number;

  constructor(steps: number) {
    this.remaining = steps;
  }

  /** Throws `TooMuchWorkError` when it is too much. */
  spend(steps: number): void {
    this.remaining -= steps;
    if (this.remaining < 0) throw new TooMuchWorkError();
  }
}
