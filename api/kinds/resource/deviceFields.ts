import type { V1DeviceSelector, V1DeviceTaint, V1DeviceToleration, V1OpaqueDeviceConfiguration } from '../../generated/types.ts';
import { invalid, notSupported, required, tooLong, tooMany, type FieldError } from '../../fieldError.ts';
import { invalidEach, labelName } from '../../validation/fields.ts';
import { validateDns1123Subdomain, validateLabelValue } from '../../validation/names.ts';
import { validateDriverName } from '../core/volumes/driverName.ts';

export const MAX_SELECTORS = 32;
const MAX_EXPRESSION_BYTES = 10 * 1024;
const MAX_PARAMETER_BYTES = 10 * 1024;
const MAX_POOL_NAME = 253;
const MAX_TOLERATIONS = 16;
const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];

/** What devices a request is content with. The expressions are compiled by whoever evaluates them. */
export function validateSelectors(field: string, selectors: readonly V1DeviceSelector[] = []): FieldError[] {
  if (selectors.length > MAX_SELECTORS) return [tooMany(field, selectors.length, MAX_SELECTORS)];
  return selectors.flatMap(({ cel }, index) => {
    const path = `${field}[${index}].cel`;
    if (!cel) return [required(path)];
    if (!cel.expression) return [required(`${path}.expression`)];
    return Buffer.byteLength(cel.expression) > MAX_EXPRESSION_BYTES ? [tooLong(`${path}.expression`, MAX_EXPRESSION_BYTES)] : [];
  });
}

/** What a driver is told: any object, which only the driver understands. */
export function validateOpaque(field: string, opaque: V1OpaqueDeviceConfiguration | undefined): FieldError[] {
  if (!opaque) return [required(field)];
  const { driver, parameters } = opaque;
  const errors = validateDriverName(`${field}.driver`, driver ?? '');
  if (parameters === undefined || parameters === null) return [...errors, required(`${field}.parameters`)];
  if (typeof parameters !== 'object' || Array.isArray(parameters)) errors.push(invalid(`${field}.parameters`, '<value omitted>', 'must be a valid JSON object'));
  return Buffer.byteLength(JSON.stringify(parameters)) > MAX_PARAMETER_BYTES ? [...errors, tooLong(`${field}.parameters`, MAX_PARAMETER_BYTES)] : errors;
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
      if (!key) errors.push(required(`${path}.key`));
      errors.push(...invalidEach(`${path}.value`, value, validateLabelValue(value)));
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
