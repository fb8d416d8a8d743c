import type { Answer } from '../../rig/apiserver.ts';
import { MERGE, namesOf } from './caller.ts';
import { makeDefinition, until } from './definitions.ts';
import { usePlane } from './plane.ts';

const used = usePlane();
const ok = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer['json']> => used().caller.ok(method, path, body, headers);
const core = (namespace: string, rest: string): string => `/api/v1/namespaces/${namespace}/${rest}`;
const apps = (namespace: string, rest: string): string => `/apis/apps/v1/namespaces/${namespace}/${rest}`;
const gone = async (path: string): Promise<boolean> => (await used().caller.request('GET', path)).status === 404;
const pods = async (namespace: string): Promise<Answer['json'][]> => (await ok('GET', core(namespace, 'pods'))).items;
const template = (name: string): object => ({ metadata: { labels: { name } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'nginx', image: 'pause' }] } });
const owner = ({ apiVersion, kind, metadata }: Answer['json'], more: object = {}): object => ({ apiVersion, kind, name: metadata.name, uid: metadata.uid, ...more });
/** As long as surplus deletions would take to come. */
const aWhile = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1_500));

async function makeController(namespace: string, name: string, replicas: number): Promise<Answer['json']> {
  await ok('POST', core(namespace, 'replicationcontrollers'), { metadata: { name }, spec: { replicas, selector: { name }, template: template(name) } });
  const path = core(namespace, `replicationcontrollers/${name}`);
  await until('the pods are counted', async () => (await ok('GET', path)).status.replicas === replicas);
  return ok('GET', path);
}

async function makeDeployment(namespace: string): Promise<void> {
  await ok('POST', apps(namespace, 'deployments'), { metadata: { name: 'simpletest.deployment' }, spec: { replicas: 2, selector: { matchLabels: { name: 'd' } }, template: template('d') } });
  await until('the ReplicaSet has its pods', async () => (await ok('GET', apps(namespace, 'replicasets'))).items[0]?.status.replicas === 2);
}

describe('[sig-api-machinery] Garbage collector', () => {
  test('should delete pods created by rc when not orphaning', async () => {
    const namespace = await used().namespace();
    const { metadata } = await makeController(namespace, 'simpletest.rc', 2);
    await ok('DELETE', core(namespace, 'replicationcontrollers/simpletest.rc'), { propagationPolicy: 'Background', preconditions: { uid: metadata.uid } });
    await until('the pods are gone', async () => (await pods(namespace)).length === 0);
  });

  test.each([
    ['should orphan pods created by rc if delete options say so', { propagationPolicy: 'Orphan' }],
    ['should orphan pods created by rc if deleteOptions.OrphanDependents is nil', undefined],
  ])('%s', async (_, options) => {
    const namespace = await used().namespace();
    await makeController(namespace, 'simpletest.rc', 10);
    await ok('DELETE', core(namespace, 'replicationcontrollers/simpletest.rc'), options);
    await until('the rc is gone', () => gone(core(namespace, 'replicationcontrollers/simpletest.rc')));
    await aWhile();
    const left = await pods(namespace);
    expect([left.length, left.filter(({ metadata }) => metadata.deletionTimestamp ?? metadata.ownerReferences)]).toEqual([10, []]);
  });

  test('should delete RS created by deployment when not orphaning', async () => {
    const namespace = await used().namespace();
    await makeDeployment(namespace);
    await ok('DELETE', apps(namespace, 'deployments/simpletest.deployment'), { propagationPolicy: 'Background' });
    await until('all is gone', async () => (await ok('GET', apps(namespace, 'replicasets'))).items.length === 0 && (await pods(namespace)).length === 0);
  });

  test('should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan', async () => {
    const namespace = await used().namespace();
    await makeDeployment(namespace);
    await ok('DELETE', apps(namespace, 'deployments/simpletest.deployment'), { propagationPolicy: 'Orphan' });
    await until('the Deployment is gone', () => gone(apps(namespace, 'deployments/simpletest.deployment')));
    await aWhile();
    const { items } = await ok('GET', apps(namespace, 'replicasets'));
    expect([items.length, items[0].metadata.ownerReferences, (await pods(namespace)).length]).toEqual([1, undefined, 2]);
  });

  test('should keep the rc around until all its pods are deleted if the deleteOptions says so', async () => {
    const namespace = await used().namespace();
    const { metadata } = await makeController(namespace, 'simpletest.rc', 10);
    // One pod stays as long as somebody holds it.
    const held = (await pods(namespace))[0].metadata.name;
    await ok('PATCH', core(namespace, `pods/${held}`), { metadata: { finalizers: ['example.com/held'] } }, MERGE);
    await ok('DELETE', core(namespace, 'replicationcontrollers/simpletest.rc'), { propagationPolicy: 'Foreground', preconditions: { uid: metadata.uid } });
    await until('the other pods are gone', async () => (await pods(namespace)).length === 1);
    const waiting = await ok('GET', core(namespace, 'replicationcontrollers/simpletest.rc'));
    expect([waiting.metadata.deletionTimestamp !== undefined, waiting.metadata.finalizers]).toEqual([true, ['foregroundDeletion']]);
    await ok('PATCH', core(namespace, `pods/${held}`), { metadata: { finalizers: null } }, MERGE);
    await until('the rc is gone', () => gone(core(namespace, 'replicationcontrollers/simpletest.rc')));
    expect(await pods(namespace)).toEqual([]);
  });

  test("should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted", async () => {
    const namespace = await used().namespace();
    await makeController(namespace, 'simpletest-rc-to-be-deleted', 10);
    const stays = await makeController(namespace, 'simpletest-rc-to-stay', 0);
    const shared = (await pods(namespace)).slice(0, 5).map(({ metadata }) => metadata.name);
    for (const name of shared) await ok('PATCH', core(namespace, `pods/${name}`), { metadata: { ownerReferences: [owner({ ...stays, apiVersion: 'v1', kind: 'ReplicationController' })] } }, { 'content-type': 'application/strategic-merge-patch+json' });
    const { metadata } = await ok('GET', core(namespace, 'replicationcontrollers/simpletest-rc-to-be-deleted'));
    await ok('DELETE', core(namespace, 'replicationcontrollers/simpletest-rc-to-be-deleted'), { propagationPolicy: 'Foreground', preconditions: { uid: metadata.uid } });
    await until('the rc is gone', () => gone(core(namespace, 'replicationcontrollers/simpletest-rc-to-be-deleted')));
    const left = await pods(namespace);
    expect(new Set(left.map((pod) => pod.metadata.name))).toEqual(new Set(shared));
    expect(left.filter((pod) => pod.metadata.deletionTimestamp)).toEqual([]);
    expect(left.map((pod) => pod.metadata.ownerReferences.map(({ name }: { name: string }) => name))).toEqual(left.map(() => ['simpletest-rc-to-stay']));
  });

  test('should not be blocked by dependency circle', async () => {
    const namespace = await used().namespace();
    const made: Answer['json'][] = [];
    for (const name of ['pod1', 'pod2', 'pod3']) made.push(await ok('POST', core(namespace, 'pods'), { metadata: { name }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'nginx', image: 'pause' }] } }));
    const at = (index: number): Answer['json'] => ({ ...made[index], apiVersion: 'v1', kind: 'Pod' });
    for (const [name, by] of [['pod1', 2], ['pod2', 0], ['pod3', 1]] as const) await ok('PATCH', core(namespace, `pods/${name}`), { metadata: { ownerReferences: [owner(at(by), { controller: true, blockOwnerDeletion: true })] } }, MERGE);
    await ok('DELETE', core(namespace, 'pods/pod1'), { propagationPolicy: 'Foreground' });
    await until('the pods are gone', async () => (await pods(namespace)).length === 0);
  });

  test('should support cascading deletion of custom resources', async () => {
    const made = await makeDefinition(used().caller, { scope: 'Cluster' });
    const object = (name: string, more: object = {}): object => ({ apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name, ...more } });
    const parent = await ok('POST', made.at('v1'), object('owner'));
    await ok('POST', made.at('v1'), object('dependent', { ownerReferences: [owner(parent)] }));
    await ok('DELETE', made.at('v1', 'owner'), { propagationPolicy: 'Background' });
    await until('both are gone', async () => (await gone(made.at('v1', 'owner'))) && (await gone(made.at('v1', 'dependent'))));
    await made.remove();
  });

  test('should support orphan deletion of custom resources', async () => {
    const made = await makeDefinition(used().caller, { scope: 'Cluster' });
    const object = (name: string, more: object = {}): object => ({ apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name, ...more } });
    const parent = await ok('POST', made.at('v1'), object('owner'));
    await ok('POST', made.at('v1'), object('dependent', { ownerReferences: [owner(parent)] }));
    await ok('DELETE', made.at('v1', 'owner'), { propagationPolicy: 'Orphan' });
    await until('the owner is gone', () => gone(made.at('v1', 'owner')));
    await aWhile();
    expect((await ok('GET', made.at('v1', 'dependent'))).metadata.ownerReferences).toBeUndefined();
    await made.remove();
  });

  test('should delete jobs and pods created by cronjob', async () => {
    const namespace = await used().namespace();
    const batch = (rest: string): string => `/apis/batch/v1/namespaces/${namespace}/${rest}`;
    const jobTemplate = { spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'busybox', command: ['sleep', '300'] }] } } } };
    const cronJob = await ok('POST', batch('cronjobs'), { metadata: { name: 'simple' }, spec: { schedule: '*/1 * * * ?', suspend: true, jobTemplate } });
    // What its controller makes of it at the full minute.
    await ok('POST', batch('jobs'), { metadata: { name: 'simple-1', ownerReferences: [owner({ ...cronJob, apiVersion: 'batch/v1', kind: 'CronJob' }, { controller: true })] }, spec: jobTemplate.spec });
    await until('the job has its pod', async () => (await pods(namespace)).length === 1);
    await ok('DELETE', batch('cronjobs/simple'), { propagationPolicy: 'Background' });
    await until('all is gone', async () => namesOf(await ok('GET', batch('jobs'))).length === 0 && (await pods(namespace)).length === 0);
  });
});

describe('[sig-api-machinery] Namespaces [Serial]', () => {
  const NAMESPACES = '/api/v1/namespaces';

  test.each([
    ['should ensure that all pods are removed when a namespace is deleted', 'pods', { spec: { containers: [{ name: 'nginx', image: 'pause' }] } }],
    ['should ensure that all services are removed when a namespace is deleted', 'services', { spec: { selector: { foo: 'bar' }, ports: [{ port: 80, targetPort: 80 }] } }],
  ])('%s', async (_, resource, more) => {
    const namespace = await used().namespace();
    await ok('POST', core(namespace, resource), { metadata: { name: 'test' }, ...more });
    await ok('DELETE', `${NAMESPACES}/${namespace}`);
    await until('the namespace is gone', () => gone(`${NAMESPACES}/${namespace}`));
    await ok('POST', NAMESPACES, { metadata: { name: namespace } });
    expect(await gone(core(namespace, `${resource}/test`))).toBe(true);
  });

  test('should patch a Namespace', async () => {
    const namespace = await used().namespace();
    await ok('PATCH', `${NAMESPACES}/${namespace}`, { metadata: { labels: { testLabel: 'testValue' } } }, { 'content-type': 'application/strategic-merge-patch+json' });
    expect((await ok('GET', `${NAMESPACES}/${namespace}`)).metadata.labels).toMatchObject({ testLabel: 'testValue', 'kubernetes.io/metadata.name': namespace });
  });

  test('should apply an update to a Namespace', async () => {
    const namespace = await used().namespace();
    const read = await ok('GET', `${NAMESPACES}/${namespace}`);
    read.metadata.labels[namespace] = 'updated';
    expect((await ok('PUT', `${NAMESPACES}/${namespace}`, read)).metadata.labels[namespace]).toBe('updated');
  });

  test('should apply changes to a namespace status', async () => {
    const namespace = await used().namespace();
    const at = `${NAMESPACES}/${namespace}/status`;
    expect((await ok('GET', at)).status.phase).toBe('Active');
    const condition = (type: string, message: string): object => ({ type, status: 'True', reason: 'E2E', message });
    const patched = await ok('PATCH', at, { metadata: { annotations: { 'e2e-patched-ns-status': namespace } }, status: { conditions: [condition('StatusPatch', 'Patched by an e2e test')] } }, MERGE);
    expect([patched.metadata.annotations['e2e-patched-ns-status'], patched.status.conditions.at(-1).message]).toEqual([namespace, 'Patched by an e2e test']);
    patched.status.conditions.push(condition('StatusUpdate', 'Updated by an e2e test'));
    expect((await ok('PUT', at, patched)).status.conditions.map(({ type }: { type: string }) => type)).toEqual(['StatusPatch', 'StatusUpdate']);
  });

  test('should apply a finalizer to a Namespace', async () => {
    const namespace = await used().namespace();
    const finalizer = 'e2e.example.com/fakeFinalizer';
    const read = await ok('GET', `${NAMESPACES}/${namespace}`);
    const added = await ok('PUT', `${NAMESPACES}/${namespace}/finalize`, { ...read, spec: { finalizers: [...read.spec.finalizers, finalizer] } });
    expect(added.spec.finalizers).toEqual(['kubernetes', finalizer]);
    const removed = await ok('PUT', `${NAMESPACES}/${namespace}/finalize`, { ...added, spec: { finalizers: ['kubernetes'] } });
    expect(removed.spec.finalizers).toEqual(['kubernetes']);
  });

  test('OrderedNamespaceDeletion: namespace deletion should delete pod first', async () => {
    const namespace = await used().namespace();
    const finalizers = ['e2e.example.com/finalizer'];
    await ok('POST', core(namespace, 'pods'), { metadata: { name: 'testpod', finalizers }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'nginx', image: 'pause' }] } });
    await ok('POST', core(namespace, 'configmaps'), { metadata: { name: 'testconfigmap' } });
    await ok('DELETE', `${NAMESPACES}/${namespace}`);
    await until('the pod is being deleted', async () => (await ok('GET', core(namespace, 'pods/testpod'))).metadata.deletionTimestamp !== undefined);
    const conditions = async (): Promise<Record<string, string>> => Object.fromEntries(((await ok('GET', `${NAMESPACES}/${namespace}`)).status.conditions ?? []).map(({ type, status, message }: Answer['json']) => [type, `${status} ${message}`]));
    await until('it is told of', async () => (await conditions())['NamespaceFinalizersRemaining']?.startsWith('True') ?? false);
    expect(await conditions()).toMatchObject({
      NamespaceDeletionContentFailure: 'False All content successfully deleted, may be waiting on finalization',
      NamespaceContentRemaining: 'True Some resources are remaining: pods. has 1 resource instances',
      NamespaceFinalizersRemaining: 'True Some content in the namespace has finalizers remaining: e2e.example.com/finalizer in 1 resource instances',
    });
    // Other things wait until no pod is left.
    expect((await ok('GET', core(namespace, 'configmaps/testconfigmap'))).metadata.deletionTimestamp).toBeUndefined();
    await ok('PATCH', core(namespace, 'pods/testpod'), { metadata: { finalizers: null } }, MERGE);
    await until('the namespace is gone', () => gone(`${NAMESPACES}/${namespace}`));
  });
});
