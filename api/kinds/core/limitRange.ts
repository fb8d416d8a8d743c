import type { V1LimitRange, V1LimitRangeItem } from '../../generated/types.ts';
import { duplicate, forbidden, invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { validateResourceQuantity } from '../../validation/resources.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { compareQuantities, formatQuantity, quantityOrZero } from '../../values/quantity.ts';
import { defineKind } from '../defineKind.ts';

const LISTS = ['default', 'defaultRequest', 'max', 'min', 'maxLimitRequestRatio'] as const;

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
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const list of LISTS) {
    for (const [name, amount] of Object.entries(limit[list] ?? {})) {
      names.add(name);
      errors.push(...validateResourceQuantity(`${field}.${list}[${name}]`, name, amount));
    }
  }
  if (limit.type === 'Pod') {
    if (Object.keys(limit.default ?? {}).length > 0) errors.push(forbidden(`${field}.default`, 'may not be specified when `type` is \'Pod\''));
    if (Object.keys(limit.defaultRequest ?? {}).length > 0) errors.push(forbidden(`${field}.defaultRequest`, 'may not be specified when `type` is \'Pod\''));
  }
  if (limit.type === 'PersistentVolumeClaim' && limit.min?.storage === undefined && limit.max?.storage === undefined) {
    errors.push(required(`${field}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
  }
  for (const name of names) errors.push(...validateOrder(field, limit, name));
  return errors;
}

/** min <= defaultRequest <= default <= max, of what there is. */
function validateOrder(field: string, { min, max, default: standard, defaultRequest }: V1LimitRangeItem, name: string): FieldError[] {
  const errors: FieldError[] = [];
  const order = (lowList: string, low: string | undefined, highList: string, high: string | undefined, path: string): void => {
    if (low === undefined || high === undefined || compareQuantities(quantityOrZero(low), quantityOrZero(high)) <= 0) return;
    const [least, most] = [formatQuantity(quantityOrZero(low)), formatQuantity(quantityOrZero(high))];
    errors.push(invalid(`${field}.${path}[${name}]`, least, `${lowList} value ${least} is greater than ${highList} value ${most}`));
  };
  order('min', min?.[name], 'max', max?.[name], 'min');
  order('min', min?.[name], 'default request', defaultRequest?.[name], 'defaultRequest');
  order('default request', defaultRequest?.[name], 'max', max?.[name], 'defaultRequest');
  order('default request', defaultRequest?.[name], 'default limit', standard?.[name], 'defaultRequest');
  order('min', min?.[name], 'default', standard?.[name], 'min');
  order('default', standard?.[name], 'max', max?.[name], 'default');
  return errors;
}
