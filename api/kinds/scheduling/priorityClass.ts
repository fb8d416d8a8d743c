import type { V1PriorityClass } from '../../generated/types.ts';
import { forbidden, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, oneOf } from '../../validation/fields.ts';
import { ageColumn, integerColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const priorityClass = defineKind<V1PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  model: 'V1PriorityClass',
  hasGeneration: true,
  generationCounts: 'no',
  setDefaults(object) {
    object.preemptionPolicy ||= 'PreemptLowerPriority';
  },
  validate,
  validateUpdate: (object, previous) => [
    ...((object.value ?? 0) === (previous.value ?? 0) ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', object.preemptionPolicy, previous.preemptionPolicy),
  ],
  columns: [
    integerColumn('Value', { of: 'V1PriorityClass.value' }, ({ value }) => value ?? 0),
    { name: 'Global-Default', type: 'boolean', description: { of: 'V1PriorityClass.globalDefault' }, priority: 0, value: ({ globalDefault }) => globalDefault ?? false },
    ageColumn,
    textColumn('PreemptionPolicy', { of: 'V1PriorityClass.preemptionPolicy' }, ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ],
});

/** Higher values are kept for the two classes that come with the cluster. */
const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_CLASSES: Readonly<Record<string, number>> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 };

function validate({ metadata, value = 0, globalDefault = false, preemptionPolicy }: IncomingObject<V1PriorityClass>): FieldError[] {
  const name = metadata.name ?? '';
  const errors: FieldError[] = [];
  if (name.startsWith('system-')) {
    const fault = whyNotSystemClass(name, value, globalDefault);
    if (fault !== undefined) errors.push(forbidden('metadata.name', `priority class names with 'system-' prefix are reserved for system use only. error: ${fault}`));
  } else if (value > HIGHEST_USER_PRIORITY) {
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
  }
  return [...errors, ...oneOf('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never'])];
}

/** `IsKnownSystemPriorityClass`. */
function whyNotSystemClass(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = Object.hasOwn(SYSTEM_CLASSES, name) ? SYSTEM_CLASSES[name] : undefined;
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
