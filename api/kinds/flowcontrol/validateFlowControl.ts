import type { FlowcontrolV1Subject, V1ExemptPriorityLevelConfiguration, V1FlowSchema, V1LimitedPriorityLevelConfiguration, V1LimitResponse, V1PriorityLevelConfiguration, V1PriorityLevelConfigurationSpec, V1QueuingConfiguration } from '../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, notSupported, ofEach, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../validation/names.ts';
import { EXEMPT, validateMandatoryLevel, validateMandatorySchema } from './mandatoryFlows.ts';
import { validateNonResourceRule, validateResourceRule } from './validateFlowRules.ts';

const MAX_PRECEDENCE = 10_000;
const MAX_QUEUES = 10_000_000;
/** Bits of the hash from which hands of queues are dealt. */
const MAX_HASH_BITS = 60;

/** `ValidateFlowSchema`. */
export function validateFlowSchema({ metadata, spec }: IncomingObject<V1FlowSchema>): FieldError[] {
  const { matchingPrecedence = 0, priorityLevelConfiguration, distinguisherMethod, rules = [] } = spec ?? {};
  const field = 'spec.matchingPrecedence';
  const errors: FieldError[] = [];
  if (matchingPrecedence <= 0) errors.push(invalid(field, matchingPrecedence, 'must be a positive value'));
  if (matchingPrecedence > MAX_PRECEDENCE) errors.push(invalid(field, matchingPrecedence, `must not be greater than ${MAX_PRECEDENCE}`));
  if (matchingPrecedence === 1 && metadata.name !== EXEMPT) errors.push(invalid(field, matchingPrecedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  // The value is shown in the form of the internal type.
  if (distinguisherMethod && !['ByNamespace', 'ByUser'].includes(distinguisherMethod.type)) errors.push(notSupported('spec.distinguisherMethod.type', { Type: distinguisherMethod.type ?? '' }, ['ByNamespace', 'ByUser']));
  const level = priorityLevelConfiguration?.name;
  append(errors, (level ? invalidEach('spec.priorityLevelConfiguration.name', level, validateDns1123Subdomain(level)) : [required('spec.priorityLevelConfiguration.name', 'must reference a priority level')]));
  for (const [index, { subjects = [], resourceRules = [], nonResourceRules = [] }] of rules.entries()) {
    const path = `spec.rules[${index}]`;
    if (subjects.length === 0) errors.push(required(`${path}.subjects`, 'subjects must contain at least one value'));
    append(errors, ofEach(`${path}.subjects`, subjects, validateSubject));
    if (resourceRules.length + nonResourceRules.length === 0) errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
    append(errors, ofEach(`${path}.resourceRules`, resourceRules, validateResourceRule));
    append(errors, ofEach(`${path}.nonResourceRules`, nonResourceRules, validateNonResourceRule));
  }
  return [...errors, ...validateMandatorySchema(metadata.name, spec)];
}

const KINDS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

function validateSubject(field: string, subject: FlowcontrolV1Subject): FieldError[] {
  const kind = Object.keys(KINDS).find((each): each is keyof typeof KINDS => each === subject.kind);
  if (!kind) return [notSupported(`${field}.kind`, subject.kind ?? '', Object.keys(KINDS).sort())];
  const own = KINDS[kind];
  const others = (['serviceAccount', 'user', 'group'] as const).filter((name) => name !== own && subject[name] !== undefined);
  const named = Object.fromEntries(Object.entries(KINDS).map(([name, part]) => [part, name]));
  return [
    ...(subject[own] ? validateSubjectName(`${field}.${own}`, subject) : [required(`${field}.${own}`, `${own} is required when subject kind is '${kind}'`)]),
    ...others.map((name) => forbidden(`${field}.${name}`, `${name} is forbidden when subject kind is not '${named[name]}'`)),
  ];
}

function validateSubjectName(field: string, { kind, serviceAccount, user, group }: FlowcontrolV1Subject): FieldError[] {
  if (kind !== 'ServiceAccount') return (kind === 'User' ? user : group)?.name ? [] : [required(`${field}.name`)];
  const { name = '', namespace = '' } = serviceAccount ?? {};
  const errors = name === '' ? [required(`${field}.name`)] : name === '*' ? [] : invalidEach(`${field}.name`, name, validateDns1123Subdomain(name));
  return [...errors, ...(namespace === '' ? [required(`${field}.namespace`, 'must specify namespace for service account')] : invalidEach(`${field}.namespace`, namespace, validateDns1123Label(namespace)))];
}

/** `ValidatePriorityLevelConfiguration`. */
export function validatePriorityLevel({ metadata, spec }: IncomingObject<V1PriorityLevelConfiguration>): FieldError[] {
  return [...validateLevelSpec(metadata.name, spec ?? {}), ...validateMandatoryLevel(metadata.name, spec)];
}

function validateLevelSpec(levelName: string | undefined, { type = '', limited, exempt }: Partial<V1PriorityLevelConfigurationSpec>): FieldError[] {
  const errors = (levelName === EXEMPT) === (type === 'Exempt') ? [] : [invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'")];
  if (type === 'Exempt') {
    if (limited) errors.push(forbidden('spec.limited', 'must be nil if the type is not Limited'));
    return exempt ? [...errors, ...validateExempt('spec.exempt', exempt)] : errors;
  }
  if (type !== 'Limited') return [...errors, notSupported('spec.type', type, ['Exempt', 'Limited'])];
  if (exempt) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
  return [...errors, ...(limited ? validateLimited('spec.limited', limited) : [required('spec.limited', 'must not be empty when type is Limited')])];
}

function validateExempt(field: string, { nominalConcurrencyShares = 0, lendablePercent = 0 }: V1ExemptPriorityLevelConfiguration): FieldError[] {
  return [
    ...(nominalConcurrencyShares < 0 ? [invalid(`${field}.nominalConcurrencyShares`, nominalConcurrencyShares, 'must be a non-negative integer')] : []),
    ...validateLendable(`${field}.lendablePercent`, lendablePercent),
  ];
}

function validateLendable(field: string, percent: number): FieldError[] {
  return percent < 0 || percent > 100 ? [invalid(field, percent, 'must be between 0 and 100, inclusive')] : [];
}

function validateLimited(field: string, { nominalConcurrencyShares = 0, lendablePercent = 0, borrowingLimitPercent = 0, limitResponse }: V1LimitedPriorityLevelConfiguration): FieldError[] {
  return [
    ...(nominalConcurrencyShares < 0 ? [invalid(`${field}.nominalConcurrencyShares`, nominalConcurrencyShares, 'must be a non-negative integer')] : []),
    ...validateLimitResponse(`${field}.limitResponse`, limitResponse),
    ...validateLendable(`${field}.lendablePercent`, lendablePercent),
    ...(borrowingLimitPercent < 0 ? [invalid(`${field}.borrowingLimitPercent`, borrowingLimitPercent, 'if specified, must be a non-negative integer')] : []),
  ];
}

function validateLimitResponse(field: string, response: V1LimitResponse | undefined): FieldError[] {
  const { type = '', queuing }: Partial<V1LimitResponse> = response ?? {};
  // Both texts say Limited where they mean Queue.
  if (type === 'Reject') return queuing ? [forbidden(`${field}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')] : [];
  if (type !== 'Queue') return [notSupported(`${field}.type`, type, ['Queue', 'Reject'])];
  return queuing ? validateQueuing(`${field}.queuing`, queuing) : [required(`${field}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')];
}

function validateQueuing(field: string, { queueLengthLimit = 0, queues = 0, handSize = 0 }: V1QueuingConfiguration): FieldError[] {
  const errors = queueLengthLimit <= 0 ? [invalid(`${field}.queueLengthLimit`, queueLengthLimit, 'must be positive')] : [];
  if (queues <= 0) errors.push(invalid(`${field}.queues`, queues, 'must be positive'));
  else if (queues > MAX_QUEUES) errors.push(invalid(`${field}.queues`, queues, `must not be greater than ${MAX_QUEUES}`));
  const bits = Math.ceil(Math.log2(queues) * handSize);
  if (handSize <= 0) errors.push(invalid(`${field}.handSize`, handSize, 'must be positive'));
  else if (handSize > queues) errors.push(invalid(`${field}.handSize`, handSize, `should not be greater than queues (${queues})`));
  else if (bits > MAX_HASH_BITS) errors.push(invalid(`${field}.handSize`, handSize, `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MAX_HASH_BITS}`));
  return errors;
}

/** Of both kinds: each type of condition once. */
export function validateFlowStatus({ status }: { readonly status?: { readonly conditions?: readonly { readonly type?: string }[] } }): FieldError[] {
  const conditions = status?.conditions ?? [];
  return conditions.flatMap(({ type = '' }, index) => {
    const path = `status.conditions[${index}].type`;
    const isRepeated = conditions.findIndex((each) => (each.type ?? '') === type) < index;
    return [...(isRepeated ? [duplicate(path, type)] : []), ...(type === '' ? [required(path, 'must not be empty')] : [])];
  });
}
