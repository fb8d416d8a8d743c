import { invalid } from '../../api/fieldError.ts';
import type { FieldError, FieldErrorType } from '../../api/fieldError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import { inTurns } from '../inTurns.ts';

/** Faults by which an object is not of its type, so that rules could say nothing sensible of it. */
const BLOCKING: ReadonlySet<FieldErrorType> = new Set(['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid']);
const NOT_CHECKED = invalid('<nil>', undefined, 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation');

/**
 * What the rules of a custom resource find, given what was found before them. Other requests get their turn in between. Faults of what did not change become
 * warnings.
 */
export async function checkRules({ evaluateRules }: ResourceDefinition, object: IncomingObject, previous: KubeObject | undefined, found: readonly FieldError[], warn: (text: string) => void): Promise<readonly FieldError[]> {
  if (!evaluateRules) return [];
  if (found.some(({ type }) => BLOCKING.has(type))) return [NOT_CHECKED];
  const { errors, ratcheted } = await inTurns(evaluateRules(object, previous));
  for (const { field, message } of ratcheted) warn(`${field}: ${message}`);
  return errors;
}
