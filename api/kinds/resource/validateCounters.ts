import type { V1CounterSet, V1DeviceCounterConsumption } from '../../generated/types.ts';
import { duplicate, required, tooMany, type FieldError } from '../../fieldError.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateDns1123Label } from '../../validation/names.ts';

const MAX_SETS = 8;
/** In a set, and in what a device takes of one. */
const MAX_COUNTERS = 32;

type Counters = V1CounterSet['counters'];

/** What devices of a pool share (`validateCounterSet`). */
export function validateCounterSets(field: string, sets: readonly V1CounterSet[]): FieldError[] {
  if (sets.length > MAX_SETS) return [tooMany(field, sets.length, MAX_SETS)];
  return [
    ...sets.flatMap(({ name, counters }, index) => [...validateName(`${field}[${index}].name`, name), ...validateCounters(`${field}[${index}].counters`, counters)]),
    ...sets.flatMap(({ name }, index) => (sets.findIndex((each) => each.name === name) < index ? [duplicate(`${field}[${index}]`, name)] : [])),
  ];
}

/** What one device takes of a set (`validateDeviceCounterConsumption`). */
export function validateConsumption(field: string, { counterSet, counters }: V1DeviceCounterConsumption): FieldError[] {
  return [...validateName(`${field}.counterSet`, counterSet), ...validateCounters(`${field}.counters`, counters)];
}

const validateName = (field: string, name: string | undefined): FieldError[] => (name ? invalidEach(field, name, validateDns1123Label(name)) : [required(field)]);

function validateCounters(field: string, counters: Counters | undefined): FieldError[] {
  const names = Object.keys(counters ?? {});
  if (names.length === 0) return [required(field)];
  if (names.length > MAX_COUNTERS) return [tooMany(field, names.length, MAX_COUNTERS)];
  return names.flatMap((name) => invalidEach(field, name, validateDns1123Label(name)));
}
