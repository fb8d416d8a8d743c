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
  validate({ spec }) {
    if (!spec?.parentRef) return [required('spec.parentRef')];
    const { resource, name } = spec.parentRef;
    return [...(resource ? [] : [required('spec.parentRef.resource')]), ...(name ? [] : [required('spec.parentRef.name')])];
  },
  validateUpdate: ({ spec }, previous) => immutable('spec.parentRef', spec?.parentRef, previous.spec?.parentRef),
  columns: [
    textColumn('ParentRef', 'What the address belongs to.', ({ spec }) => {
      if (!spec?.parentRef) return '<none>';
      const { group, resource, namespace, name } = spec.parentRef;
      return [(group ? `${resource}.${group}` : resource).toLowerCase(), ...(namespace ? [namespace] : []), name].join('/');
    }),
    ageColumn,
  ],
  selectableFields: ({ spec }) => ({ 'spec.parentRef.name': spec?.parentRef?.name ?? '', 'spec.parentRef.namespace': spec?.parentRef?.namespace ?? '' }),
});
