import type { V1ServiceCIDR } from '../../generated/types.ts';
import { invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { parseLooseCidr, validateCanonicalCidr } from '../../validation/ipText.ts';
import { IMMUTABLE_MESSAGE } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

const FIELD = 'spec.cidrs';

export const serviceCIDR = defineKind<V1ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  model: 'V1ServiceCIDR',
  hasStatus: true,
  validate,
  validateUpdate,
  columns: [textColumn('CIDRs', { of: 'V1ServiceCIDRSpec.cidrs' }, ({ spec }) => (spec?.cidrs ?? []).join(',')), ageColumn],
});

/** One range, or one of each family. */
function validate({ spec }: IncomingObject<V1ServiceCIDR>): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required(FIELD, 'at least one CIDR required')];
  // The value is shown in the form of the internal type.
  if (cidrs.length > 2) return [invalid(FIELD, { CIDRs: cidrs }, 'may only hold up to 2 values')];
  const errors = cidrs.flatMap((range, index) => invalidEach(`${FIELD}[${index}]`, range, validateCanonicalCidr(range)));
  const [first, second] = cidrs.map((range) => parseLooseCidr(range)?.network.family);
  if (first !== undefined && first === second) errors.push(invalid(FIELD, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'));
  return errors;
}

/** Addresses were given out of the ranges, so they stay; a second family may be added. */
function validateUpdate({ spec }: IncomingObject<V1ServiceCIDR>, previous: V1ServiceCIDR): FieldError[] {
  const [now, before] = [spec?.cidrs ?? [], previous.spec?.cidrs ?? []];
  if (now.length !== before.length && !(before.length === 1 && now.length === 2)) return [invalid(FIELD, now, IMMUTABLE_MESSAGE)];
  return before.flatMap((range, index) => (range === now[index] ? [] : [invalid(`${FIELD}[${index}]`, now[index], IMMUTABLE_MESSAGE)]));
}
