import type { V1CapacityRequestPolicyRange, V1DeviceCapacity } from '../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, required, tooMany } from '../../fieldError.ts';
import { addQuantities, compareQuantities, formatQuantity, quantityOrZero, quantityValue, type Quantity } from '../../values/quantity.ts';
import { repeats } from '../../validation/fields.ts';

const MAX_VALUES = 10;

/** How much of a device there is, and in which portions it is given away where several may have it (`validateRequestPolicy`). */
export function validateCapacity(field: string, { value, requestPolicy: policy }: V1DeviceCapacity, isShared: boolean): FieldError[] {
  if (!policy) return [];
  const path = `${field}.requestPolicy`;
  if (!isShared) return [forbidden(path, 'allowMultipleAllocations must be true')];
  const { default: usual, validValues = [], validRange } = policy;
  if (validValues.length > 0 && validRange) return [forbidden(path, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')];
  const whole = quantityOrZero(value);
  if (validValues.length > 0) return usual === undefined ? [required(`${path}.default`, 'required when validValues is defined')] : validateValues(`${path}.validValues`, quantityOrZero(usual), whole, validValues.map(quantityOrZero));
  if (validRange) return usual === undefined ? [required(`${path}.default`, 'required when validRange is defined')] : validateRange(`${path}.validRange`, quantityOrZero(usual), whole, validRange);
  return [];
}

function validateValues(field: string, usual: Quantity, whole: Quantity, values: readonly Quantity[]): FieldError[] {
  const errors = values.flatMap((value, index) => (index > 0 && compareQuantities(values[index - 1]!, value) > 0 ? [invalid(`${field}[${index}]`, formatQuantity(value), 'values must be sorted in ascending order')] : []));
  // Those of a list that is too long are not looked at.
  const bounded = values.length > MAX_VALUES ? [] : values;
  if (values.length > MAX_VALUES) errors.push(tooMany(field, values.length, MAX_VALUES));
  for (const [index, value] of bounded.entries()) if (compareQuantities(value, whole) > 0) errors.push(invalid(`${field}[${index}]`, formatQuantity(value), `option is larger than capacity value: ${formatQuantity(whole)}`));
  const keys = bounded.map((value) => String(quantityValue(value)));
  const isSame = repeats();
  append(errors, keys.flatMap((key, index) => (isSame(key) ? [duplicate(`${field}[${index}]`, key)] : [])));
  return bounded.some((value) => compareQuantities(value, usual) === 0) ? errors : [...errors, invalid(field, formatQuantity(usual), 'default value is not valid according to the requestPolicy')];
}

function validateRange(field: string, usual: Quantity, whole: Quantity, range: Partial<V1CapacityRequestPolicyRange>): FieldError[] {
  if (range.min === undefined) return [required(`${field}.min`, 'required when validRange is defined')];
  const min = quantityOrZero(range.min);
  const max = range.max === undefined ? undefined : quantityOrZero(range.max);
  const errors: FieldError[] = [];
  const refuse = (name: string, value: Quantity, text: string, limit: Quantity): void => void errors.push(invalid(`${field}.${name}`, formatQuantity(value), `${text}: ${formatQuantity(limit)}`));
  if (compareQuantities(min, whole) > 0) refuse('min', min, 'min is larger than capacity value', whole);
  if (compareQuantities(usual, min) < 0) refuse('min', usual, 'default is less than min', min);
  if (max && compareQuantities(min, max) > 0) refuse('max', min, 'min is larger than max', max);
  if (max && compareQuantities(max, whole) > 0) refuse('max', max, 'max is larger than capacity value', whole);
  if (max && compareQuantities(usual, max) > 0) refuse('max', usual, 'default is more than max', max);
  if (range.step === undefined) return errors;
  const step = quantityOrZero(range.step);
  const first = addQuantities(min, step);
  if (compareQuantities(first, whole) > 0) refuse('step', step, `one step ${formatQuantity(first)} is larger than capacity value`, whole);
  return [...errors, ...[usual, ...(max ? [max] : [])].flatMap((value) => validateStep(`${field}.step`, value, min, step))];
}

/** Of whole units; a step of nothing leads nowhere. */
function validateStep(field: string, value: Quantity, min: Quantity, step: Quantity): FieldError[] {
  const size = quantityValue(step);
  const fits = size === 0 ? quantityValue(value) === quantityValue(min) : (quantityValue(value) - quantityValue(min)) % size === 0;
  return fits ? [] : [invalid(field, formatQuantity(value), `value is not a multiple of a given step (${formatQuantity(step)}) from (${formatQuantity(min)})`)];
}
