import { invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { fieldAt, NOWHERE } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';

const LONGEST_INTEGER = 2 ** 63;
const LARGEST_FLOAT = 3.4028234663852886e38;

/** The range of a number's format, `multipleOf`, `maximum` and `minimum`. */
export function validateNumber(value: number, schema: JsonSchema, path: string): FieldError[] {
  const { exclusiveMaximum, exclusiveMinimum } = schema;
  const field = fieldAt(path);
  const errors: FieldError[] = [];
  const inRange = (number: number, what: string): boolean => {
    const range = outOfRange(number, schema);
    if (range) errors.push(invalid(NOWHERE, '', `${what} value must be of type ${range} in ${path}`));
    return range === undefined;
  };
  // A bound that the type can have is compared with a whole number as such, without what stands behind its point.
  const bound = (limit: number | undefined, what: string): number | undefined => (limit !== undefined && inRange(limit, what) && Number.isInteger(value) ? Math.trunc(limit) : limit);
  inRange(value, 'Checked');
  const multipleOf = bound(schema.multipleOf, 'MultipleOf');
  const minimum = bound(schema.minimum, 'Minimum boundary');
  const maximum = bound(schema.maximum, 'Maximum boundary');
  if (multipleOf !== undefined && multipleOf <= 0) errors.push(invalid(field, multipleOf, `factor MultipleOf declared for ${path} must be positive: ${multipleOf}`));
  else if (multipleOf !== undefined && !isMultiple(value, multipleOf)) errors.push(invalid(field, value, `${path} in body should be a multiple of ${multipleOf}`));
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) errors.push(invalid(field, value, `${path} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) errors.push(invalid(field, value, `${path} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`));
  return errors;
}

/** The type and format whose range a number leaves; undefined where it fits. */
function outOfRange(value: number, { type, format }: JsonSchema): string | undefined {
  if (type === 'integer') {
    // Kubernetes reads the number's digits as those of an integer.
    const limit = format === 'int32' ? 2 ** 31 : LONGEST_INTEGER;
    if (Number.isInteger(value) && value >= -limit && value < limit) return undefined;
    return format ? `integer with format ${format}` : 'integer (default format)';
  }
  return type === 'number' && (format === 'float' || format === 'float32') && Math.abs(value) > LARGEST_FLOAT ? `number with format ${format}` : undefined;
}

/** Go divides in the same floating point; a quotient counts as whole as its float64 is. */
function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0;
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  return Number.isInteger(quotient) || Math.abs(quotient - Math.round(quotient)) < Number.EPSILON;
}
