import type { V1FlowSchema, V1PriorityLevelConfiguration } from '../../generated/types.ts';
import { forbidden, invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { nonNegative, oneOf, oneOfIfSet } from '../../validation/fields.ts';

const MAX_PRECEDENCE = 10_000;

export function validateFlowSchema({ spec }: IncomingObject<V1FlowSchema>): FieldError[] {
  const { matchingPrecedence = 0, priorityLevelConfiguration, distinguisherMethod } = spec ?? {};
  const errors: FieldError[] = [];
  if (matchingPrecedence <= 0) errors.push(invalid('spec.matchingPrecedence', matchingPrecedence, 'must be a positive value'));
  if (matchingPrecedence > MAX_PRECEDENCE) errors.push(invalid('spec.matchingPrecedence', matchingPrecedence, `must not be greater than ${MAX_PRECEDENCE}`));
  errors.push(...oneOfIfSet('spec.distinguisherMethod.type', distinguisherMethod?.type, ['ByNamespace', 'ByUser']));
  return priorityLevelConfiguration?.name ? errors : [...errors, required('spec.priorityLevelConfiguration.name', 'must reference a priority level')];
}

export function validatePriorityLevel({ spec }: IncomingObject<V1PriorityLevelConfiguration>): FieldError[] {
  const { type, limited, exempt } = spec ?? {};
  const errors = oneOf('spec.type', type, ['Exempt', 'Limited']);
  if (type === 'Limited' && !limited) errors.push(required('spec.limited', 'must not be empty when type is Limited'));
  if (type === 'Limited' && exempt) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
  if (type === 'Exempt' && limited) errors.push(forbidden('spec.limited', 'must be nil if the type is not Limited'));
  const share = limited ?? exempt;
  const part = limited ? 'spec.limited' : 'spec.exempt';
  errors.push(...nonNegative(`${part}.nominalConcurrencyShares`, share?.nominalConcurrencyShares));
  const lendable = share?.lendablePercent ?? 0;
  if (lendable < 0 || lendable > 100) errors.push(invalid(`${part}.lendablePercent`, lendable, 'must be between 0 and 100, inclusive'));
  const { type: response, queuing } = limited?.limitResponse ?? {};
  if (limited) errors.push(...oneOf('spec.limited.limitResponse.type', response, ['Queue', 'Reject']));
  if (response === 'Queue' && !queuing) errors.push(required('spec.limited.limitResponse.queuing', 'must not be empty if limitResponse.type is Queue'));
  if (response === 'Reject' && queuing) errors.push(forbidden('spec.limited.limitResponse.queuing', 'must be nil if limitResponse.type is not Limited'));
  return errors;
}
