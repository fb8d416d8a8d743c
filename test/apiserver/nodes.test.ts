import { ApiError } from '../../api/apiError.ts';
import { ConfigMaps, CertificateSigningRequests, Nodes, Pods, Secrets, ServiceAccounts } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { createSigningKey } from '../../process/certificates.ts';
import { newSigningRequest } from '../../process/newSigningRequest.ts';
import { systemClock } from '../../process/clock.ts';
import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';

/** What a kubelet's identity may do on a real API server, with the graph kept by real watches. */
let plane: ControlPlane;
let node: RestClient;

beforeAll(async () => {
  plane = await startControlPlane({ scheduler: false, controllers: ['serviceaccount-controller'] });
  node = new RestClient(await plane.connectAs('system:node:n1', ['system:nodes']), { component: 'kubelet', clock: systemClock });
});

afterAll(async () => {
  node.close();
  await plane.close();
});

const NS = 'default';
const meta = (name: string): { name: string; namespace: string } => ({ name, namespace: NS });
const refused = (why: string): object => ({ code: 403, message: expect.stringContaining(why) });

test('a node registers itself, and nobody else, without a role of its choice', async () => {
  await node.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1' } } });
  await expect(node.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2' } })).rejects.toMatchObject(refused('nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"'));
  await expect(node.patch(Nodes, 'n1', undefined, 'application/merge-patch+json', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } })).rejects.toMatchObject(refused('is not allowed to modify labels: node-role.kubernetes.io/control-plane'));
  await expect(node.list(Nodes)).rejects.toMatchObject(refused(`nodes is forbidden: User "system:node:n1" cannot list resource "nodes" in API group "" at the cluster scope: node 'n1' cannot read all nodes, only its own Node object`));
  // It may leave; others stay.
  await plane.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2' } });
  await expect(node.delete(Nodes, 'n2')).rejects.toMatchObject(refused('node "n1" is not allowed to modify node "n2"'));
});

test('it reads what its pods need, from the moment they are bound to it until they are gone', async () => {
  const { client } = plane;
  for (const name of ['mine', 'other']) await client.create(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata: meta(name) }, NS);
  await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('settings') }, NS);
  const none = `User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node 'n1' and this object`;
  await expect(node.get(Secrets, 'mine', NS)).rejects.toMatchObject(refused(none));
  await eventually('the default account is there', async () => (await client.list(ServiceAccounts, { namespace: NS })).items[0]);
  const pod = await client.create(Pods, {
    apiVersion: 'v1', kind: 'Pod', metadata: meta('web'),
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'settings' } }] }], volumes: [{ name: 'v', secret: { secretName: 'mine' } }] },
  }, NS);
  await expect(node.get(Secrets, 'mine', NS)).resolves.toMatchObject({ metadata: { name: 'mine' } });
  await expect(node.get(ConfigMaps, 'settings', NS)).resolves.toBeDefined();
  expect((await node.list(Pods, { fieldSelector: 'spec.nodeName=n1' })).items).toHaveLength(1);
  expect((await node.list(Secrets, { namespace: NS, fieldSelector: 'metadata.name=mine' })).items).toHaveLength(1);
  await expect(node.get(Secrets, 'other', NS)).rejects.toMatchObject(refused('no relationship found'));
  await expect(node.list(Secrets, { namespace: NS })).rejects.toMatchObject(refused('No Object name found'));
  await expect(node.list(Pods)).rejects.toMatchObject(refused('can only list/watch pods with spec.nodeName field selector'));

  const token = (boundObjectRef?: object): Promise<unknown> => node.createSubresource(ServiceAccounts, 'default', NS, 'token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: boundObjectRef ? { boundObjectRef } : {} });
  await expect(token({ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: pod.metadata.uid })).resolves.toMatchObject({ status: { token: expect.any(String) } });
  await expect(token()).rejects.toMatchObject(refused('node requested token not bound to a pod'));

  await node.patch(Pods, 'web', NS, 'application/strategic-merge-patch+json', { status: { phase: 'Running' } }, 'status');
  await node.delete(Pods, 'web', NS, { gracePeriodSeconds: 0 });
  await expect(eventually('the secret is out of reach', async () => {
    try {
      await node.get(Secrets, 'mine', NS);
      return undefined;
    } catch (error) {
      return error instanceof ApiError ? error.code : undefined;
    }
  })).resolves.toBe(403);
});

test('it says which features it has; a pod of its own is not changed in a way that it does not know', async () => {
  const { client } = plane;
  const MERGE = 'application/merge-patch+json';
  const report = (declaredFeatures: readonly string[]): Promise<unknown> => node.patch(Nodes, 'n1', undefined, MERGE, { status: { declaredFeatures, allocatable: { cpu: '4', memory: '4Gi', pods: '9' }, capacity: { cpu: '4', memory: '4Gi', pods: '9' } } }, 'status');
  await client.patch(Nodes, 'n1', undefined, MERGE, { metadata: { labels: { 'kubernetes.io/os': 'linux' } } });
  await expect(report(['InPlacePodLevelResourcesVerticalScaling', 'ExtendWebSocketsToKubelet'])).rejects.toMatchObject({ code: 422, message: expect.stringContaining('status.declaredFeatures[1]: Invalid value: "ExtendWebSocketsToKubelet": list must be sorted alphabetically') });
  await report(['ExtendWebSocketsToKubelet']);
  const of = (cpu: string): object => ({ requests: { cpu }, limits: { cpu: '2' } });
  await client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: meta('grows'), spec: { nodeName: 'n1', resources: of('1'), containers: [{ name: 'c', image: 'i' }] } }, NS);
  const grow = (): Promise<unknown> => client.patch(Pods, 'grows', NS, MERGE, { spec: { resources: of('1500m') } }, 'resize');
  await expect(grow()).rejects.toMatchObject({ code: 403, message: 'pods "grows" is forbidden: pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "n1"' });
  await report(['ExtendWebSocketsToKubelet', 'InPlacePodLevelResourcesVerticalScaling']);
  await expect(grow()).resolves.toMatchObject({ spec: { resources: { requests: { cpu: '1500m' } } } });
  await client.delete(Pods, 'grows', NS, { gracePeriodSeconds: 0 });
});

test("another node's pods are none of its business", async () => {
  await plane.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: meta('far'), spec: { nodeName: 'n2', containers: [{ name: 'c', image: 'i' }] } }, NS);
  await expect(node.get(Pods, 'far', NS)).rejects.toMatchObject(refused('no relationship found'));
  await expect(node.delete(Pods, 'far', NS)).rejects.toMatchObject(refused('node "n1" can only delete pods with spec.nodeName set to itself'));
  await expect(node.patch(Pods, 'far', NS, 'application/merge-patch+json', { status: { phase: 'Failed' } }, 'status')).rejects.toMatchObject(refused('node "n1" can only update pod status for pods with spec.nodeName set to itself'));
  await expect(node.createSubresource(Pods, 'far', NS, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'far' } })).rejects.toMatchObject(refused('node n1 can only evict pods with spec.nodeName set to itself'));
  await expect(node.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: meta('own'), spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } }, NS)).rejects.toMatchObject(refused('node "n1" can only create mirror pods'));
});

test('its requests for certificates are in its own name, and it neither approves nor signs them', async () => {
  const ask = async (name: string, commonName: string): Promise<unknown> => {
    const request = Buffer.from(await newSigningRequest(createSigningKey().privateKey, { commonName, organizations: ['system:nodes'], names: [] })).toString('base64');
    return node.create(CertificateSigningRequests, { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec: { request, signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] } });
  };
  await expect(ask('own', 'system:node:n1')).resolves.toMatchObject({ spec: { username: 'system:node:n1' } });
  await expect(ask('foreign', 'system:node:n2')).rejects.toMatchObject(refused('can only create a node CSR with CN=system:node:n1'));
  await expect(node.patch(CertificateSigningRequests, 'own', undefined, 'application/merge-patch+json', { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Me' }] } }, 'approval')).rejects.toMatchObject({ code: 403 });
  // Who may approve by role still approves nothing by way of the status.
  await expect(plane.client.patch(CertificateSigningRequests, 'own', undefined, 'application/merge-patch+json', { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Me' }] } }, 'status')).rejects.toMatchObject({
    code: 422, message: expect.stringContaining('status.conditions: Forbidden: updates may not add a condition of type "Approved"'),
  });
});
