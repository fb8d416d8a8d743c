import { ANY, BOOL, formatType, mapOf, objectType, opaque, STRING } from '../../cel/celType.ts';
import { compile } from '../../cel/compile.ts';
import type { CelType, Environment } from '../../cel/types.ts';
import { forbidden, invalid, type FieldError } from '../../fieldError.ts';

/** Attributes and capacities of one device together, and how long their parts may be. */
const MOST_ATTRIBUTES = 32;
const MAX_VALUE = 64;
const MAX_DOMAIN = 63;
const MAX_ID = 32;
const MAX_DRIVER = 63;
/** `CELSelectorExpressionMaxCost`. */
const COST_LIMIT = 1_000_000;

const upTo = (type: CelType, maxElements: number): CelType => ({ ...type, maxElements });
const byDomain = (value: CelType): CelType => mapOf(upTo(STRING, MAX_DOMAIN), mapOf(upTo(STRING, MAX_ID), value, MOST_ATTRIBUTES), MOST_ATTRIBUTES);

/** The variable of a selector; an attribute's type is only known when it is looked at (`dynamic-resource-allocation/cel`). */
const DEVICE = objectType('kubernetes.DRADevice', {
  driver: upTo(STRING, MAX_DRIVER),
  allowMultipleAllocations: upTo(BOOL, 1),
  attributes: byDomain(upTo(ANY, MAX_VALUE)),
  capacity: byDomain(opaque('kubernetes.Quantity')),
});

const ENVIRONMENT: Environment = { variables: { device: DEVICE }, bindings: true };

/** Whether an expression says of a device whether it is wanted, at a bearable cost. */
export function validateDeviceSelector(field: string, expression: string): FieldError[] {
  const compiled = compile(expression, ENVIRONMENT);
  if (!compiled.ok) return [invalid(field, expression, compiled.fault)];
  const { resultType, estimate } = compiled.program;
  if (resultType.kind !== 'bool' && resultType.kind !== 'dyn') return [invalid(field, expression, `must evaluate to bool or the unknown type, not ${formatType(resultType)}`)];
  return estimate.max > COST_LIMIT ? [forbidden(field, 'too complex, exceeds cost limit')] : [];
}
