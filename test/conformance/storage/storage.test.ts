import type { V1CSIDriver, V1PersistentVolume, V1PersistentVolumeClaim, V1StorageClass, V1VolumeAttachment, V1VolumeAttributesClass } from '../../../api/generated/types.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { CSIDrivers, CSINodes, PersistentVolumeClaims, PersistentVolumes, Pods, StorageClasses, VolumeAttachments, VolumeAttributesClasses } from '../../../client/resources.ts';
import type { Resource } from '../../../client/types.ts';
import { supportsApiOperations } from '../apimachinery/apiOperations.ts';
import { ConformanceCluster, MERGE } from '../conformanceCluster.ts';
import { expectResourceOperations } from '../resourceTest.ts';

let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1'] });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const patchLabel = async <T extends KubeObject>(resource: Resource<T>, name: string, key: string, inside?: string): Promise<T> => {
  const patched = await cluster.client.patch(resource, name, inside, MERGE, { metadata: { labels: { [key]: 'patched' } } });
  expect(patched.metadata.labels).toMatchObject({ [key]: 'patched' });
  return patched;
};
const updateLabel = async <T extends KubeObject>(resource: Resource<T>, name: string, key: string, inside?: string): Promise<void> => {
  const updated = await cluster.update(resource, name, inside, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, [key]: 'updated' };
  });
  expect(updated.metadata.labels).toMatchObject({ [key]: 'updated' });
};
const count = async (resource: Resource, labelSelector: string): Promise<number> => (await cluster.client.list(resource, { labelSelector })).items.length;

/** Get, patch, list, delete, and once more with an update and the collection: the lifecycle of the kinds without a status. */
async function expectLifecycle<T extends KubeObject>(resource: Resource<T>, make: (name: string) => Promise<T>): Promise<void> {
  const first = await make('e2e-first');
  expect((await cluster.client.get(resource, 'e2e-first')).metadata.uid).toBe(first.metadata.uid);
  await patchLabel(resource, 'e2e-first', 'e2e-first');
  expect(await count(resource, 'e2e-first=patched')).toBe(1);
  await cluster.client.delete(resource, 'e2e-first');
  await cluster.untilGone(resource, 'e2e-first');
  await make('e2e-second');
  await updateLabel(resource, 'e2e-second', 'e2e-second');
  await cluster.deleteCollection(resource, undefined, 'e2e-second=updated');
  await cluster.untilGone(resource, 'e2e-second');
}

describe('CSIInlineVolumes', () => {
  const makeDriver = (name: string): Promise<V1CSIDriver> =>
    cluster.client.create(CSIDrivers, { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name, labels: { 'e2e-test': namespace } }, spec: { attachRequired: false, podInfoOnMount: true, volumeLifecycleModes: ['Ephemeral'] } });

  test('should support CSIVolumeSource in Pod API', async () => {
    await makeDriver('inline-driver');
    const made = await cluster.client.create(Pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod-csi-inline-volumes', namespace, labels: { name: 'pod-csi' } },
      spec: { volumes: [{ name: 'vol', csi: { driver: 'inline-driver', readOnly: false } }], containers: [{ name: 'c', image: 'pause:3', volumeMounts: [{ name: 'vol', mountPath: '/mnt' }] }] },
    });
    expect((await cluster.client.get(Pods, 'pod-csi-inline-volumes', namespace)).spec?.volumes?.[0]).toEqual(made.spec?.volumes?.[0]);
    await patchLabel(Pods, 'pod-csi-inline-volumes', 'e2e', namespace);
    expect((await cluster.client.list(Pods, { namespace, labelSelector: 'e2e=patched' })).items).toHaveLength(1);
    await cluster.client.delete(Pods, 'pod-csi-inline-volumes', namespace);
    await cluster.untilGone(Pods, 'pod-csi-inline-volumes', namespace);
  });

  test('should run through the lifecycle of a CSIDriver', async () => {
    await makeDriver('driver-a');
    await makeDriver('driver-b');
    await patchLabel(CSIDrivers, 'driver-a', 'driver-a');
    await updateLabel(CSIDrivers, 'driver-a', 'driver-a');
    expect(await count(CSIDrivers, `e2e-test=${namespace}`)).toBe(2);
    await cluster.client.delete(CSIDrivers, 'driver-a');
    expect(await count(CSIDrivers, `e2e-test=${namespace}`)).toBe(1);
    await cluster.deleteCollection(CSIDrivers, undefined, `e2e-test=${namespace}`);
    expect(await count(CSIDrivers, `e2e-test=${namespace}`)).toBe(0);
  });
});

test('CSINodes CSI Conformance should run through the lifecycle of a csinode', () =>
  expectLifecycle(CSINodes, (name) => cluster.client.create(CSINodes, { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers: [{ name: 'e2e-driver', nodeID: name, topologyKeys: [] }] } })));

test('CSIStorageCapacity should support CSIStorageCapacities API operations', () =>
  supportsApiOperations(cluster.caller, { group: 'storage.k8s.io', version: 'v1', plural: 'csistoragecapacities', namespace, object: { storageClassName: 'e2e-class' } }));

test('StorageClasses CSI Conformance should run through the lifecycle of a StorageClass', () =>
  expectLifecycle(StorageClasses, (name): Promise<V1StorageClass> => cluster.client.create(StorageClasses, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, provisioner: 'e2e-fake-provisioner' })));

describe('VolumeAttributesClass', () => {
  const make = (name: string): Promise<V1VolumeAttributesClass> =>
    cluster.client.create(VolumeAttributesClasses, { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass', metadata: { name }, driverName: 'e2e-fake-csi-driver', parameters: { foo: 'bar' } });

  test('should run through the lifecycle of a VolumeAttributesClass', () => expectLifecycle(VolumeAttributesClasses, make));

  test('VolumeAttributesClass API availability', () =>
    expectResourceOperations(cluster, {
      resource: VolumeAttributesClasses,
      initial: { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass', metadata: { name: 'test' }, driverName: 'e2e-fake-csi-driver', parameters: { foo: 'bar' } },
      update: ({ metadata }) => void (metadata.labels = { ...metadata.labels, foo: 'bar' }),
      // An apply without the parameters leaves them: another one owns them.
      merge: { metadata: { labels: { foo: 'bar' } }, driverName: 'e2e-fake-csi-driver' },
      json: [{ op: 'add', path: '/metadata/labels/foo', value: 'bar' }],
    }));
});

describe('PersistentVolumes CSI Conformance', () => {
  const makeVolume = (name: string): Promise<V1PersistentVolume> =>
    cluster.client.create(PersistentVolumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, labels: { 'e2e-pv-pool': namespace } },
      spec: { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', storageClassName: name, csi: { driver: 'e2e-driver', volumeHandle: 'e2e-vol' } },
    });
  const makeClaim = (name: string): Promise<V1PersistentVolumeClaim> =>
    cluster.client.create(PersistentVolumeClaims, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace, labels: { 'e2e-pv-pool': namespace } }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: name, resources: { requests: { storage: '1Gi' } } } });

  test('should run through the lifecycle of a PV and a PVC', async () => {
    const [pv, pvc] = [await makeVolume('pv-1'), await makeClaim('pvc-1')];
    expect(await count(PersistentVolumes, `e2e-pv-pool=${namespace}`)).toBe(1);
    expect((await cluster.client.list(PersistentVolumeClaims, { namespace })).items).toHaveLength(1);
    await patchLabel(PersistentVolumes, 'pv-1', 'pv-1');
    await patchLabel(PersistentVolumeClaims, 'pvc-1', 'pvc-1', namespace);
    expect((await cluster.client.get(PersistentVolumes, 'pv-1')).metadata.uid).toBe(pv.metadata.uid);
    expect((await cluster.client.get(PersistentVolumeClaims, 'pvc-1', namespace)).metadata.uid).toBe(pvc.metadata.uid);
    await cluster.client.delete(PersistentVolumeClaims, 'pvc-1', namespace);
    await cluster.untilGone(PersistentVolumeClaims, 'pvc-1', namespace);
    await cluster.client.delete(PersistentVolumes, 'pv-1');
    await cluster.untilGone(PersistentVolumes, 'pv-1');
    await makeVolume('pv-2');
    await makeClaim('pvc-2');
    await updateLabel(PersistentVolumes, 'pv-2', 'pv-2');
    await updateLabel(PersistentVolumeClaims, 'pvc-2', 'pvc-2', namespace);
    await cluster.deleteCollection(PersistentVolumeClaims, namespace, 'pvc-2=updated');
    await cluster.untilGone(PersistentVolumeClaims, 'pvc-2', namespace);
    await cluster.deleteCollection(PersistentVolumes, undefined, 'pv-2=updated');
    await cluster.untilGone(PersistentVolumes, 'pv-2');
  });

  test('should apply changes to a pv/pvc status', async () => {
    await makeVolume('pv-status');
    await makeClaim('pvc-status');
    expect((await cluster.subresource(PersistentVolumeClaims, 'pvc-status', namespace, 'status')).status?.phase).toBe('Pending');
    expect((await cluster.subresource(PersistentVolumes, 'pv-status', undefined, 'status')).status?.phase).toMatch(/^(Pending|Available)$/);
    const claimCondition = (type: string) => ({ type, status: 'True', reason: `E2E ${type}`, message: 'Set from an e2e test', lastTransitionTime: '2026-01-01T00:00:00Z' });
    const patchedClaim = await cluster.client.patch(PersistentVolumeClaims, 'pvc-status', namespace, MERGE, { status: { conditions: [claimCondition('StatusPatched')] } }, 'status');
    expect(patchedClaim.status?.conditions).toMatchObject([{ type: 'StatusPatched', reason: 'E2E StatusPatched' }]);
    const patchedVolume = await cluster.client.patch(PersistentVolumes, 'pv-status', undefined, MERGE, { status: { message: 'StatusPatched', reason: 'E2E patchedStatus' } }, 'status');
    expect(patchedVolume.status).toMatchObject({ message: 'StatusPatched', reason: 'E2E patchedStatus' });
    const updatedClaim = await cluster.update(PersistentVolumeClaims, 'pvc-status', namespace, ({ status }) => void status!.conditions!.push(claimCondition('StatusUpdated')), 'status');
    expect(updatedClaim.status?.conditions).toMatchObject([{ type: 'StatusPatched' }, { type: 'StatusUpdated' }]);
    const updatedVolume = await cluster.update(PersistentVolumes, 'pv-status', undefined, ({ status }) => void Object.assign(status!, { message: 'StatusUpdated', reason: 'E2E updateStatus' }), 'status');
    expect(updatedVolume.status).toMatchObject({ message: 'StatusUpdated', reason: 'E2E updateStatus' });
  });
});

describe('VolumeAttachment Conformance', () => {
  const make = (name: string): Promise<V1VolumeAttachment> =>
    cluster.client.create(VolumeAttachments, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name, uid: name },
      spec: { attacher: 'e2e-test.storage.k8s.io', nodeName: 'n1', source: { persistentVolumeName: `pv-${name}` } },
      status: { attached: false },
    });

  test('should run through the lifecycle of a VolumeAttachment', async () => {
    await expectLifecycle(VolumeAttachments, make);
    for (const name of ['va-2', 'va-3']) {
      await make(name);
      await updateLabel(VolumeAttachments, name, 'va-e2e');
    }
    await cluster.deleteCollection(VolumeAttachments, undefined, 'va-e2e=updated');
    expect(await count(VolumeAttachments, 'va-e2e=updated')).toBe(0);
  });

  test('should apply changes to a volumeattachment status', async () => {
    await make('va-status');
    await patchLabel(VolumeAttachments, 'va-status', 'va-status');
    expect((await cluster.subresource(VolumeAttachments, 'va-status', undefined, 'status')).status).toEqual({ attached: false });
    expect((await cluster.client.patch(VolumeAttachments, 'va-status', undefined, MERGE, { metadata: { labels: { other: 'no' } }, status: { attached: true } }, 'status')).status?.attached).toBe(true);
    const updated = await cluster.update(VolumeAttachments, 'va-status', undefined, ({ status }) => void (status!.attached = false), 'status');
    expect(updated.status?.attached).toBe(false);
    expect(updated.metadata.labels).toEqual({ 'va-status': 'patched' });
    await cluster.client.delete(VolumeAttachments, 'va-status');
    expect(await count(VolumeAttachments, 'va-status=patched')).toBe(0);
  });
});
