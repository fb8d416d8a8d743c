import type { V1Node, V1OwnerReference, V1Pod, V1PodSpec } from '../../api/generated/types.ts';
import { builtinDefinitions } from '../../api/kinds/index.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { createSigningKey } from '../../process/certificates.ts';
import { newSigningRequest } from '../../process/newSigningRequest.ts';
import type { Storage, StoredObject, WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes } from '../types.ts';
import { forbiddenLabels } from './nodeLabels.ts';
import { NodeRestriction } from './nodeRestriction.ts';
import { StoredObjects } from './storedObjects.ts';

const OWNER: V1OwnerReference = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'node-1', controller: true };

const podOn = (nodeName: string, spec: Partial<V1PodSpec> = {}, metadata: Partial<V1Pod['metadata']> = {}): V1Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', uid: 'pod-1', resourceVersion: '1', creationTimestamp: '', ...metadata }, spec: { nodeName, containers: [{ name: 'c' }], ...spec },
});
const mirror = (spec: Partial<V1PodSpec> = {}, metadata: Partial<V1Pod['metadata']> = {}): V1Pod =>
  podOn('n1', spec, { annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [OWNER], ...metadata });
const nodeOf = (metadata: Partial<V1Node['metadata']> = {}, spec: V1Node['spec'] = {}): V1Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', uid: 'node-1', resourceVersion: '1', creationTimestamp: '', ...metadata }, spec });

function judge(plural: string, rest: Partial<AdmissionAttributes>, pods: V1Pod[] = []): Promise<void> {
  const all = [...pods.map((pod): [string, KubeObject] => [`/registry/pods/default/${pod.metadata.name}`, pod]), ['/registry/nodes/n1', nodeOf()] as const];
  const byKey = new Map(all.map(([key, object]): [string, StoredObject] => [key, { key, object, revision: 1, bytes: Buffer.alloc(0) }]));
  const cache: Pick<WatchCache, 'get'> = { get: (key) => byKey.get(key) };
  const storage: Pick<Storage, 'get'> = { get: async (key) => byKey.get(key) };
  const definition = builtinDefinitions.find((each) => each.plural === plural)!;
  return new NodeRestriction(new StoredObjects(cache as WatchCache, storage)).validate({
    operation: 'CREATE', definition, namespace: definition.namespaced ? 'default' : '', name: 'web', subresource: '', object: undefined, previous: undefined, user: { name: 'system:node:n1', groups: ['system:nodes'] }, dryRun: false, warn: () => undefined, ...rest,
  });
}

const refusal = (why: string): object => ({ code: 403, message: expect.stringContaining(why) });

describe('pods', () => {
  test('a node mirrors its static pods', async () => {
    await expect(judge('pods', { object: mirror() })).resolves.toBeUndefined();
  });

  it.each<[string, V1Pod]>([
    ['pods "web" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods', podOn('n1')],
    ['node "n1" can only create pods with spec.nodeName set to itself', mirror({ nodeName: 'n2' })],
    ['node "n1" can only create pods with an owner reference set to itself', mirror({}, { ownerReferences: [] })],
    ['node "n1" can only create pods with a single owner reference set to itself', mirror({}, { ownerReferences: [OWNER, OWNER] })],
    ['node "n1" must not set blockOwnerDeletion on an owner reference', mirror({}, { ownerReferences: [{ ...OWNER, blockOwnerDeletion: true }] })],
    ['node n1 UID mismatch: expected other got node-1', mirror({}, { ownerReferences: [{ ...OWNER, uid: 'other' }] })],
    ['node "n1" can not create pods that reference serviceaccounts', mirror({ serviceAccountName: 'robot' })],
    ['node "n1" can not create pods that reference csidrivers (via CSI volumes)', mirror({ volumes: [{ name: 'v', csi: { driver: 'd' } }] })],
    ['node "n1" can not create pods that reference serviceaccounts (via projected volumes)', mirror({ volumes: [{ name: 'v', projected: { sources: [{ downwardAPI: {} }, { serviceAccountToken: { path: 't' } }] } }] })],
    ['node "n1" can not create pods that reference secrets', mirror({ volumes: [{ name: 'v', secret: { secretName: 's' } }] })],
    ['node "n1" can not create pods that reference configmaps', mirror({ containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'c' } }] }] })],
    ['node "n1" can not create pods that reference persistentvolumeclaims', mirror({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'p' } }] })],
  ])('%s', async (why, object) => {
    await expect(judge('pods', { object })).rejects.toMatchObject(refusal(why));
  });

  test('it deletes, evicts and reports on its own', async () => {
    await expect(judge('pods', { operation: 'DELETE', previous: podOn('n1') })).resolves.toBeUndefined();
    await expect(judge('pods', { operation: 'DELETE', previous: podOn('n2') })).rejects.toMatchObject(refusal('node "n1" can only delete pods with spec.nodeName set to itself'));
    await expect(judge('pods', { subresource: 'eviction' }, [podOn('n1')])).resolves.toBeUndefined();
    await expect(judge('pods', { subresource: 'eviction' }, [podOn('n2')])).rejects.toMatchObject(refusal('node n1 can only evict pods with spec.nodeName set to itself'));
    const report = (object: V1Pod, previous: V1Pod): Promise<void> => judge('pods', { operation: 'UPDATE', subresource: 'status', object, previous });
    await expect(report(podOn('n1'), podOn('n1'))).resolves.toBeUndefined();
    await expect(report(podOn('n2'), podOn('n2'))).rejects.toMatchObject(refusal('node "n1" can only update pod status for pods with spec.nodeName set to itself'));
    await expect(report(podOn('n1', {}, { labels: { a: 'b' } }), podOn('n1'))).rejects.toMatchObject(refusal('node "n1" cannot update labels through pod status'));
    await expect(judge('pods', { operation: 'UPDATE', subresource: 'ephemeralcontainers', object: podOn('n1') })).rejects.toMatchObject(refusal(`unexpected pod subresource "ephemeralcontainers", only 'status' and 'eviction' are allowed`));
  });
});

describe('its Node', () => {
  const update = (object: V1Node, previous: V1Node): Promise<void> => judge('nodes', { operation: 'UPDATE', name: 'n1', object, previous });

  test('no other', async () => {
    await expect(judge('nodes', { name: 'n2', object: nodeOf() })).rejects.toMatchObject(refusal('nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"'));
  });
  test('without a role, taints or owners of its choice', async () => {
    await expect(judge('nodes', { name: 'n1', object: nodeOf({ labels: { 'kubernetes.io/hostname': 'n1', 'example.com/x': 'y' } }, { taints: [{ key: 'a', effect: 'NoSchedule' }] }) })).resolves.toBeUndefined();
    await expect(judge('nodes', { name: 'n1', object: nodeOf({ labels: { 'node-role.kubernetes.io/control-plane': '' } }) })).rejects.toMatchObject(refusal('node "n1" is not allowed to set the following labels: node-role.kubernetes.io/control-plane'));
    await expect(update(nodeOf({}, { taints: [] }), nodeOf({}, { taints: [{ key: 'a', effect: 'NoSchedule' }] }))).rejects.toMatchObject(refusal('node "n1" is not allowed to modify taints'));
    await expect(update(nodeOf({ labels: {} }), nodeOf({ labels: { 'x.node-restriction.kubernetes.io/a': '' } }))).rejects.toMatchObject(refusal('is not allowed to modify labels: x.node-restriction.kubernetes.io/a'));
    await expect(update(nodeOf({ ownerReferences: [OWNER] }), nodeOf())).rejects.toMatchObject(refusal('node "n1" is not allowed to modify ownerReferences'));
    await expect(update(nodeOf({ labels: { 'node.kubernetes.io/a': 'b' } }), nodeOf())).resolves.toBeUndefined();
  });
  test('which labels', () => {
    expect(forbiddenLabels(['topology.kubernetes.io/zone', 'z.k8s.io/a', 'kubernetes.io/role', 'plain', 'a.kubelet.kubernetes.io/b', 'notkubernetes.io/x'])).toEqual(['kubernetes.io/role', 'z.k8s.io/a']);
  });
});

test('tokens are for its own pods, and their audiences', async () => {
  const token = (boundObjectRef: object | undefined, audiences: string[] = [], pod = podOn('n1', { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }, { serviceAccountToken: { path: 'u', audience: 'vault' } }] } }] })): Promise<void> =>
    judge('serviceaccounts', { name: 'robot', subresource: 'token', object: { apiVersion: '', kind: '', metadata: {}, spec: { audiences, boundObjectRef } } as unknown as IncomingObject }, [pod]);
  const bound = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'pod-1' };
  await expect(token(bound)).resolves.toBeUndefined();
  await expect(token(bound, ['vault'])).resolves.toBeUndefined();
  await expect(token(undefined)).rejects.toMatchObject(refusal('serviceaccounts "robot" is forbidden: node requested token not bound to a pod'));
  await expect(token({ ...bound, uid: '' })).rejects.toMatchObject(refusal('node requested token with a pod binding without a uid'));
  await expect(token({ ...bound, uid: 'old' })).rejects.toMatchObject(refusal('the UID in the bound object reference (old) does not match the UID in record'));
  await expect(token(bound, [], podOn('n2'))).rejects.toMatchObject(refusal('node requested token bound to a pod scheduled on a different node'));
  await expect(token(bound, ['other'])).rejects.toMatchObject(refusal('audience "other" not found in pod spec volume'));
});

test('its lease and its CSINode', async () => {
  await expect(judge('leases', { namespace: 'kube-node-lease', name: 'n1' })).resolves.toBeUndefined();
  await expect(judge('leases', { namespace: 'kube-node-lease', name: 'n2' })).rejects.toMatchObject(refusal('can only access node lease with the same name as the requesting node'));
  await expect(judge('leases', { namespace: 'kube-system', name: 'n1' })).rejects.toMatchObject(refusal('can only access leases in the "kube-node-lease" system namespace'));
  await expect(judge('csinodes', { name: 'n2' })).rejects.toMatchObject(refusal('can only access CSINode with the same name as the requesting node'));
});

test('it asks for certificates in its own name', async () => {
  const ask = async (commonName: string): Promise<void> => {
    const pem = await newSigningRequest(createSigningKey().privateKey, { commonName, organizations: ['system:nodes'], names: [] });
    const spec = { signerName: 'kubernetes.io/kubelet-serving', request: Buffer.from(pem).toString('base64'), usages: [] };
    return judge('certificatesigningrequests', { object: { apiVersion: '', kind: '', metadata: {}, spec } as unknown as IncomingObject });
  };
  await expect(ask('system:node:n1')).resolves.toBeUndefined();
  await expect(ask('system:node:n2')).rejects.toMatchObject(refusal('can only create a node CSR with CN=system:node:n1'));
});

test('others are not restricted', async () => {
  await expect(judge('pods', { object: podOn('n2'), user: { name: 'jane', groups: [] } })).resolves.toBeUndefined();
  await expect(judge('pods', { object: podOn('n2'), user: { name: 'system:node:', groups: ['system:nodes'] } })).rejects.toMatchObject(refusal('could not determine node from user "system:node:"'));
});
