/** Why an expression has no value. It is passed along as a value, for what absorbs errors (`&&`, `||`). */
export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Thrown through everything when an evaluation has cost too much; caught where it began. */
export class CostExceeded {
  readonly message = 'operation cancelled: actual cost limit exceeded';
}

export const NO_SUCH_OVERLOAD = new CelError('no such overload');
export const INTEGER_OVERFLOW = new CelError('integer overflow');
export const UNSIGNED_OVERFLOW = new CelError('unsigned integer overflow');
export const noSuchKey = (key: string): CelError => new CelError(`no such key: ${key}`);
