import type { V1CustomResourceSubresourceScale } from '../generated/types.ts';
import { invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { goPlain, goType, isGoInteger } from '../values/goPrint.ts';
import { isRecord } from '../values/isRecord.ts';
import { plainSteps } from './jsonPath.ts';

const LARGEST = 2 ** 31 - 1;

/** The numbers and the selector that the scale subresource reads must be such. */
export function validateScale(object: unknown, scale: V1CustomResourceSubresourceScale | undefined, withSpec: boolean): FieldError[] {
  if (!scale) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return [
    ...(withSpec ? validateReplicas(object, specReplicasPath) : []),
    ...validateReplicas(object, statusReplicasPath),
    ...(labelSelectorPath ? validateSelector(object, labelSelectorPath) : []),
  ];
}

function validateReplicas(object: unknown, path: string): FieldError[] {
  const value = valueAt(object, path, 'int64', isGoNumber);
  if (value === undefined) return [];
  if (typeof value !== 'number') return [invalid(path, 0, value.fault)];
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > LARGEST ? [invalid(path, value, `should be less than or equal to ${LARGEST}`)] : [];
}

function validateSelector(object: unknown, path: string): FieldError[] {
  const value = valueAt(object, path, 'string', isText);
  return typeof value === 'object' ? [invalid(path, '', value.fault)] : [];
}

const isGoNumber = (value: unknown): value is number => typeof value === 'number' && isGoInteger(value);
const isText = (value: unknown): value is string => typeof value === 'string';

/** What stands at a path, if it is of a type; undefined where there is nothing, also as something before it is null (`NestedFieldNoCopy`). */
function valueAt<T>(object: unknown, path: string, type: string, is: (value: unknown) => value is T): T | undefined | { readonly fault: string } {
  const steps = plainSteps(path);
  let value = object;
  const faultAt = (count: number, expected: string): { readonly fault: string } => ({ fault: `.${steps.slice(0, count).join('.')} accessor error: ${goPlain(value)} is of the type ${goType(value)}, expected ${expected}` });
  for (const [index, step] of steps.entries()) {
    if (value === null) return undefined;
    if (!isRecord(value)) return faultAt(index + 1, 'map[string]interface{}');
    if (!Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return is(value) ? value : faultAt(steps.length, type);
}
