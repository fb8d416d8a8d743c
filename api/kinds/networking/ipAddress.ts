import type { V1IPAddress } from '../../generated/types.ts';
import { required, type FieldError } from '../../fieldError.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateCanonicalIPAddress } from '../../validation/ipText.ts';
import { validateDns1123Subdomain, validatePathSegmentName } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { immutableForm } from '../internalForm.ts';

export const ipAddress = defineKind<V1IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  model: 'V1IPAddress',
  validateName: validateCanonicalIPAddress,
  validate({ spec }) {
    if (!spec?.parentRef) return [required('spec.parentRef')];
    const { group, resource, name, namespace } = spec.parentRef;
    const segment = (field: string, value: string): FieldError[] => invalidEach(`spec.parentRef.${field}`, value, validatePathSegmentName(value));
    return [
      ...(group ? invalidEach('spec.parentRef.group', group, validateDns1123Subdomain(group)) : []),
      ...(resource ? segment('resource', resource) : [required('spec.parentRef.resource')]),
      ...(name ? segment('name', name) : [required('spec.parentRef.name')]),
      ...(namespace ? segment('namespace', namespace) : []),
    ];
  },
  validateUpdate: ({ spec }, previous) => immutableForm('ParentReference', 'spec.parentRef', spec?.parentRef, previous.spec?.parentRef),
  columns: [
    textColumn('ParentRef', 'ParentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object.', ({ spec }) => {
      if (!spec?.parentRef) return '<none>';
      const { group, resource, namespace, name } = spec.parentRef;
      return [(group ? `${resource}.${group}` : resource).toLowerCase(), ...(namespace ? [namespace] : []), name].join('/');
    }),
    ageColumn,
  ],
  selectableFields: ({ spec }) => ({ 'spec.parentRef.name': spec?.parentRef?.name ?? '', 'spec.parentRef.namespace': spec?.parentRef?.namespace ?? '' }),
});
