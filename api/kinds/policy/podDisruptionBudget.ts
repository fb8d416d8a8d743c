import type { V1PodDisruptionBudget } from '../../generated/types.ts';
import { append, type FieldError, invalid } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { nonNegative, oneOfIfSet } from '../../validation/fields.ts';
import { validateConditions } from '../../validation/conditions.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { ageColumn, integerColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { notOver100Percent, validateCountOrPercent } from '../workload.ts';
import { internalForm } from '../internalForm.ts';

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
    textColumn('Min Available', 'The minimum number of pods that must be available.', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
    textColumn('Max Unavailable', 'The maximum number of pods that may be unavailable.', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
    integerColumn('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.', ({ status }) => status?.disruptionsAllowed ?? 0),
    ageColumn,
  ],
  validateStatusUpdate: ({ status }) => [
    ...validateConditions('status.conditions', status?.conditions),
    ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((name) => nonNegative(`status.${name}`, status?.[name])),
  ],
});

function validate({ spec = {} }: IncomingObject<V1PodDisruptionBudget>): FieldError[] {
  const { minAvailable, maxUnavailable } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) errors.push(invalid('spec', internalForm('PodDisruptionBudgetSpec', spec), 'minAvailable and maxUnavailable cannot be both set'));
  for (const [name, value] of Object.entries({ minAvailable, maxUnavailable })) {
    append(errors, validateCountOrPercent(`spec.${name}`, value), notOver100Percent(`spec.${name}`, value));
  }
  append(errors, validateLabelSelector('spec.selector', spec.selector));
  return [...errors, ...oneOfIfSet('spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'])];
}
