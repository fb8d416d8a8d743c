import type { V1Lease } from '../../generated/types.ts';
import { append, type FieldError, forbidden, invalid } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { labelName, nonNegative, oneOf } from '../../validation/fields.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const lease = defineKind<V1Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  model: 'V1Lease',
  createOnUpdate: true,
  unconditionalUpdate: false,
  validate,
  columns: [textColumn('Holder', { of: 'V1LeaseSpec.holderIdentity' }, ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
});

function validate({ spec = {} }: IncomingObject<V1Lease>): FieldError[] {
  const { leaseDurationSeconds } = spec;
  const errors = leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0 ? [invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')] : [];
  append(errors, nonNegative('spec.leaseTransitions', spec.leaseTransitions));
  const { strategy, preferredHolder } = spec;
  if (strategy !== undefined) append(errors, (strategy.includes('/') ? labelName('spec.strategy', strategy) : oneOf('spec.strategy', strategy, ['OldestEmulationVersion'])));
  return preferredHolder && !strategy ? [...errors, forbidden('spec.preferredHolder', 'may only be specified when `strategy` is set')] : errors;
}
