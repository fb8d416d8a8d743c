import { Run } from './run.ts';
import type { Plan, Step } from './step.ts';
import { CelError } from './values/celError.ts';
import type { CelList } from './values/list.ts';
import { mapKey } from './values/map.ts';
import { Double, Uint } from './values/scalars.ts';
import type { CelValue } from './values/value.ts';

/** Thrown where a constant cannot become what it is converted to: the expression is no program. */
export class ConstantFault extends Error {}

/** Functions whose value is found once where their argument is a constant (cel-go's `OptOptimize`). */
export const CONVERSIONS_ONCE = new Set(['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint']);

/** What is known before anything runs costs nothing. */
export const constantPlan = (value: CelValue): Plan => ({ step: () => value, constant: value });

/** The value of what has only constants in it. */
export const foldedPlan = (step: Step): Plan => constantPlan(step(new Run({}, Number.POSITIVE_INFINITY)));

/** As `foldedPlan`, of a conversion. Throws a `ConstantFault` where that cannot be. */
export function convertedPlan(step: Step): Plan {
  const plan = foldedPlan(step);
  if (plan.constant instanceof CelError) throw new ConstantFault(plan.constant.message);
  return plan;
}

export const areConstant = (parts: readonly Plan[]): boolean => parts.every(({ constant }) => constant !== undefined);

/** `x in [1, 2]`: whether the value is one of a list's, which costs nothing; undefined where the list holds others than numbers, texts and booleans. */
export function membershipPlan(element: Plan, list: CelList): Plan | undefined {
  if (list.size === 0) return constantPlan(false);
  const values = list.toArray();
  if (!element.step || !values.every(isPrimitive)) return undefined;
  const { step } = element;
  const keys = new Set(values.map(memberKey));
  return {
    step(run) {
      const value = step(run);
      if (value instanceof CelError) return value;
      const key = memberKey(value);
      return key !== undefined && keys.has(key);
    },
  };
}

/** The same for values that are equal; undefined where nothing is. As it costs nothing, it must not depend on how many there are. */
const memberKey = (value: CelValue): ReturnType<typeof mapKey> => mapKey(value) ?? (value instanceof Double && !Number.isNaN(value.value) ? value.value : undefined);

const isPrimitive = (value: CelValue): boolean => ['string', 'number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Double || value instanceof Uint;
