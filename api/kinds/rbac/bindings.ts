import type { RbacV1Subject, V1ClusterRoleBinding, V1RoleBinding, V1RoleRef } from '../../generated/types.ts';
import { invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject, TableColumn } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateDns1123Subdomain, validatePathSegmentName } from '../../validation/names.ts';
import { deepEqual } from '../../values/deepEqual.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { RBAC_GROUP } from './rules.ts';

type Binding = V1RoleBinding | V1ClusterRoleBinding;
type IncomingBinding = IncomingObject<V1RoleBinding> | IncomingObject<V1ClusterRoleBinding>;

/** Fills in the groups that kinds of subjects and of roles imply, in place. */
export function setBindingDefaults({ roleRef, subjects }: IncomingBinding): void {
  if (roleRef) roleRef.apiGroup ||= RBAC_GROUP;
  for (const subject of subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP;
  }
}

/** `roleKinds` is what the binding may refer to; a subject without namespace is that of a RoleBinding's own. */
export function validateBinding({ roleRef, subjects }: IncomingBinding, roleKinds: readonly string[], isNamespaced: boolean): FieldError[] {
  return [...validateRoleRef(roleRef, roleKinds), ...(subjects ?? []).flatMap((each, index) => validateSubject(`subjects[${index}]`, each, isNamespaced))];
}

function validateRoleRef(roleRef: V1RoleRef | undefined, kinds: readonly string[]): FieldError[] {
  const { apiGroup = '', kind = '', name = '' }: Partial<V1RoleRef> = roleRef ?? {};
  const errors: FieldError[] = [];
  if (apiGroup !== RBAC_GROUP) errors.push(notSupported('roleRef.apiGroup', apiGroup, [RBAC_GROUP]));
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds));
  return [...errors, ...(name === '' ? [required('roleRef.name')] : invalidEach('roleRef.name', name, validatePathSegmentName(name)))];
}

function validateSubject(field: string, { kind = '', name = '', apiGroup = '', namespace = '' }: RbacV1Subject, isNamespaced: boolean): FieldError[] {
  const errors = name === '' ? [required(`${field}.name`)] : [];
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') errors.push(...invalidEach(`${field}.name`, name, validateDns1123Subdomain(name)));
      if (apiGroup !== '') errors.push(notSupported(`${field}.apiGroup`, apiGroup, ['']));
      if (!isNamespaced && namespace === '') errors.push(required(`${field}.namespace`));
      return errors;
    case 'User':
    case 'Group':
      return apiGroup === RBAC_GROUP ? errors : [...errors, notSupported(`${field}.apiGroup`, apiGroup, [RBAC_GROUP])];
    default:
      return [...errors, notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
}

/** Whom a binding binds may change, to what may not: that would be another grant under the same name. */
export function validateBindingUpdate({ roleRef }: IncomingBinding, previous: Binding): FieldError[] {
  return deepEqual(roleRef, previous.roleRef) ? [] : [invalid('roleRef', roleRef, 'cannot change roleRef')];
}

const namesOf = ({ subjects }: Binding, kind: string): string =>
  (subjects ?? []).filter((each) => each.kind === kind).map(({ namespace, name }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name)).join(', ');

export const bindingColumns: readonly TableColumn<Binding>[] = [
  textColumn('Role', 'The role that is granted.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  textColumn('Users', 'The users that it is granted to.', (binding) => namesOf(binding, 'User'), 1),
  textColumn('Groups', 'The groups that it is granted to.', (binding) => namesOf(binding, 'Group'), 1),
  textColumn('ServiceAccounts', 'The service accounts that it is granted to.', (binding) => namesOf(binding, 'ServiceAccount'), 1),
];
