import { invalid, notSupported, required } from '../fieldError.ts';
import type { V1ValidationRule } from '../generated/types.ts';
import type { FieldError } from '../fieldError.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { unsupportedField } from './unsupportedFields.ts';
import { followPath } from './ruleFieldPath.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const NEW_LINE = /[\n\r]/;

/** The form of `x-kubernetes-validations`; the expressions themselves are compiled by `validateRules.ts`. */
export function validateRuleTexts(schema: JsonSchema, path: string): FieldError[] {
  return ((schema['x-kubernetes-validations'] ?? []) as readonly Partial<V1ValidationRule>[]).flatMap(({ rule = '', message = '', messageExpression = '', reason, fieldPath = '' }, index) => {
    const errors: FieldError[] = [];
    const at = `${path}.x-kubernetes-validations[${index}]`;
    if (rule.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'));
    else if (message !== '' && message.trim() === '') errors.push(invalid(`${at}.message`, message, 'must be non-empty if specified'));
    else if (NEW_LINE.test(message.trim())) errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
    else if (NEW_LINE.test(rule.trim()) && message.trim() === '') errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
    if (messageExpression !== '' && messageExpression.trim() === '') errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
    if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, REASONS));
    if (fieldPath !== '' && fieldPath.trim() === '') errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must be non-empty if specified'));
    if (NEW_LINE.test(fieldPath)) errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must not contain line breaks'));
    // What cannot be made a structural schema is not looked into.
    if (fieldPath !== '' && unsupportedField(schema) === undefined && 'fault' in followPath(fieldPath, schema)) errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must be a valid path'));
    return errors;
  });
}
