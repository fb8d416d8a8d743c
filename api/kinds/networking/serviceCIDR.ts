import type { V1ServiceCIDR } from '../../generated/types.ts';
import { invalidEach, strictlyImmutable } from '../../validation/fields.ts';
import { validateCidr } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const serviceCIDR = defineKind<V1ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  model: 'V1ServiceCIDR',
  hasStatus: true,
  unconditionalUpdate: false,
  validate: ({ spec }) => (spec?.cidrs ?? []).flatMap((range, index) => invalidEach(`spec.cidrs[${index}]`, range, validateCidr(range))),
  validateUpdate: ({ spec }, previous) => strictlyImmutable('spec.cidrs', spec?.cidrs, previous.spec?.cidrs),
  columns: [textColumn('CIDRs', 'The ranges that addresses are given out of.', ({ spec }) => (spec?.cidrs ?? []).join(',')), ageColumn],
});
