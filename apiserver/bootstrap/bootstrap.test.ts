import type { V1ClusterRole } from '../../api/generated/types.ts';
import { builtinDefinitions } from '../../api/kinds/index.ts';
import type { Draft } from '../../api/meta.ts';
import { defaultClusterRoleBindings, defaultClusterRoles, defaultRoleBindings, defaultRoles } from './defaultRoles.ts';
import { Loopback } from './loopback.ts';
import { reconcileBinding, reconcileRole } from './reconcileRbac.ts';

describe('default roles', () => {
  const roles = new Map(defaultClusterRoles().map((each) => [each.metadata.name, each]));

  test.each([
    'cluster-admin', 'admin', 'edit', 'view', 'system:aggregate-to-admin', 'system:aggregate-to-edit', 'system:aggregate-to-view', 'system:discovery', 'system:basic-user',
    'system:public-info-viewer', 'system:node', 'system:node-proxier', 'system:node-bootstrapper', 'system:kube-scheduler', 'system:kube-controller-manager', 'system:kube-dns', 'system:kubelet-api-admin',
    'system:auth-delegator', 'system:volume-scheduler', 'system:controller:deployment-controller', 'system:controller:generic-garbage-collector', 'system:controller:root-ca-cert-publisher',
  ])('%s is one of them', (name) => {
    expect(roles.get(name)?.metadata).toMatchObject({ labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' }, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' } });
  });

  test('each has a name of its own, rules of a valid shape, and none twice', () => {
    expect(roles.size).toBe(defaultClusterRoles().length);
    for (const { rules: own, metadata } of [...defaultClusterRoles(), ...defaultRoles()]) {
      const rules = own ?? [];
      for (const { verbs, apiGroups, resources, nonResourceURLs } of rules) {
        expect(verbs.length).toBeGreaterThan(0);
        expect(nonResourceURLs ? !apiGroups && !resources : Boolean(apiGroups?.length && resources?.length)).toBe(true);
      }
      expect([metadata.name, new Set(rules.map((each) => JSON.stringify(each))).size]).toEqual([metadata.name, rules.length]);
    }
  });

  test('people\'s roles are aggregated, and each includes the one below', () => {
    expect(roles.get('admin')).toMatchObject({ aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' } }] } });
    expect(roles.get('edit')?.metadata.labels).toHaveProperty(['rbac.authorization.k8s.io/aggregate-to-admin'], 'true');
    expect(roles.get('view')?.metadata.labels).toHaveProperty(['rbac.authorization.k8s.io/aggregate-to-edit'], 'true');
    expect(roles.get('system:aggregate-to-view')?.rules?.some(({ resources }) => resources?.includes('secrets'))).toBe(false);
  });

  test('the scheduler elects, as Kubernetes says', () => {
    const rules = (roles.get('system:kube-scheduler')?.rules ?? []).filter(({ apiGroups }) => apiGroups?.[0] === 'coordination.k8s.io');
    expect(rules.map(({ resources, resourceNames = [], verbs }) => [...resources!, ...resourceNames, verbs.join()].join(' '))).toEqual([
      'leases create', 'leases kube-scheduler get,list,update,watch', 'leasecandidates create,delete,deletecollection,get,list,patch,update,watch',
    ]);
  });

  test('what a controller may do stands in Kubernetes\' own order', () => {
    const outline = (name: string): string[] => (roles.get(`system:controller:${name}`)?.rules ?? []).map(({ resources, verbs }) => `${verbs.join()} ${resources?.join() ?? ''}`);
    expect(outline('attachdetach-controller').slice(3, 6)).toEqual(['list,watch pods', 'create,patch,update events', 'create,delete,get,list,watch volumeattachments']);
    expect(outline('persistent-volume-binder').slice(-2)).toEqual(['create,patch,update events', 'watch events']);
    expect(outline('resource-claim-controller').slice(-2)).toEqual(['create,patch,update events', 'patch,update resourceclaims/binding']);
    expect(outline('selinux-warning-controller')).toHaveLength(5);
    expect(outline('device-taint-eviction-controller').at(-1)).toBe('create,patch,update events');
  });

  test('every binding has its role', () => {
    for (const { roleRef } of defaultClusterRoleBindings()) expect(roles.has(roleRef.name)).toBe(true);
    const own = new Set(defaultRoles().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    for (const { roleRef, metadata } of defaultRoleBindings()) expect(own.has(`${metadata.namespace}/${roleRef.name}`)).toBe(true);
  });

  test('every controller\'s account is bound to its role; nodes to none', () => {
    const bindings = new Map(defaultClusterRoleBindings().map((each) => [each.metadata.name, each]));
    for (const name of [...roles.keys()].filter((each) => each?.startsWith('system:controller:'))) {
      expect(bindings.get(name)?.subjects).toEqual([{ kind: 'ServiceAccount', name: name?.slice('system:controller:'.length), namespace: 'kube-system' }]);
    }
    expect(bindings.get('system:node')?.subjects).toBeUndefined();
  });
});

describe('reconciling', () => {
  const wanted: Draft<V1ClusterRole> = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r', labels: { a: '1' }, annotations: { b: '1' } }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }] };

  test('what is missing is added, what was added stays', () => {
    const present = { ...wanted, metadata: { name: 'r', labels: { a: '2', own: 'x' } }, rules: [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get'] }] };
    expect(reconcileRole(present, wanted)).toEqual({
      ...wanted,
      metadata: { name: 'r', labels: { a: '2', own: 'x' }, annotations: { b: '1' } },
      rules: [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get'] }, { apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
    });
  });

  test('further selectors of an aggregated role stay; one that is not to be aggregated is no longer', () => {
    const selector = (label: string): NonNullable<V1ClusterRole['aggregationRule']> => ({ clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] });
    const aggregated = { ...wanted, aggregationRule: selector('a') };
    expect(reconcileRole({ ...wanted, aggregationRule: selector('own') }, aggregated)?.aggregationRule).toEqual({ clusterRoleSelectors: [{ matchLabels: { own: 'true' } }, { matchLabels: { a: 'true' } }] });
    expect(reconcileRole({ ...wanted, aggregationRule: { clusterRoleSelectors: [...selector('a').clusterRoleSelectors!, ...selector('own').clusterRoleSelectors!] } }, aggregated)).toBeUndefined();
    expect(reconcileRole(aggregated, wanted)).toEqual(wanted);
  });

  test('nothing is done where nothing is missing, or where it is switched off', () => {
    expect(reconcileRole({ ...wanted, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }, wanted)).toBeUndefined();
    expect(reconcileRole({ ...wanted, metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } }, rules: [] }, wanted)).toBeUndefined();
  });

  test('a binding gets missing subjects; one of another role is made anew', () => {
    const binding = defaultClusterRoleBindings()[0]!;
    expect(reconcileBinding(binding, binding)).toBeUndefined();
    expect(reconcileBinding({ ...binding, subjects: [] }, binding)).toEqual({ kind: 'update', binding });
    expect(reconcileBinding({ ...binding, roleRef: { ...binding.roleRef, name: 'view' } }, binding)).toEqual({ kind: 'recreate' });
  });
});

test('the loopback sends as the server itself, and throws refusals', async () => {
  const role = builtinDefinitions.find(({ plural }) => plural === 'clusterroles')!;
  const seen: string[] = [];
  const loopback = new Loopback(
    {
      handle: async ({ method, path, clientCertificate }) => {
        seen.push(`${method} ${path} ${clientCertificate?.organizations.join()}`);
        const body = Buffer.from(JSON.stringify({ kind: 'Status', reason: path.endsWith('gone') ? 'NotFound' : 'Forbidden', code: 403, message: 'no' }));
        return { status: 403, headers: {}, body };
      },
    },
    new AbortController().signal,
  );
  await expect(loopback.get(role, '', 'gone')).resolves.toBeUndefined();
  await expect(loopback.get(role, '', 'system:node')).rejects.toMatchObject({ reason: 'Forbidden' });
  expect(seen[1]).toBe('GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode system:masters');
});
