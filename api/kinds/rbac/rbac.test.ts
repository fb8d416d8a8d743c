import type { KubeObject } from '../../meta.ts';
import type { ResourceDefinition } from '../../resourceDefinition.ts';
import { clusterRole } from './clusterRole.ts';
import { clusterRoleBinding } from './clusterRoleBinding.ts';
import { role } from './role.ts';
import { roleBinding } from './roleBinding.ts';

const metadata = { name: 'x', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function objectOf(definition: ResourceDefinition, fields: object): KubeObject {
  const object = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: definition.kind, metadata, ...structuredClone(fields) };
  definition.setDefaults?.(object);
  return object;
}

const errorsOf = (definition: ResourceDefinition, fields: object): string[] => (definition.validate?.(objectOf(definition, fields)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('roles', () => {
  it.each<[object, string[]]>([
    [{}, []],
    [{ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }, []],
    [{ rules: [{}] }, ['rules[0].verbs: Required value: verbs must contain at least one value', 'rules[0].apiGroups: Required value: resource rules must supply at least one api group', 'rules[0].resources: Required value: resource rules must supply at least one resource']],
    [{ rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }] }, ['rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs']],
  ])('%j', (fields, messages) => {
    expect(errorsOf(role, fields)).toEqual(messages);
  });
  it('may cover paths when they are the cluster\'s, and be made of others', () => {
    expect(errorsOf(clusterRole, { rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }] })).toEqual([]);
    expect(errorsOf(clusterRole, { aggregationRule: {} })).toEqual(['aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil']);
  });
  it('may have colons in their names', () => {
    expect(clusterRole.validateName?.('system:node')).toEqual([]);
    expect(clusterRole.validateName?.('a/b')).toEqual(["may not contain '/'"]);
  });
});

describe('bindings', () => {
  const roleRef = { kind: 'ClusterRole', name: 'view' };
  it('get the groups that their kinds imply', () => {
    expect(objectOf(roleBinding, { roleRef, subjects: [{ kind: 'User', name: 'a' }, { kind: 'ServiceAccount', name: 'b' }] })).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io' }, subjects: [{ kind: 'User', name: 'a', apiGroup: 'rbac.authorization.k8s.io' }, { kind: 'ServiceAccount', name: 'b' }],
    });
  });
  it.each<[ResourceDefinition, object, string[]]>([
    [roleBinding, { roleRef, subjects: [{ kind: 'ServiceAccount', name: 'b' }] }, []],
    [clusterRoleBinding, { roleRef, subjects: [{ kind: 'ServiceAccount', name: 'b' }] }, ['subjects[0].namespace: Required value']],
    [clusterRoleBinding, { roleRef: { kind: 'Role', name: 'r' } }, ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"']],
    [roleBinding, { roleRef, subjects: [{ kind: 'Robot', name: 'b' }] }, ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"']],
    [roleBinding, {}, ['roleRef.apiGroup: Unsupported value: "": supported values: "rbac.authorization.k8s.io"', 'roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"', 'roleRef.name: Required value']],
  ])('%#', (definition, fields, messages) => {
    expect(errorsOf(definition, fields)).toEqual(messages);
  });
  it('keep their role', () => {
    const previous = objectOf(roleBinding, { roleRef });
    const errors = roleBinding.validateUpdate?.(objectOf(roleBinding, { roleRef: { kind: 'ClusterRole', name: 'edit' } }), previous) ?? [];
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual(['roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"edit"}: cannot change roleRef']);
  });
  it('show themselves', () => {
    const object = objectOf(roleBinding, { roleRef, subjects: [{ kind: 'User', name: 'a' }, { kind: 'User', name: 'c' }, { kind: 'ServiceAccount', name: 'b', namespace: 'n' }] });
    expect(roleBinding.columns?.map((each) => each.value(object, Date.parse('2026-01-01T00:01:00Z')))).toEqual(['ClusterRole/view', '60s', 'a, c', '', 'n/b']);
  });
});
