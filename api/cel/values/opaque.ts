import type { CelValue } from './value.ts';

/** A value of a library's own type: a quantity, a URL, an authorizer. */
export abstract class OpaqueValue {
  /** As `type()` and error messages show it, e.g. `kubernetes.Quantity`. */
  abstract readonly typeName: string;

  /** Whether both are the same to `==`; never called with a value of another type. */
  abstract equals(other: OpaqueValue): boolean;

  /** Elements for the costs of what works on it; 1 where it has none. */
  get size(): number {
    return 1;
  }

  /** A field of an object that a host gives (`variables.x`, `request.kind`); undefined where it has none. */
  field?(name: string): CelValue | undefined;
}
