import type { RbacV1Subject, V1PolicyRule, V1RoleRef } from '../../generated/types.ts';
import { append, type FieldError, invalid, notSupported, required } from '../../fieldError.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateDns1123Subdomain, validatePathSegmentName } from '../../validation/names.ts';
import { deepEqual } from '../../values/deepEqual.ts';
import { internalForm } from '../internalForm.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

interface Binding {
  readonly roleRef: V1RoleRef;
  readonly subjects?: RbacV1Subject[];
}

export function validateRules(rules: readonly V1PolicyRule[] | null | undefined, namespaced: boolean): FieldError[] {
  return (rules ?? []).flatMap(({ verbs, nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] }, index) => {
    const path = `rules[${index}]`;
    const errors = verbs?.length ? [] : [required(`${path}.verbs`, 'verbs must contain at least one value')];
    if (nonResourceURLs.length > 0) {
      if (namespaced) errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
      if (apiGroups.length + resources.length + resourceNames.length > 0) errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'));
      return errors;
    }
    if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    if (resources.length === 0) errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
    return errors;
  });
}

/** In place: users and groups are of the RBAC group, service accounts of the core group. */
export function setBindingDefaults({ roleRef, subjects }: Binding): void {
  if (roleRef) roleRef.apiGroup ||= RBAC_GROUP;
  for (const subject of subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP;
}

/** `kinds` are the kinds of role that the binding may refer to. */
export function validateBinding({ roleRef, subjects = [] }: Binding, kinds: readonly string[], namespaced: boolean): FieldError[] {
  const { apiGroup, kind, name }: Partial<V1RoleRef> = roleRef ?? {};
  const errors: FieldError[] = [];
  if (apiGroup !== RBAC_GROUP) errors.push(notSupported('roleRef.apiGroup', apiGroup ?? '', [RBAC_GROUP]));
  if (!kinds.includes(kind ?? '')) errors.push(notSupported('roleRef.kind', kind ?? '', kinds));
  if (!name) errors.push(required('roleRef.name'));
  else append(errors, invalidEach('roleRef.name', name, validatePathSegmentName(name)));
  return [...errors, ...subjects.flatMap((subject, index) => validateSubject(`subjects[${index}]`, subject, namespaced))];
}

function validateSubject(field: string, { kind, name, namespace, apiGroup = '' }: RbacV1Subject, namespaced: boolean): FieldError[] {
  const errors = name ? [] : [required(`${field}.name`)];
  if (kind === 'ServiceAccount') {
    if (name) append(errors, invalidEach(`${field}.name`, name, validateDns1123Subdomain(name)));
    if (apiGroup !== '') errors.push(notSupported(`${field}.apiGroup`, apiGroup, ['']));
    if (!namespaced && !namespace) errors.push(required(`${field}.namespace`));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== RBAC_GROUP) errors.push(notSupported(`${field}.apiGroup`, apiGroup, [RBAC_GROUP]));
  } else {
    errors.push(notSupported(`${field}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

/** What a binding grants is settled when it is created. */
export function validateBindingUpdate(binding: Binding, previous: Binding): FieldError[] {
  return deepEqual(binding.roleRef, previous.roleRef) ? [] : [invalid('roleRef', internalForm('RoleRef', binding.roleRef), 'cannot change roleRef')];
}

/** The names of the subjects of one kind. */
export function subjectsOf({ subjects = [] }: Binding, kind: string): string {
  return subjects.filter((each) => each.kind === kind).map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name)).join(', ');
}
