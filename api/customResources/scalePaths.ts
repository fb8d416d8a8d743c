import type { V1CustomResourceSubresourceScale } from '../generated/types.ts';
import { invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { isRecord } from './jsonSchema.ts';
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
  const value = valueAt(object, path);
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) return [invalid(path, 0, `${path} accessor error: ${show(value)} is of the type ${goType(value)}, expected int64`)];
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > LARGEST ? [invalid(path, value, `should be less than or equal to ${LARGEST}`)] : [];
}

function validateSelector(object: unknown, path: string): FieldError[] {
  const value = valueAt(object, path);
  return value === undefined || typeof value === 'string' ? [] : [invalid(path, '', `${path} accessor error: ${show(value)} is of the type ${goType(value)}, expected string`)];
}

function valueAt(object: unknown, path: string): unknown {
  return plainSteps(path).reduce<unknown>((value, step) => (isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined), object);
}

const show = (value: unknown): string => (typeof value === 'string' ? value : value === null ? '<nil>' : JSON.stringify(value));

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : 'string';
}
