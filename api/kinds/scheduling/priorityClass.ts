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
  setDefaults(object) {
    object.preemptionPolicy ||= 'PreemptLowerPriority';
  },
  validate,
  validateUpdate: (object, previous) => [
    ...((object.value ?? 0) === (previous.value ?? 0) ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', object.preemptionPolicy, previous.preemptionPolicy),
  ],
  columns: [
    integerColumn('Value', 'The priority of its pods.', ({ value }) => value ?? 0),
    { name: 'Global-Default', type: 'boolean', description: 'Whether it holds for pods that name none.', priority: 0, value: ({ globalDefault }) => globalDefault ?? false },
    ageColumn,
    textColumn('PreemptionPolicy', 'Whether its pods drive others away.', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ],
});

/** Higher values are kept for the two classes that come with the cluster. */
const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_CLASSES: Readonly<Record<string, number>> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 };

function validate({ metadata, value = 0, preemptionPolicy }: IncomingObject<V1PriorityClass>): FieldError[] {
  const name = metadata.name ?? '';
  const errors: FieldError[] = [];
  if (name.startsWith('system-')) {
    if (SYSTEM_CLASSES[name] !== value) errors.push(forbidden('metadata.name', `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`));
  } else if (value > HIGHEST_USER_PRIORITY) {
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
  }
  return [...errors, ...oneOf('preemptionPolicy', preemptionPolicy, ['Never', 'PreemptLowerPriority'])];
}
