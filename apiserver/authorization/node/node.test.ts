import type { V1PersistentVolume, V1Pod, V1PodSpec } from '../../../api/generated/types.ts';
import { nodeRules } from '../../bootstrap/roles/componentRoles.ts';
import type { AuthorizationAttributes, Decision } from '../../types.ts';
import { NodeAuthorizer } from './nodeAuthorizer.ts';
import { NodeGraph } from './nodeGraph.ts';

const meta = (name: string, namespace = 'default'): V1Pod['metadata'] => ({ name, namespace, uid: `u-${name}`, resourceVersion: '1', creationTimestamp: '' });

const podOn = (nodeName: string | undefined, spec: Partial<V1PodSpec> = {}, name = 'web'): V1Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: meta(name), spec: { containers: [{ name: 'c' }], serviceAccountName: 'robot', ...(nodeName === undefined ? {} : { nodeName }), ...spec },
});

function world(...pods: V1Pod[]): { graph: NodeGraph; authorizer: NodeAuthorizer } {
  const graph = new NodeGraph();
  for (const pod of pods) graph.put('pods', pod);
  return { graph, authorizer: new NodeAuthorizer(graph, nodeRules) };
}

const ask = (authorizer: NodeAuthorizer, verb: string, resource: string, rest: Partial<AuthorizationAttributes> = {}): Decision => {
  const [plural = '', subresource = ''] = resource.split('/');
  return authorizer.authorize({
    user: { name: 'system:node:n1', groups: ['system:nodes'] }, verb, isResourceRequest: true, path: '', group: '', version: 'v1', resource: plural, subresource, namespace: 'default', name: '', ...rest,
  });
};

describe('the graph', () => {
  const secretsOf = (spec: Partial<V1PodSpec>, name: string): boolean => world(podOn('n1', spec)).graph.isRelated('n1', 'secrets', 'default', name);

  it.each<[string, Partial<V1PodSpec>]>([
    ['a volume', { volumes: [{ name: 'v', secret: { secretName: 's' } }] }],
    ['a projected volume', { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 's' } }] } }] }],
    ['an environment variable', { containers: [{ name: 'c', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }] }],
    ['an environment of an init container', { initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 's' } }] }] }],
    ['a pull secret', { imagePullSecrets: [{ name: 's' }] }],
    ['a CSI volume', { volumes: [{ name: 'v', csi: { driver: 'd', nodePublishSecretRef: { name: 's' } } }] }],
  ])('finds a secret by %s', (_where, spec) => {
    expect(secretsOf(spec, 's')).toBe(true);
    expect(secretsOf(spec, 'other')).toBe(false);
  });

  test('a secret of a volume is there for the nodes whose pods use the claim', () => {
    const { graph } = world(podOn('n1', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }));
    const volume: V1PersistentVolume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: meta('pv', ''), spec: { claimRef: { namespace: 'default', name: 'data' }, csi: { driver: 'd', volumeHandle: 'h', nodeStageSecretRef: { name: 's', namespace: 'vault' } } } };
    graph.put('persistentvolumes', volume);
    expect(graph.isRelated('n1', 'persistentvolumes', '', 'pv')).toBe(true);
    expect(graph.isRelated('n1', 'secrets', 'vault', 's')).toBe(true);
    expect(graph.isRelated('n2', 'secrets', 'vault', 's')).toBe(false);
    graph.remove('persistentvolumes', volume);
    expect(graph.isRelated('n1', 'secrets', 'vault', 's')).toBe(false);
  });

  test('forgets with the last pod of the node, and follows a pod to its node', () => {
    const spec = { volumes: [{ name: 'v', configMap: { name: 'settings' } }] };
    const { graph } = world(podOn('n1', spec, 'a'), podOn('n1', spec, 'b'), podOn(undefined, spec, 'c'));
    const related = (node: string): boolean => graph.isRelated(node, 'configmaps', 'default', 'settings');
    graph.remove('pods', podOn('n1', spec, 'a'));
    expect(related('n1')).toBe(true);
    graph.remove('pods', podOn('n1', spec, 'b'));
    expect(related('n1')).toBe(false);
    graph.put('pods', podOn('n2', spec, 'c'));
    expect(related('n2')).toBe(true);
  });

  test('a mirror pod gives its node nothing', () => {
    const mirror = podOn('n1', { volumes: [{ name: 'v', secret: { secretName: 's' } }] });
    mirror.metadata.annotations = { 'kubernetes.io/config.mirror': 'x' };
    const { graph } = world(mirror);
    expect(graph.isRelated('n1', 'secrets', 'default', 's')).toBe(false);
    expect(graph.isRelated('n1', 'pods', 'default', 'web')).toBe(true);
  });
});

describe('the authorizer', () => {
  const { authorizer } = world(podOn('n1', { volumes: [{ name: 'v', secret: { secretName: 's' } }] }));

  it.each<[string, string, Partial<AuthorizationAttributes>]>([
    ['get', 'secrets', { name: 's' }],
    ['watch', 'secrets', { name: 's' }],
    ['create', 'serviceaccounts/token', { name: 'robot' }],
    ['get', 'pods', { name: 'web' }],
    ['list', 'pods', { namespace: '', fieldSelector: 'spec.nodeName=n1' }],
    ['patch', 'pods/status', { name: 'web' }],
    ['create', 'pods/eviction', { name: 'web' }],
    ['get', 'nodes', { namespace: '', name: 'n1' }],
    ['create', 'nodes', { namespace: '' }],
    ['patch', 'nodes/status', { namespace: '', name: 'n1' }],
    ['update', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-node-lease', name: 'n1' }],
    ['create', 'certificatesigningrequests', { group: 'certificates.k8s.io', namespace: '' }],
    ['list', 'services', { namespace: '' }],
    ['list', 'runtimeclasses', { group: 'node.k8s.io', namespace: '' }],
    ['deletecollection', 'resourceslices', { group: 'resource.k8s.io', namespace: '', fieldSelector: 'spec.nodeName=n1,spec.driver=d' }],
  ])('a node may %s %s (%j)', (verb, resource, rest) => {
    expect(ask(authorizer, verb, resource, rest)).toEqual({ allowed: true, reason: '' });
  });

  it.each<[string, string, Partial<AuthorizationAttributes>, string]>([
    ['get', 'secrets', { name: 'other' }, "no relationship found between node 'n1' and this object"],
    ['list', 'secrets', {}, 'No Object name found'],
    ['list', 'configmaps', { namespace: '' }, 'can only read namespaced object of this type'],
    ['delete', 'secrets', { name: 's' }, 'can only read resources of this type'],
    ['list', 'persistentvolumes', { namespace: '' }, 'can only get individual resources of this type'],
    ['create', 'serviceaccounts/token', { name: 'default' }, "no relationship found between node 'n1' and this object"],
    ['list', 'pods', { namespace: '' }, 'can only list/watch pods with spec.nodeName field selector'],
    ['list', 'pods', { namespace: '', fieldSelector: 'spec.nodeName!=n1' }, 'can only list/watch pods with spec.nodeName field selector'],
    ['list', 'nodes', { namespace: '' }, "node 'n1' cannot read all nodes, only its own Node object"],
    ['get', 'nodes', { namespace: '', name: 'n2' }, "node 'n1' cannot read 'n2', only its own Node object"],
    ['get', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-node-lease', name: 'n2' }, 'can only access node lease with the same name as the requesting node'],
    ['get', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-system', name: 'n1' }, 'can only access leases in the "kube-node-lease" system namespace'],
    ['get', 'csinodes', { group: 'storage.k8s.io', namespace: '', name: 'n2' }, 'can only access CSINode with the same name as the requesting node'],
    ['list', 'resourceslices', { group: 'resource.k8s.io', namespace: '' }, 'can only list/watch/deletecollection resourceslices with nodeName field selector'],
    ['delete', 'nodes', { namespace: '', name: 'n1' }, ''],
    ['get', 'deployments', { group: 'apps', name: 'x' }, ''],
  ])('a node may not %s %s (%j)', (verb, resource, rest, reason) => {
    expect(ask(authorizer, verb, resource, rest)).toMatchObject({ allowed: false, reason });
  });

  test('others are none of its business', () => {
    expect(ask(authorizer, 'get', 'secrets', { name: 's', user: { name: 'system:node:n1', groups: ['system:authenticated'] } })).toEqual({ allowed: false, reason: '' });
    expect(ask(authorizer, 'get', 'secrets', { name: 's', user: { name: 'jane', groups: ['system:nodes'] } })).toEqual({ allowed: false, reason: '' });
    expect(ask(authorizer, 'get', 'pods', { user: { name: 'system:node:', groups: ['system:nodes'] } })).toMatchObject({ reason: 'unknown node for user "system:node:"' });
  });
});
