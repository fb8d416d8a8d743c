import { canonicalQuantity, quantityFault, tryParseQuantity } from '../../api/values/quantity.ts';
import type { ScalarKind } from '../../api/schema/model.ts';
import { DecodeTypeError, ROOT, typeError, type FieldContext, type GoKind } from './decodeError.ts';
import { TimeError, canonicalMicroTime, canonicalTime } from './times.ts';

const INTEGER_LIMITS: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 };

/** One scalar in its canonical form; throws `DecodeTypeError` where Go's decoder would refuse it. `goType` names the type, for messages. */
export function decodeScalar(value: unknown, kind: ScalarKind, format: string | undefined, goType: () => string, at: FieldContext): unknown {
  switch (kind) {
    case 'string':
      if (typeof value !== 'string') throw typeError(value, goType(), 'string', at);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw typeError(value, goType(), 'bool', at);
      return value;
    case 'integer':
      return integer(value, format ?? 'int32', goType, at);
    case 'number':
      if (typeof value !== 'number') throw typeError(value, goType(), 'float64', at);
      return value;
    case 'quantity':
      return quantity(value);
    case 'intOrString':
      return typeof value === 'string' ? value : integer(value, 'int32', () => 'int32', ROOT);
    case 'time':
      return time(value, canonicalTime, at);
    case 'microTime':
      return time(value, canonicalMicroTime, at);
    case 'bytes':
      if (typeof value !== 'string') throw typeError(value, goType(), 'slice', at);
      return base64(value);
    default:
      return value;
  }
}

function integer(value: unknown, format: string, goType: () => string, at: FieldContext): number {
  const goKind: GoKind = format === 'int64' ? 'int64' : 'int32';
  if (typeof value !== 'number') throw typeError(value, goType(), goKind, at);
  const limit = INTEGER_LIMITS[format] ?? 2 ** 63;
  if (Number.isInteger(value) && value >= -limit && value < limit) return value === 0 ? 0 : value;
  const fault = typeError(value, goType(), goKind, at);
  throw new DecodeTypeError(fault.message.replace('unmarshal number', `unmarshal number ${value}`), fault.conversion);
}

function quantity(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
  if (!tryParseQuantity(text)) throw new DecodeTypeError(quantityFault(text));
  return canonicalQuantity(text);
}

function time(value: unknown, canonical: (text: string) => string, at: FieldContext): string {
  if (typeof value !== 'string') throw typeError(value, 'string', 'string', at);
  try {
    return canonical(value);
  } catch (error) {
    if (error instanceof TimeError) throw new DecodeTypeError(error.message);
    throw error;
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Standard base64 with padding; line breaks are dropped, as Go's decoder does. */
function base64(value: string): string {
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (BASE64.test(text)) return text;
  const foreign = text.search(/[^A-Za-z0-9+/]/);
  throw new DecodeTypeError(`illegal base64 data at input byte ${foreign < 0 ? text.length - (text.length % 4) : foreign}`);
}
