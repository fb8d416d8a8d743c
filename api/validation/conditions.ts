import type { V1Condition } from '../generated/types.ts';
import { append, duplicate, type FieldError, invalid, notSupported, required, tooLong } from '../fieldError.ts';
import { invalidEach, labelName } from './fields.ts';

const STATUSES = ['False', 'True', 'Unknown'];
const MAX_REASON_LENGTH = 1024;
const MAX_MESSAGE_LENGTH = 32 * 1024;
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON_FORM = new RegExp(`^${REASON}$`);
const REASON_MESSAGE = `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${REASON}')`;

/** Conditions in the form that all newer kinds share (`metav1validation.ValidateConditions`). */
export function validateConditions(field: string, conditions: readonly Partial<V1Condition>[] = []): FieldError[] {
  return conditions.flatMap((condition, index) => {
    const path = `${field}[${index}]`;
    const isRepeated = conditions.findIndex(({ type = '' }) => type === (condition.type ?? '')) < index;
    return [...(isRepeated ? [duplicate(`${path}.type`, condition.type ?? '')] : []), ...validateCondition(path, condition)];
  });
}

function validateCondition(field: string, { type = '', status = '', observedGeneration, lastTransitionTime, reason = '', message = '' }: Partial<V1Condition>): FieldError[] {
  const errors = labelName(`${field}.type`, type);
  if (!STATUSES.includes(status)) errors.push(notSupported(`${field}.status`, status, STATUSES));
  if (observedGeneration !== undefined && observedGeneration < 0) errors.push(invalid(`${field}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'));
  if (!lastTransitionTime) errors.push(required(`${field}.lastTransitionTime`, 'must be set'));
  if (reason === '') {
    errors.push(required(`${field}.reason`, 'must be set'));
  } else {
    if (!REASON_FORM.test(reason)) append(errors, invalidEach(`${field}.reason`, reason, [REASON_MESSAGE]));
    if (Buffer.byteLength(reason) > MAX_REASON_LENGTH) errors.push(tooLong(`${field}.reason`, MAX_REASON_LENGTH));
  }
  return Buffer.byteLength(message) > MAX_MESSAGE_LENGTH ? [...errors, tooLong(`${field}.message`, MAX_MESSAGE_LENGTH)] : errors;
}
