import type { V1Pod } from '../../../api/generated/types.ts';
import { DeviceClasses, Pods, ResourceClaims, ResourceClaimTemplates, ResourceSlices } from '../../../client/resources.ts';
import { ConformanceCluster } from '../conformanceCluster.ts';
import { expectResourceOperations } from '../resourceTest.ts';

let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ scheduler: false, controllers: ['serviceaccount-controller', 'namespace-controller'] });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const label = (object: { metadata: { labels?: Record<string, string> } }): void => {
  object.metadata.labels = { ...object.metadata.labels, foo: 'bar' };
};
const LABELLED = { merge: { metadata: { labels: { foo: 'bar' } } }, json: [{ op: 'add', path: '/metadata/labels/foo', value: 'bar' }], update: label };
const CLAIM = { devices: { requests: [{ name: 'req-0', exactly: { deviceClassName: 'example-class' } }] } };

describe('[DRA] CRUD Tests', () => {
  test('resource.k8s.io/v1 DeviceClass', async () => {
    const selectors = [{ cel: { expression: 'device.driver == "dra.example.com"' } }];
    await expectResourceOperations(cluster, {
      resource: DeviceClasses,
      initial: { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'test-class' }, spec: {} },
      update: ({ spec }) => void (spec.selectors = selectors),
      merge: { spec: { selectors } },
      json: [{ op: 'add', path: '/spec/selectors', value: selectors }],
    });
  });

  test('resource.k8s.io/v1 ResourceClaim', () =>
    expectResourceOperations(cluster, {
      resource: ResourceClaims,
      namespace,
      initial: { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name: 'test' }, spec: CLAIM },
      ...LABELLED,
      updateStatus: {
        change: (claim) => void (claim.status = { allocation: { devices: { results: [{ request: 'req-0', driver: 'dra.example.com', pool: 'some-pool', device: 'some-device' }] } } }),
        apply: { status: { allocation: { devices: { results: [{ request: 'req-0', driver: 'dra.example.com', pool: 'some-pool', device: 'some-device' }] } } } },
      },
    }));

  test('resource.k8s.io/v1 ResourceClaimTemplate', () =>
    expectResourceOperations(cluster, {
      resource: ResourceClaimTemplates,
      namespace,
      initial: { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate', metadata: { name: 'test' }, spec: { spec: CLAIM } },
      ...LABELLED,
    }));

  test('resource.k8s.io/v1 ResourceSlice', () =>
    expectResourceOperations(cluster, {
      resource: ResourceSlices,
      initial: {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'ResourceSlice',
        metadata: { name: 'test-slice' },
        spec: { driver: 'dra.example.com', nodeName: 'no-such-node', pool: { name: 'some-pool', generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'some-device' }] },
      },
      ...LABELLED,
    }));
});

test('[DRA] validate ResourceClaimTemplate and ResourceClaim for admin access', async () => {
  const spec = { devices: { requests: [{ name: 'req-0', exactly: { deviceClassName: 'example-class', adminAccess: true } }] } };
  const make = (name: string) => cluster.client.create(ResourceClaims, { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name, namespace }, spec });
  const template = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate', metadata: { name: 'template', namespace }, spec: { spec } };
  const refused = { reason: 'Invalid', message: expect.stringContaining("admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace") };
  await expect(make('claim')).rejects.toMatchObject(refused);
  await expect(cluster.client.create(ResourceClaimTemplates, template)).rejects.toMatchObject(refused);
  await cluster.json('PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { labels: { 'resource.kubernetes.io/admin-access': 'true' } } }, 'application/merge-patch+json');
  expect((await make('claim')).spec?.devices?.requests?.[0]?.exactly?.adminAccess).toBe(true);
  expect((await cluster.client.create(ResourceClaimTemplates, template)).spec.spec?.devices?.requests?.[0]?.exactly?.adminAccess).toBe(true);
});

test('a pod may name claims and templates of claims', async () => {
  const pod: V1Pod = await cluster.client.create(Pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'with-claims', namespace },
    spec: {
      resourceClaims: [{ name: 'own', resourceClaimName: 'claim' }, { name: 'made', resourceClaimTemplateName: 'template' }],
      containers: [{ name: 'c', image: 'pause:3', resources: { claims: [{ name: 'own' }, { name: 'made', request: 'req-0' }] } }],
    },
  });
  expect(pod.spec?.containers[0]?.resources?.claims).toEqual([{ name: 'own' }, { name: 'made', request: 'req-0' }]);
});
