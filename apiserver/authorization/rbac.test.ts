import type { AdmissionAttributes, AuthorizationAttributes, UserInfo } from '../types.ts';
import { clusterRole } from '../../api/kinds/rbac/clusterRole.ts';
import { clusterRoleBinding } from '../../api/kinds/rbac/clusterRoleBinding.ts';
import { role as roleKind } from '../../api/kinds/rbac/role.ts';
import type { KubeObject } from '../../api/meta.ts';
import { RbacEscalation } from './escalation.ts';
import { RbacAuthorizer } from './rbacAuthorizer.ts';
import { RbacIndex } from './rbacIndex.ts';

const API = 'rbac.authorization.k8s.io/v1';
const meta = (name: string, namespace?: string): KubeObject['metadata'] => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '', ...(namespace ? { namespace } : {}) });
const object = (kind: string, metadata: KubeObject['metadata'], rest: object): KubeObject => ({ apiVersion: API, kind, metadata, ...rest });

const jane: UserInfo = { name: 'jane', groups: ['dev', 'system:authenticated'] };

function build(): { index: RbacIndex; authorizer: RbacAuthorizer } {
  const index = new RbacIndex();
  index.put('clusterroles', object('ClusterRole', meta('reader'), { rules: [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }, { nonResourceURLs: ['/healthz/*'], verbs: ['get'] }] }));
  index.put('roles', object('Role', meta('web', 'default'), { rules: [{ apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['*'] }, { apiGroups: ['*'], resources: ['*/scale'], verbs: ['update'] }] }));
  index.put('clusterrolebindings', object('ClusterRoleBinding', meta('readers'), { roleRef: { apiGroup: '', kind: 'ClusterRole', name: 'reader' }, subjects: [{ kind: 'Group', name: 'dev' }] }));
  index.put('rolebindings', object('RoleBinding', meta('web', 'default'), { roleRef: { apiGroup: '', kind: 'Role', name: 'web' }, subjects: [{ kind: 'User', name: 'jane' }, { kind: 'ServiceAccount', name: 'bot' }] }));
  return { index, authorizer: new RbacAuthorizer(index) };
}

const ask = (user: UserInfo, verb: string, resource: string, rest: Partial<AuthorizationAttributes> = {}): AuthorizationAttributes => {
  const [name = '', subresource = ''] = resource.split('/');
  return { user, verb, isResourceRequest: true, path: '', group: '', version: 'v1', resource: name, subresource, namespace: 'default', name: '', ...rest };
};

describe('RbacAuthorizer', () => {
  const { authorizer } = build();

  test.each([
    ['a resource of a cluster-wide binding', ask(jane, 'list', 'pods'), true],
    ['a subresource that is named', ask(jane, 'get', 'pods/log'), true],
    ['a subresource that is not', ask(jane, 'get', 'pods/exec'), false],
    ['another verb', ask(jane, 'delete', 'pods'), false],
    ['a resource name that is listed', ask(jane, 'delete', 'deployments', { group: 'apps', name: 'web' }), true],
    ['another resource name', ask(jane, 'delete', 'deployments', { group: 'apps', name: 'db' }), false],
    ['a collection where names are listed', ask(jane, 'list', 'deployments', { group: 'apps' }), false],
    ['a subresource of everything', ask(jane, 'update', 'statefulsets/scale', { group: 'apps', name: 'x' }), true],
    ['a role of another namespace', ask(jane, 'update', 'statefulsets/scale', { group: 'apps', name: 'x', namespace: 'other' }), false],
    ['a path by its prefix', ask(jane, 'get', '', { isResourceRequest: false, path: '/healthz/etcd' }), true],
    ['another path', ask(jane, 'get', '', { isResourceRequest: false, path: '/metrics' }), false],
    ['a service account of the binding\'s own namespace', ask({ name: 'system:serviceaccount:default:bot', groups: [] }, 'get', 'deployments', { group: 'apps', name: 'web' }), true],
    ['a privileged user', ask({ name: 'root', groups: ['system:masters'] }, 'delete', 'nodes'), true],
  ])('%s', (_, attributes, allowed) => {
    expect(authorizer.authorize(attributes).allowed).toBe(allowed);
  });

  test('says through what it allowed', () => {
    expect(authorizer.authorize(ask(jane, 'get', 'pods')).reason).toBe('RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to Group "dev"');
    expect(authorizer.authorize(ask(jane, 'get', 'deployments', { group: 'apps', name: 'web' })).reason).toBe('RBAC: allowed by RoleBinding "web/default" of Role "web" to User "jane"');
  });

  test('a role that is missing is named, and found when it comes', () => {
    const { index, authorizer } = build();
    index.remove('roles', object('Role', meta('web', 'default'), {}));
    expect(authorizer.authorize(ask(jane, 'list', 'secrets')).reason).toBe('RBAC: role.rbac.authorization.k8s.io "web" not found');
    index.put('roles', object('Role', meta('web', 'default'), { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] }));
    expect(authorizer.authorize(ask(jane, 'list', 'secrets')).allowed).toBe(true);
  });

  test('a binding that changes its subjects takes the old ones away', () => {
    const { index, authorizer } = build();
    index.put('clusterrolebindings', object('ClusterRoleBinding', meta('readers'), { roleRef: { apiGroup: '', kind: 'ClusterRole', name: 'reader' }, subjects: [{ kind: 'User', name: 'joe' }] }));
    expect(authorizer.authorize(ask(jane, 'list', 'pods')).allowed).toBe(false);
    expect(authorizer.authorize(ask({ name: 'joe', groups: [] }, 'list', 'pods')).allowed).toBe(true);
  });
});

describe('RbacEscalation', () => {
  const attributes = (definition: AdmissionAttributes['definition'], sent: object, namespace: string): AdmissionAttributes => ({
    operation: 'CREATE',
    definition,
    namespace,
    name: 'x',
    subresource: '',
    object: { apiVersion: API, kind: 'x', metadata: { name: 'x' }, ...sent },
    previous: undefined,
    user: jane,
    dryRun: false,
    warn: () => undefined,
  });

  test('a role of what is held passes', async () => {
    const { authorizer } = build();
    const plugin = new RbacEscalation(authorizer, authorizer);
    await expect(plugin.validate(attributes(roleKind, { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }] }, 'default'))).resolves.toBeUndefined();
  });

  test('a role of more is refused, and says of what', async () => {
    const { authorizer } = build();
    const plugin = new RbacEscalation(authorizer, authorizer);
    const sent = { rules: [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get', 'delete'] }] };
    await expect(plugin.validate(attributes(roleKind, sent, 'default'))).rejects.toMatchObject({
      code: 403,
      message:
        'roles.rbac.authorization.k8s.io "x" is forbidden: user "jane" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}',
    });
  });

  test('what is missing of a named object is told at once; a role of the same rules is looked at again', async () => {
    const { authorizer } = build();
    const plugin = new RbacEscalation(authorizer, authorizer);
    const sent = { rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get', 'list', 'get'] }, { nonResourceURLs: ['/a'], verbs: ['get', 'put'] }] };
    const asked = attributes(roleKind, sent, 'default');
    const message =
      'roles.rbac.authorization.k8s.io "x" is forbidden: user "jane" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get" "list" "get"]}\n{NonResourceURLs:["/a"], Verbs:["get"]}\n{NonResourceURLs:["/a"], Verbs:["put"]}';
    await expect(plugin.validate(asked)).rejects.toMatchObject({ message });
    const previous = { ...asked.object, metadata: { ...meta('x', 'default'), labels: { a: 'b' } } } as KubeObject;
    await expect(plugin.validate({ ...asked, operation: 'UPDATE', previous })).rejects.toMatchObject({ message });
    const collected = { ...previous, metadata: { ...previous.metadata, finalizers: ['x'] } };
    await expect(plugin.validate({ ...asked, operation: 'UPDATE', object: previous, previous: collected })).resolves.toBeUndefined();
  });

  test('an aggregated role, new or before, is for administrators', async () => {
    const { index, authorizer } = build();
    const plugin = new RbacEscalation(authorizer, authorizer);
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
    const asked = attributes(clusterRole, { aggregationRule, rules: [] }, '');
    const refusal = { message: 'clusterroles.rbac.authorization.k8s.io "x" is forbidden: must have cluster-admin privileges to use the aggregationRule' };
    await expect(plugin.validate(asked)).rejects.toMatchObject(refusal);
    const previous = object('ClusterRole', meta('x'), { aggregationRule });
    const change: AdmissionAttributes = { ...attributes(clusterRole, { rules: [] }, ''), operation: 'UPDATE', previous };
    await expect(plugin.validate(change)).rejects.toMatchObject(refusal);
    // The right to escalate this role counts where the URL says it.
    index.put('clusterroles', object('ClusterRole', meta('reader'), { rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], resourceNames: ['x'], verbs: ['escalate'] }] }));
    await expect(plugin.validate(change)).resolves.toBeUndefined();
    await expect(plugin.validate(asked)).rejects.toMatchObject(refusal);
  });

  test('a binding of a role that does not exist, or grants more, is refused', async () => {
    const { index, authorizer } = build();
    const plugin = new RbacEscalation(authorizer, authorizer);
    const bind = (name: string): AdmissionAttributes => attributes(clusterRoleBinding, { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name } }, '');
    await expect(plugin.validate(bind('none'))).rejects.toMatchObject({ code: 404, message: 'clusterroles.rbac.authorization.k8s.io "none" not found' });
    await expect(plugin.validate(bind('reader'))).resolves.toBeUndefined();
    index.put('clusterroles', object('ClusterRole', meta('all'), { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }));
    await expect(plugin.validate(bind('all'))).rejects.toMatchObject({ code: 403 });
    index.put('clusterroles', object('ClusterRole', meta('reader'), { rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], resourceNames: ['all'], verbs: ['bind'] }] }));
    await expect(plugin.validate(bind('all'))).resolves.toBeUndefined();
  });
});
