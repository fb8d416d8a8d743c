import type { V1MatchCondition, V1MatchResources, V1NamedRuleWithOperations, V1ParamKind, V1ParamRef, V1Variable } from '../../generated/types.ts';
import { BOOL } from '../../cel/celType.ts';
import { RESERVED } from '../../cel/escape.ts';
import type { CelType, Environment } from '../../cel/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, notSupported, ofEach, required, tooMany } from '../../fieldError.ts';
import { invalidEach, oneOf, repeats } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { validateDns1035Label, validateDns1123Subdomain, validatePathSegmentName, validateQualifiedName } from '../../validation/names.ts';
import { policyProgram, type PolicyVariable } from './policyExpressions.ts';
import { validateRule } from './validateRule.ts';

const MAX_CONDITIONS = 64;
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

/** What a policy or a binding applies to. */
export function validateMatchResources(field: string, match: V1MatchResources | undefined): FieldError[] {
  if (!match) return [];
  return [
    ...oneOf(`${field}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact']),
    ...(match.namespaceSelector ? validateLabelSelector(`${field}.namespaceSelector`, match.namespaceSelector) : [required(`${field}.namespaceSelector`)]),
    ...(match.objectSelector ? validateLabelSelector(`${field}.objectSelector`, match.objectSelector) : [required(`${field}.objectSelector`)]),
    ...ofEach(`${field}.resourceRules`, match.resourceRules, validateNamedRule),
    ...ofEach(`${field}.excludeResourceRules`, match.excludeResourceRules, validateNamedRule),
  ];
}

function validateNamedRule(field: string, rule: V1NamedRuleWithOperations): FieldError[] {
  const names = rule.resourceNames ?? [];
  const isSame = repeats();
  const errors = names.flatMap((name, index) => {
    const place = `${field}.resourceNames[${index}]`;
    return [...invalidEach(place, name, validatePathSegmentName(name)), ...(isSame(name) ? [duplicate(place, name)] : [])];
  });
  return [...errors, ...validateRule(field, rule)];
}

/** What a policy's own rules apply to: at least one resource, which is what gives its expressions types. */
export function validateMatchConstraints(field: string, match: V1MatchResources | undefined): FieldError[] {
  if (!match) return [required(field)];
  return [...validateMatchResources(field, match), ...((match.resourceRules ?? []).length === 0 ? [required(`${field}.resourceRules`)] : [])];
}

/** Conditions may refer to everything but variables. */
export function validateMatchConditions(field: string, conditions: readonly V1MatchCondition[], environment: Environment): FieldError[] {
  const errors = conditions.length > MAX_CONDITIONS ? [tooMany(field, conditions.length, MAX_CONDITIONS)] : [];
  for (const [index, { name, expression }] of conditions.entries()) {
    const place = `${field}[${index}]`;
    append(errors, (expression?.trim() ? validateExpression(`${place}.expression`, expression.trim(), environment, [BOOL]) : [required(`${place}.expression`)]));
    append(errors, (name ? invalidEach(`${place}.name`, name, validateQualifiedName(name)) : [required(`${place}.name`)]));
    if (name && conditions.findIndex((each) => each.name === name) < index) errors.push(duplicate(`${place}.name`, name));
  }
  return errors;
}

/** One fault at most: what an expression has that does not compile or gives something else. */
export function validateExpression(field: string, expression: string, environment: Environment, results: readonly CelType[]): FieldError[] {
  const program = policyProgram(expression, environment, results);
  return program.ok ? [] : [invalid(field, expression, program.fault)];
}

/** `compiled` are the same variables. */
export function validateVariables(field: string, variables: readonly V1Variable[], compiled: readonly PolicyVariable[]): FieldError[] {
  return variables.flatMap(({ name, expression }, index) => {
    const place = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (!name?.trim()) errors.push(required(`${place}.name`, 'name is not specified'));
    else if (!IDENTIFIER.test(name) || RESERVED.has(name)) errors.push(invalid(`${place}.name`, name, 'must be a valid CEL identifier'));
    const { program } = compiled[index]!;
    if (!expression?.trim()) errors.push(required(`${place}.expression`, 'expression is not specified'));
    else if (!program.ok) errors.push(invalid(`${place}.expression`, expression, program.fault));
    return errors;
  });
}

export function validateParamKind(field: string, { apiVersion, kind }: V1ParamKind): FieldError[] {
  const errors = validateApiVersion(`${field}.apiVersion`, apiVersion);
  if (!kind) errors.push(required(`${field}.kind`));
  else {
    const messages = validateDns1035Label(kind.toLowerCase());
    if (messages.length > 0) errors.push(invalid(`${field}.kind`, kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`));
  }
  return errors;
}

function validateApiVersion(field: string, apiVersion: string | undefined): FieldError[] {
  if (!apiVersion) return [required(field)];
  const parts = apiVersion === '/' ? ['', ''] : apiVersion.split('/');
  if (parts.length > 2) return [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group, version] = parts.length === 1 ? ['', parts[0]!] : [parts[0]!, parts[1]!];
  const errors: FieldError[] = [];
  const groupMessages = group === '' ? [] : validateDns1123Subdomain(group);
  if (groupMessages.length > 0) errors.push(invalid(field, group, groupMessages.join(',')));
  if (version === '') return [...errors, invalid(field, apiVersion, 'version must be specified')];
  const messages = validateDns1035Label(version);
  return messages.length > 0 ? [...errors, invalid(field, version, messages.join(','))] : errors;
}

export function validateParamRef(field: string, ref: V1ParamRef | undefined): FieldError[] {
  if (!ref) return [];
  const { name, selector, parameterNotFoundAction: action } = ref;
  const errors = name ? invalidEach(`${field}.name`, name, validatePathSegmentName(name)) : [];
  const exclusive = 'name and selector are mutually exclusive';
  if (name && selector) errors.push(forbidden(`${field}.name`, exclusive));
  if (selector) append(errors, validateLabelSelector(`${field}.selector`, selector), (name ? [forbidden(`${field}.selector`, exclusive)] : []));
  if (!name && !selector) errors.push(required(field, 'one of name or selector must be specified'));
  if (!action) errors.push(required(`${field}.parameterNotFoundAction`));
  else if (action !== 'Deny' && action !== 'Allow') errors.push(notSupported(`${field}.parameterNotFoundAction`, action, ['Deny', 'Allow']));
  return errors;
}

/** The policy that a binding puts in force. */
export const validatePolicyName = (field: string, name: string | undefined): FieldError[] => (name ? invalidEach(field, name, validateDns1123Subdomain(name)) : [required(field)]);
