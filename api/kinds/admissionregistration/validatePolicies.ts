import type { V1AuditAnnotation, V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding, V1ValidatingAdmissionPolicyStatus, V1Validation } from '../../generated/types.ts';
import { BOOL, DYN, NULL, STRING } from '../../cel/celType.ts';
import type { Environment } from '../../cel/types.ts';
import { compileJsonPath, JsonPathError } from '../../customResources/jsonPath.ts';
import { append, duplicate, type FieldError, invalid, notSupported, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { validateConditions } from '../../validation/conditions.ts';
import { invalidEach, oneOf, repeats } from '../../validation/fields.ts';
import { validateQualifiedName } from '../../validation/names.ts';
import { policyEnvironment, policyProgram, policyVariables } from './policyExpressions.ts';
import { validateExpression, validateMatchConditions, validateMatchConstraints, validateMatchResources, validateParamKind, validateParamRef, validatePolicyName, validateVariables } from './validatePolicyMatch.ts';
import { internalForm } from '../internalForm.ts';

const FAILURE_POLICIES = ['Fail', 'Ignore'];
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const MAX_AUDIT_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION_LENGTH = 5 * 1024;
const NOTHING_TO_DO = 'validations or auditAnnotations must contain at least one item';

/** A ValidatingAdmissionPolicy, with all of its expressions compiled. */
export function validateValidatingPolicy({ metadata, spec = {} }: IncomingObject<V1ValidatingAdmissionPolicy>): FieldError[] {
  const params = spec.paramKind ? { params: DYN } : {};
  const scope = { ...params, hasAuthorizer: true };
  const variables = policyVariables(spec.variables ?? [], scope);
  const composed = (spec.variables ?? []).length > 0 ? { variables: variables.types } : {};
  const environment = policyEnvironment({ ...scope, ...composed });
  const messages = policyEnvironment({ ...params, ...composed, hasAuthorizer: false });
  const { validations = [], auditAnnotations = [] } = spec;
  return [
    ...oneOf('spec.failurePolicy', spec.failurePolicy, FAILURE_POLICIES),
    ...(spec.paramKind ? validateParamKind('spec.paramKind', spec.paramKind) : []),
    ...validateMatchConstraints('spec.matchConstraints', spec.matchConstraints),
    ...validateMatchConditions('spec.matchConditions', spec.matchConditions ?? [], policyEnvironment(scope)),
    ...validateVariables('spec.variables', spec.variables ?? [], variables.compiled),
    ...(validations.length + auditAnnotations.length === 0 ? [required('spec.validations', NOTHING_TO_DO), required('spec.auditAnnotations', NOTHING_TO_DO)] : []),
    ...validations.flatMap((validation, index) => validateValidation(`spec.validations[${index}]`, validation, environment, messages)),
    ...validateAuditAnnotations('spec.auditAnnotations', auditAnnotations, metadata.name ?? '', environment),
  ];
}

function validateValidation(field: string, { expression, message, messageExpression, reason }: V1Validation, environment: Environment, messages: Environment): FieldError[] {
  const errors = expression?.trim() ? validateExpression(`${field}.expression`, expression, environment, [BOOL]) : [required(`${field}.expression`, 'expression is not specified')];
  if (messageExpression && messageExpression.trim() === '') errors.push(invalid(`${field}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  else if (messageExpression) append(errors, validateExpression(`${field}.messageExpression`, messageExpression, messages, [STRING]));
  if (message && message.trim() === '') errors.push(invalid(`${field}.message`, message, 'must be non-empty if specified'));
  else if (message && /[\n\r]/.test(message.trim())) errors.push(invalid(`${field}.message`, message, 'must not contain line breaks'));
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${field}.reason`, reason, REASONS));
  return errors;
}

function validateAuditAnnotations(field: string, annotations: readonly V1AuditAnnotation[], policy: string, environment: Environment): FieldError[] {
  const errors = annotations.length > MAX_AUDIT_ANNOTATIONS ? [invalid(field, internalForm('[]AuditAnnotation', annotations), `must not have more than ${MAX_AUDIT_ANNOTATIONS} auditAnnotations`)] : [];
  const isSame = repeats();
  for (const [index, { key, valueExpression }] of annotations.entries()) {
    const place = `${field}[${index}]`;
    if (policy === '') errors.push(invalid(`${place}.key`, key, 'requires metadata.name be non-empty'));
    else append(errors, invalidEach(`${place}.key`, `${policy}/${key}`, validateQualifiedName(`${policy}/${key}`)));
    const expression = valueExpression?.trim() ?? '';
    if (expression === '') errors.push(required(`${place}.valueExpression`, 'valueExpression is not specified'));
    else if (Buffer.byteLength(expression) > MAX_VALUE_EXPRESSION_LENGTH) errors.push(required(`${place}.valueExpression`, `must not exceed ${MAX_VALUE_EXPRESSION_LENGTH} bytes in length`));
    else {
      const program = policyProgram(expression, environment, [STRING, NULL]);
      if (!program.ok) errors.push(invalid(`${place}.valueExpression`, valueExpression, program.fault));
    }
    if (isSame(key)) errors.push(duplicate(`${place}.key`, key));
  }
  return errors;
}

export function validateValidatingBinding({ spec }: IncomingObject<V1ValidatingAdmissionPolicyBinding>): FieldError[] {
  return [
    ...validatePolicyName('spec.policyName', spec?.policyName),
    ...validateParamRef('spec.paramRef', spec?.paramRef),
    ...validateMatchResources('spec.matchResources', spec?.matchResources),
    ...validateActions('spec.validationActions', spec?.validationActions ?? []),
  ];
}

function validateActions(field: string, actions: readonly string[]): FieldError[] {
  const isSame = repeats();
  const errors = actions.flatMap((action, index) => [
    ...(ACTIONS.includes(action) ? [] : [notSupported(`${field}[${index}]`, action, ACTIONS)]),
    ...(isSame(action) ? [duplicate(`${field}[${index}]`, action)] : []),
  ]);
  if (actions.includes('Deny') && actions.includes('Warn')) errors.push(invalid(field, actions, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'));
  if (actions.length === 0) errors.push(required(field, 'at least one validation action is required'));
  return errors;
}

/** What the checks of types found out about a policy, and its conditions. */
export function validatePolicyStatus({ typeChecking, conditions }: V1ValidatingAdmissionPolicyStatus = {}): FieldError[] {
  const errors = (typeChecking?.expressionWarnings ?? []).flatMap(({ warning, fieldRef }, index) => {
    const place = `status.typeChecking.expressionWarnings[${index}]`;
    return [...(warning ? [] : [required(`${place}.warning`)]), ...validateFieldRef(`${place}.fieldRef`, fieldRef?.trim() ?? '')];
  });
  return [...errors, ...validateConditions('status.conditions', conditions)];
}

function validateFieldRef(field: string, path: string): FieldError[] {
  if (path === '') return [required(field)];
  try {
    compileJsonPath(path);
    return [];
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    return [invalid(field, path, `invalid JSONPath: ${error.message}`)];
  }
}
