import type { V1IPAddress } from '../../generated/types.ts';
import { required } from '../../fieldError.ts';
import { immutable } from '../../validation/fields.ts';
import { validateIPAddress } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const ipAddress = defineKind<V1IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  model: 'V1IPAddress',
  unconditionalUpdate: false,
  validateName: validateIPAddress,
  validate: ({ spec }) => (spec?.parentRef ? [] : [required('spec.parentRef')]),
  validateUpdate: ({ spec }, previous) => immutable('spec.parentRef', spec?.parentRef, previous.spec?.parentRef),
  columns: [
    textColumn('ParentRef', 'What the address belongs to.', ({ spec }) => {
      const { group = '', resource, namespace, name } = spec?.parentRef ?? {};
      return `${group === '' ? '' : `${group}.`}${resource}/${namespace === undefined ? '' : `${namespace}/`}${name}`;
    }),
    ageColumn,
  ],
  selectableFields: ({ spec }) => ({ 'spec.parentRef.name': spec?.parentRef.name ?? '', 'spec.parentRef.namespace': spec?.parentRef.namespace ?? '' }),
});
