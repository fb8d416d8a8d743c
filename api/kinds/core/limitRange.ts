import type { V1LimitRange, V1LimitRangeItem } from '../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateQualifiedName } from '../../validation/names.ts';
import { isOvercommitAllowed, validateContainerResourceName, validateResourceName } from '../../validation/resources.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { compareQuantities, formatQuantity, quantityOrZero, type Quantity } from '../../values/quantity.ts';
import { defineKind } from '../defineKind.ts';

const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];

export const limitRange = defineKind<V1LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  model: 'V1LimitRange',
  createOnUpdate: true,
  setDefaults,
  validate,
});

/** A container that says nothing gets the largest limit, and asks for its limit, or for the least. */
function setDefaults({ spec }: IncomingObject<V1LimitRange>): void {
  for (const limit of spec?.limits ?? []) {
    for (const list of LISTS) canonicalizeResources(limit[list]);
    if (limit.type !== 'Container') continue;
    limit.default = { ...limit.max, ...limit.default };
    limit.defaultRequest = { ...limit.min, ...limit.default, ...limit.defaultRequest };
  }
}

function validate({ spec }: IncomingObject<V1LimitRange>): FieldError[] {
  const types = new Set<string>();
  return (spec?.limits ?? []).flatMap((limit, index) => {
    const path = `spec.limits[${index}]`;
    const errors = validateItem(path, limit);
    if (types.has(limit.type)) errors.push(duplicate(`${path}.type`, limit.type));
    types.add(limit.type);
    return errors;
  });
}

function validateItem(field: string, limit: V1LimitRangeItem): FieldError[] {
  const type = limit.type || '';
  const errors = invalidEach(`${field}.type`, type, validateQualifiedName(type));
  if (errors.length === 0 && !type.includes('/') && !TYPES.includes(type)) errors.push(invalid(`${field}.type`, type, 'must be a standard limit type or fully qualified'));
  const names = new Set<string>();
  const validateName = type === 'Pod' || type === 'Container' ? validateContainerResourceName : validateResourceName;
  for (const list of LISTS) {
    if (type === 'Pod' && (list === 'default' || list === 'defaultRequest')) {
      if (Object.keys(limit[list] ?? {}).length > 0) errors.push(forbidden(`${field}.${list}`, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const name of Object.keys(limit[list] ?? {})) {
      names.add(name);
      append(errors, validateName(`${field}.${list}[${name}]`, name));
    }
  }
  if (type === 'PersistentVolumeClaim' && limit.min?.storage === undefined && limit.max?.storage === undefined) {
    errors.push(required(`${field}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
  }
  for (const name of names) append(errors, validateOrder(field, type === 'Pod' ? { ...limit, default: {}, defaultRequest: {} } : limit, name));
  return errors;
}

/** min <= defaultRequest <= default <= max, of what there is; and ratios that these allow. */
function validateOrder(field: string, { min, max, default: standard, defaultRequest, maxLimitRequestRatio }: V1LimitRangeItem, name: string): FieldError[] {
  const of = (list: Readonly<Record<string, string>> | undefined): Quantity | undefined => (list && Object.hasOwn(list, name) ? quantityOrZero(list[name]) : undefined);
  const [least, most, limit, request, ratio] = [min, max, standard, defaultRequest, maxLimitRequestRatio].map(of);
  const errors: FieldError[] = [];
  const order = (low: Quantity | undefined, lowName: string, high: Quantity | undefined, highName: string, path: string, shown: Quantity | undefined): void => {
    if (!low || !high || !shown || compareQuantities(low, high) <= 0) return;
    errors.push(invalid(`${field}.${path}[${name}]`, formatQuantity(shown), `${lowName} value ${formatQuantity(low)} is greater than ${highName} value ${formatQuantity(high)}`));
  };
  order(least, 'min', most, 'max', 'min', least);
  order(least, 'min', request, 'default request', 'defaultRequest', request);
  order(request, 'default request', most, 'max', 'defaultRequest', request);
  order(request, 'default request', limit, 'default limit', 'defaultRequest', request);
  order(least, 'min', limit, 'default', 'default', least);
  order(limit, 'default', most, 'max', 'default', most);
  const path = `${field}.maxLimitRequestRatio[${name}]`;
  if (ratio && ratio.nanos < 1_000_000_000n) errors.push(invalid(path, formatQuantity(ratio), `ratio ${formatQuantity(ratio)} is less than 1`));
  if (ratio && least && most) {
    const highest = Number(most.nanos) / Number(least.nanos);
    if (Number(ratio.nanos) / 1e9 > highest) errors.push(invalid(path, formatQuantity(ratio), `ratio ${formatQuantity(ratio)} is greater than max/min = ${highest.toFixed(6)}`));
  }
  if (!isOvercommitAllowed(name) && limit && request && compareQuantities(limit, request) !== 0) {
    errors.push(invalid(`${field}.defaultRequest[${name}]`, formatQuantity(request), `default value ${formatQuantity(limit)} must equal to defaultRequest value ${formatQuantity(request)} in ${name}`));
  }
  return errors;
}
