import { addQuantities, compareQuantities, quantityAsNumber, quantityFault, subtractQuantities, tryParseQuantity } from '../../values/quantity.ts';
import type { Quantity } from '../../values/quantity.ts';
import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { integerOf } from '../values/integers.ts';
import { OpaqueValue } from '../values/opaque.ts';
import { Double } from '../values/scalars.ts';
import type { CelValue } from '../values/value.ts';

const NANO = 1_000_000_000n;

class QuantityValue extends OpaqueValue {
  readonly typeName = 'kubernetes.Quantity';
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: QuantityValue): boolean {
    return this.quantity.nanos === other.quantity.nanos;
  }
}

function parse(text: string): CelValue {
  const quantity = tryParseQuantity(text);
  return quantity ? new QuantityValue(quantity) : new CelError(quantityFault(text));
}

const whole = (value: number | bigint): Quantity => ({ nanos: BigInt(value) * NANO, format: 'DecimalSI' });
const isWhole = ({ nanos }: Quantity): boolean => nanos % NANO === 0n && integerOf(nanos / NANO) !== undefined;
const order = (a: QuantityValue, b: QuantityValue): number => Math.sign(compareQuantities(a.quantity, b.quantity));

/** Kubernetes' quantity library. */
export const QUANTITIES: readonly Overload[] = [
  global('quantity', '(string) -> Quantity', 'string_to_quantity', parse),
  global('isQuantity', '(string) -> bool', 'is_quantity_string', (text: string) => tryParseQuantity(text) !== undefined),
  member('Quantity', 'sign', '() -> int', 'quantity_sign', ({ quantity }: QuantityValue) => (quantity.nanos > 0n ? 1 : quantity.nanos < 0n ? -1 : 0)),
  member('Quantity', 'isInteger', '() -> bool', 'quantity_is_integer', ({ quantity }: QuantityValue) => isWhole(quantity)),
  member('Quantity', 'asInteger', '() -> int', 'quantity_as_integer', ({ quantity }: QuantityValue) => (isWhole(quantity) ? integerOf(quantity.nanos / NANO)! : new CelError('cannot convert value to integer'))),
  member('Quantity', 'asApproximateFloat', '() -> double', 'quantity_as_float', ({ quantity }: QuantityValue) => new Double(quantityAsNumber(quantity))),
  member('Quantity', 'isGreaterThan', '(Quantity) -> bool', 'quantity_is_greater_than', (a: QuantityValue, b: QuantityValue) => order(a, b) > 0),
  member('Quantity', 'isLessThan', '(Quantity) -> bool', 'quantity_is_less_than', (a: QuantityValue, b: QuantityValue) => order(a, b) < 0),
  member('Quantity', 'compareTo', '(Quantity) -> int', 'quantity_compare_to', order),
  member('Quantity', 'add', '(Quantity) -> Quantity', 'quantity_add', (a: QuantityValue, b: QuantityValue) => new QuantityValue(addQuantities(a.quantity, b.quantity))),
  member('Quantity', 'add', '(int) -> Quantity', 'quantity_add_int', (a: QuantityValue, b: number | bigint) => new QuantityValue(addQuantities(a.quantity, whole(b)))),
  member('Quantity', 'sub', '(Quantity) -> Quantity', 'quantity_sub', (a: QuantityValue, b: QuantityValue) => new QuantityValue(subtractQuantities(a.quantity, b.quantity))),
  member('Quantity', 'sub', '(int) -> Quantity', 'quantity_sub_int', (a: QuantityValue, b: number | bigint) => new QuantityValue(subtractQuantities(a.quantity, whole(b)))),
];

