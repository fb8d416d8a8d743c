import type { V1LabelSelector, V1LabelSelectorRequirement } from '../generated/types.ts';
import { append, type FieldError, forbidden, invalid, isEnough, required, tooLong } from '../fieldError.ts';
import { invalidEach, labelName } from './fields.ts';
import { validateLabelValue, validateQualifiedName } from './names.ts';

type StringMap = Readonly<Record<string, string>> | undefined;

/** `field` is the map's own path: Kubernetes does not name the key in it. */
export function validateLabels(field: string, labels: StringMap): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in labels) {
    if (isEnough(errors)) break;
    append(errors, labelName(field, key), invalidEach(field, labels[key], validateLabelValue(labels[key] ?? '')));
  }
  return errors;
}

/** All annotations of an object together, keys and values, in bytes. */
export const ANNOTATIONS_MAX_BYTES = 256 * 1024;

export function validateAnnotations(field: string, annotations: StringMap): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const key in annotations) {
    if (!isEnough(errors)) append(errors, invalidEach(field, key, validateQualifiedName(key.toLowerCase())));
    size += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
  }
  if (size > ANNOTATIONS_MAX_BYTES) errors.push(tooLong(field, ANNOTATIONS_MAX_BYTES));
  return errors;
}

/** A `metav1.LabelSelector`; absent is valid here. */
export function validateLabelSelector(field: string, selector: V1LabelSelector | undefined): FieldError[] {
  if (!selector) return [];
  const errors = validateLabels(`${field}.matchLabels`, selector.matchLabels);
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries()) {
    append(errors, validateRequirement(`${field}.matchExpressions[${index}]`, requirement));
  }
  return errors;
}

/** Of what a client left out, required or not, Go sees the empty string. */
function validateRequirement(field: string, { key = '', operator = '', values = [] }: Partial<V1LabelSelectorRequirement>): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else {
    errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  append(errors, labelName(`${field}.key`, key));
  for (const [index, value] of values.entries()) append(errors, invalidEach(`${field}.values[${index}]`, value, validateLabelValue(value)));
  return errors;
}
