import type { V1Device, V1DeviceSelector, V1DeviceTaint, V1DeviceToleration, V1OpaqueDeviceConfiguration } from '../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, notSupported, ofEach, required, tooLong, tooMany } from '../../fieldError.ts';
import { invalidEach, labelName, repeats } from '../../validation/fields.ts';
import { validateCIdentifier, validateDns1123Subdomain, validateLabelValue } from '../../validation/names.ts';
import { validateDriverName } from '../core/volumes/driverName.ts';
import { validateDeviceSelector } from './deviceSelector.ts';

export const MAX_SELECTORS = 32;
const MAX_EXPRESSION_BYTES = 10 * 1024;
const MAX_PARAMETER_BYTES = 10 * 1024;
const MAX_POOL_NAME = 253;
const MAX_TOLERATIONS = 16;
const MAX_ID = 32;
const MAX_BINDING_CONDITIONS = 4;
const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];

/** What devices a request is content with (`validateCELSelector`). */
export function validateSelectors(field: string, selectors: readonly V1DeviceSelector[] = []): FieldError[] {
  if (selectors.length > MAX_SELECTORS) return [tooMany(field, selectors.length, MAX_SELECTORS)];
  return selectors.flatMap(({ cel }, index) => {
    const path = `${field}[${index}].cel`;
    if (!cel) return [required(path)];
    if (!cel.expression) return [required(`${path}.expression`)];
    return Buffer.byteLength(cel.expression) > MAX_EXPRESSION_BYTES ? [tooLong(`${path}.expression`, MAX_EXPRESSION_BYTES)] : validateDeviceSelector(`${path}.expression`, cel.expression);
  });
}

/** What a driver is told: any object, which only the driver understands. */
export function validateOpaque(field: string, opaque: V1OpaqueDeviceConfiguration | undefined): FieldError[] {
  if (!opaque) return [required(field)];
  const { driver, parameters } = opaque;
  return [...validateDriverName(`${field}.driver`, driver ?? ''), ...validateParameters(`${field}.parameters`, parameters)];
}

/** An object that only the driver understands, and not too large a one (`validateRawExtension`). */
export function validateParameters(field: string, parameters: unknown): FieldError[] {
  if (parameters === undefined || parameters === null) return [required(field)];
  if (Buffer.byteLength(JSON.stringify(parameters)) > MAX_PARAMETER_BYTES) return [tooLong(field, MAX_PARAMETER_BYTES)];
  return typeof parameters !== 'object' || Array.isArray(parameters) ? [invalid(field, '<value omitted>', 'must be a valid JSON object')] : [];
}

/** Names of pools are paths of subdomains. */
export function validatePoolName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)];
  if (name.length > MAX_POOL_NAME) return [tooLong(field, MAX_POOL_NAME)];
  return name.split('/').flatMap((part) => invalidEach(field, part, validateDns1123Subdomain(part)));
}

export function validateTolerations(field: string, tolerations: readonly V1DeviceToleration[] = []): FieldError[] {
  if (tolerations.length > MAX_TOLERATIONS) return [tooMany(field, tolerations.length, MAX_TOLERATIONS)];
  return tolerations.flatMap(({ key, operator = '', value = '', effect }, index) => {
    const path = `${field}[${index}]`;
    const errors = key ? labelName(`${path}.key`, key) : [];
    if (operator === 'Exists') {
      if (value !== '') errors.push(invalid(`${path}.value`, value, 'must be empty for operator `Exists`'));
    } else if (operator === 'Equal') {
      append(errors, invalidEach(`${path}.value`, value, validateLabelValue(value)));
    } else {
      errors.push(operator === '' ? required(`${path}.operator`) : notSupported(`${path}.operator`, operator, ['Equal', 'Exists']));
    }
    return effect && !EFFECTS.includes(effect) ? [...errors, notSupported(`${path}.effect`, effect, EFFECTS)] : errors;
  });
}

export function validateTaint(field: string, { key = '', value = '', effect }: Partial<V1DeviceTaint>): FieldError[] {
  const errors = [...labelName(`${field}.key`, key), ...(value === '' ? [] : invalidEach(`${field}.value`, value, validateLabelValue(value)))];
  if (!effect) return [...errors, required(`${field}.effect`)];
  return EFFECTS.includes(effect) ? errors : [...errors, notSupported(`${field}.effect`, effect, EFFECTS)];
}

/** The name of an attribute or a capacity, of the driver's own or of a domain (`validateQualifiedName`). */
export function validateQualifiedDeviceName(field: string, name: string): FieldError[] {
  const [domain = '', id, ...more] = name.split('/');
  // More than one slash goes unnoticed there, too.
  if (more.length > 0) return [];
  if (id === undefined) return validateId(field, domain);
  return [
    ...(domain === '' ? [invalid(field, '', 'the domain must not be empty')] : validateDriverName(field, domain)),
    ...(id === '' ? [invalid(field, '', 'the name must not be empty')] : validateId(field, id)),
  ];
}

/** With its domain, as several drivers may have attributes of one name. */
export function validateFullyQualifiedDeviceName(field: string, name: string): FieldError[] {
  const errors = validateQualifiedDeviceName(field, name);
  return name.includes('/') ? errors : [...errors, invalid(field, name, 'a fully qualified name must be a domain and a name separated by a slash')];
}

function validateId(field: string, id: string): FieldError[] {
  return [...(id.length > MAX_ID ? [tooLong(field, MAX_ID)] : []), ...invalidEach(field, id, validateCIdentifier(id))];
}

/** What has to be reported of a device before pods are bound, and what must not (`validateDeviceBindingParameters`). */
export function validateBindingConditions(field: string, { bindingConditions: wanted = [], bindingFailureConditions: feared = [] }: Pick<V1Device, 'bindingConditions' | 'bindingFailureConditions'>): FieldError[] {
  const [ofWanted, ofFeared] = [`${field}.bindingConditions`, `${field}.bindingFailureConditions`];
  const errors = [...conditionNames(ofWanted, wanted), ...conditionNames(ofFeared, feared)];
  const [isWantedTwice, isFearedTwice, isWanted] = [repeats(), repeats(), new Set(wanted)];
  for (const [index, name] of wanted.entries()) if (isWantedTwice(name)) errors.push(duplicate(`${ofWanted}[${index}]`, name));
  for (const [index, name] of feared.entries()) {
    if (isFearedTwice(name)) errors.push(duplicate(`${ofFeared}[${index}]`, name));
    if (isWanted.has(name)) errors.push(invalid(`${ofFeared}[${index}]`, name, 'bindingFailureConditions must not overlap with bindingConditions'));
  }
  if (wanted.length === 0 && feared.length > 0) errors.push(invalid(ofWanted, null, 'bindingConditions are required to use bindingFailureConditions'));
  if (feared.length === 0 && wanted.length > 0) errors.push(invalid(ofFeared, null, 'bindingFailureConditions are required to use bindingConditions'));
  return errors;
}

function conditionNames(field: string, names: readonly string[]): FieldError[] {
  return names.length > MAX_BINDING_CONDITIONS ? [tooMany(field, names.length, MAX_BINDING_CONDITIONS)] : ofEach(field, names, labelName);
}
