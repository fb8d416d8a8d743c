import type { V1PodDisruptionBudget } from '../../generated/types.ts';
import { invalid, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { nonNegative, oneOfIfSet } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { ageColumn, integerColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { notOver100Percent, validateCountOrPercent } from '../workload.ts';

export const podDisruptionBudget = defineKind<V1PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  model: 'V1PodDisruptionBudget',
  hasStatus: true,
  hasGeneration: true,
  unconditionalUpdate: false,
  validate,
  columns: [
    textColumn('Min Available', 'How many pods must stay.', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
    textColumn('Max Unavailable', 'How many pods may be away.', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
    integerColumn('Allowed Disruptions', 'How many pods may be evicted now.', ({ status }) => status?.disruptionsAllowed ?? 0),
    ageColumn,
  ],
  validateStatusUpdate: ({ status }) =>
    (['observedGeneration', 'currentHealthy', 'desiredHealthy', 'disruptionsAllowed', 'expectedPods'] as const).flatMap((name) => nonNegative(`status.${name}`, status?.[name])),
});

function validate({ spec = {} }: IncomingObject<V1PodDisruptionBudget>): FieldError[] {
  const { minAvailable, maxUnavailable } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) errors.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  for (const [name, value] of Object.entries({ minAvailable, maxUnavailable })) {
    errors.push(...validateCountOrPercent(`spec.${name}`, value), ...notOver100Percent(`spec.${name}`, value));
  }
  errors.push(...validateLabelSelector('spec.selector', spec.selector));
  return [...errors, ...oneOfIfSet('spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'])];
}
