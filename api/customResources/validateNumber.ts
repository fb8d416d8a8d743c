import { invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { goNumber, isGoInteger } from '../values/goPrint.ts';
import { fieldAt, NOWHERE } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';

const LONGEST_INTEGER = 2 ** 63;
const LARGEST_FLOAT = 3.4028234663852886e38;
/** By how much of itself a number may differ from a whole one. */
const WHOLE_WITHIN = 1e-9;

/**
 * The range of a number's format, `multipleOf`, `minimum` and `maximum`, in upstream's order. A constraint that is itself no value of the schema's type is told for each value; it is
 * compared with all the same. Integers are compared in whole numbers, so that the constraint loses what it has behind the point.
 */
export function validateNumber(value: number, schema: JsonSchema, path: string): FieldError[] {
  const { multipleOf, minimum, maximum, exclusiveMaximum, exclusiveMinimum } = schema;
  const field = fieldAt(path);
  const errors: FieldError[] = [];
  const inRange = (number: number, what: string): boolean => {
    const range = outOfRange(number, schema);
    if (range) errors.push(invalid(NOWHERE, '', `${what} value must be of type ${range} in ${path}`));
    return !range;
  };
  const constraint = (number: number, what: string): number => (inRange(number, what) && isGoInteger(value) ? Math.trunc(number) : number);
  inRange(value, 'Checked');
  if (multipleOf !== undefined) {
    const factor = constraint(multipleOf, 'MultipleOf');
    if (factor <= 0) errors.push(invalid(field, factor, `factor MultipleOf declared for ${path} must be positive: ${goNumber(factor)}`));
    else if (!isMultiple(value, factor)) errors.push(invalid(field, value, `${path} in body should be a multiple of ${goNumber(factor)}`));
  }
  if (minimum !== undefined) {
    const least = constraint(minimum, 'Minimum boundary');
    if (exclusiveMinimum ? value <= least : value < least) errors.push(invalid(field, value, `${path} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${goNumber(least)}`));
  }
  if (maximum !== undefined) {
    const most = constraint(maximum, 'Maximum boundary');
    if (exclusiveMaximum ? value >= most : value > most) errors.push(invalid(field, value, `${path} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${goNumber(most)}`));
  }
  return errors;
}

/** The type and format whose range a number leaves; undefined where it fits. */
function outOfRange(value: number, { type, format }: JsonSchema): string | undefined {
  if (type === 'integer') {
    // Kubernetes reads the number's digits as those of an integer.
    const limit = format === 'int32' ? 2 ** 31 : LONGEST_INTEGER;
    if (Number.isInteger(value) && value >= -limit && value < limit) return undefined;
    return format === 'int32' || format === 'int64' ? `integer with format ${format}` : 'integer (default format)';
  }
  return type === 'number' && format === 'float' && Math.abs(value) > LARGEST_FLOAT ? `number with format ${format}` : undefined;
}

/** Go divides in the same floating point; a quotient counts as whole when its float64 nearly is, and JSON can hold it as an integer. */
function isMultiple(value: number, factor: number): boolean {
  if (isGoInteger(value) && Number.isInteger(factor)) return value % factor === 0;
  return isWhole(factor < 1 ? (1 / factor) * value : value / factor);
}

function isWhole(value: number): boolean {
  const rounded = Math.round(value);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER && (value === rounded || (rounded !== 0 && Math.abs(value - rounded) < WHOLE_WITHIN * Math.abs(rounded)));
}
