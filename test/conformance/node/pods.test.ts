import type { V1Pod, V1PodSpec, V1PodStatus } from '../../../api/generated/types.ts';
import { Pods, Services } from '../../../client/resources.ts';
import { ConformanceCluster, STRATEGIC } from '../conformanceCluster.ts';

let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1', 'n2'] });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const makePod = (name: string, labels: Record<string, string> = {}, spec: Partial<V1PodSpec> = {}, metadata: object = {}): Promise<V1Pod> =>
  cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels, ...metadata }, spec: { containers: [{ name: 'agnhost', image: 'agnhost:2' }], ...spec } });
const runs = (name: string): Promise<V1Pod> => cluster.until(`${name} runs`, Pods, name, namespace, ({ status }) => status?.phase === 'Running');
const listed = async (labelSelector: string): Promise<number> => (await cluster.client.list(Pods, { namespace, labelSelector })).items.length;

describe('Pods', () => {
  test('should get a host IP', async () => {
    await makePod('pod-hostip');
    const { status } = await runs('pod-hostip');
    expect(status?.hostIP).toBe('10.0.0.1');
    expect(status?.hostIPs).toEqual([{ ip: '10.0.0.1' }]);
  });

  test('should be submitted and removed', async () => {
    const watch = await cluster.watch(Pods, { namespace, labelSelector: 'time=now' });
    expect(await listed('time=now')).toBe(0);
    await makePod('pod-submit-remove', { name: 'foo', time: 'now' });
    expect(await listed('time=now')).toBe(1);
    await watch.next('ADDED');
    await runs('pod-submit-remove');
    await cluster.client.delete(Pods, 'pod-submit-remove', namespace, { gracePeriodSeconds: 30 });
    await watch.next('MODIFIED', ({ metadata }) => metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 30);
    const last = await watch.next('DELETED');
    expect(last.metadata.deletionTimestamp).toBeDefined();
    expect(last.spec?.terminationGracePeriodSeconds).not.toBe(0);
    expect(await listed('time=now')).toBe(0);
  });

  test('should be updated', async () => {
    await makePod('pod-update', { name: 'foo', time: 'before' });
    expect(await listed('time=before')).toBe(1);
    await cluster.update(Pods, 'pod-update', namespace, ({ metadata }) => Object.assign(metadata.labels!, { time: 'after' }));
    expect(await listed('time=after')).toBe(1);
  });

  test('should allow activeDeadlineSeconds to be updated', async () => {
    // That the pod ends by then is the kubelet's: test/kubelet/podEnds.test.ts.
    await makePod('pod-update-activedeadlineseconds');
    await runs('pod-update-activedeadlineseconds');
    const updated = await cluster.update(Pods, 'pod-update-activedeadlineseconds', namespace, ({ spec }) => {
      spec!.activeDeadlineSeconds = 5;
    });
    expect(updated.spec?.activeDeadlineSeconds).toBe(5);
  });

  test('should delete a collection of pods', async () => {
    for (const name of ['test-pod-1', 'test-pod-2', 'test-pod-3']) await makePod(name, { type: 'Testing' }, { terminationGracePeriodSeconds: 1, restartPolicy: 'Never' });
    await cluster.runningPods(namespace, 'type=Testing', 3);
    await cluster.deleteCollection(Pods, namespace, 'type=Testing', { gracePeriodSeconds: 1 });
    await cluster.untilCount(Pods, 0, { namespace, labelSelector: 'type=Testing' });
  });

  test('should run through the lifecycle of Pods and PodStatus', async () => {
    const name = 'pod-test';
    const watch = await cluster.watch(Pods, { namespace, labelSelector: 'test-pod-static=true' });
    const spec: V1PodSpec = { terminationGracePeriodSeconds: 1, containers: [{ name, image: 'agnhost:2' }] };
    await makePod(name, { 'test-pod-static': 'true' }, spec);
    await watch.next('MODIFIED', ({ status }) => status?.phase === 'Running');
    // As client-go marshals a Pod: with an empty status.
    await cluster.client.patch(Pods, name, namespace, STRATEGIC, { metadata: { creationTimestamp: null, labels: { 'test-pod': 'patched' } }, spec: { containers: [{ name, image: 'httpd:2', resources: {} }], terminationGracePeriodSeconds: 1 }, status: {} });
    await watch.next('MODIFIED', ({ metadata }) => metadata.labels?.['test-pod'] === 'patched');
    const patched = await cluster.client.get(Pods, name, namespace);
    expect(patched.spec?.containers[0]?.image).toBe('httpd:2');
    expect(patched.status?.phase).toBe('Running');

    const updated = await cluster.update(Pods, name, namespace, ({ status }) => {
      for (const condition of status!.conditions!) if (condition.type === 'Ready' || condition.type === 'ContainersReady') condition.status = 'False';
    }, 'status');
    expect(updated.status?.conditions?.filter(({ type }) => type === 'Ready' || type === 'ContainersReady').map(({ status }) => status)).toEqual(['False', 'False']);
    await cluster.deleteCollection(Pods, namespace, 'test-pod-static=true', { gracePeriodSeconds: 1 });
    await watch.next('DELETED');
    await cluster.untilGone(Pods, name, namespace);
  });

  test('should patch a pod status', async () => {
    await makePod('pod-e2e', { 'test-pod': 'patching' });
    const pod = await runs('pod-e2e');
    const status: V1PodStatus = { message: 'Patched by e2e test', reason: 'E2E' };
    const patched = await cluster.client.patch(Pods, 'pod-e2e', namespace, STRATEGIC, { metadata: { creationTimestamp: null }, spec: { containers: null }, status }, 'status');
    expect(patched.status).toMatchObject({ ...status, phase: 'Running' });
    expect(patched.spec?.containers).toEqual(pod.spec?.containers);
  });

  test('should contain environment variables for services', async () => {
    // The variables are made by the kubelet (test/kubelet); here is what it needs of the API.
    await makePod('server', { name: 'server' }, { containers: [{ name: 'srv', image: 'agnhost:2', ports: [{ containerPort: 9376 }] }] });
    const { spec } = await cluster.client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'fooservice', namespace }, spec: { ports: [{ port: 8765, targetPort: 8080 }], selector: { name: 'server' } } });
    expect(spec?.clusterIP).toMatch(/^10\./);
    expect((await makePod('client')).spec?.enableServiceLinks).toBe(true);
  });
});

describe('Pods Extended', () => {
  test('Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu', async () => {
    const amounts = { cpu: '100m', memory: '100Mi' };
    const { status } = await makePod('pod-qos-class', { name: 'foo' }, { containers: [{ name: 'agnhost', image: 'agnhost:2', resources: { limits: amounts, requests: amounts } }] });
    expect(status?.qosClass).toBe('Guaranteed');
  });

  test('(pod generation) Pod Generation pod generation should start at 1 and increment per update', async () => {
    const name = 'pod-generation';
    expect((await makePod(name, {}, { initContainers: [{ name: 'init-container', image: 'busybox:1' }] })).metadata.generation).toBe(1);
    await runs(name);
    let expected = 1;
    for (const [raises, change] of [
      [0, () => undefined],
      [1, ({ spec }) => void (spec!.tolerations = [{ key: 'foo-1', operator: 'Equal', value: 'bar', effect: 'NoSchedule' }, ...(spec!.tolerations ?? [])])],
      [1, ({ spec }) => void (spec!.activeDeadlineSeconds = 5000)],
      [1, ({ spec }) => void (spec!.containers[0]!.image = 'nginx:1')],
      [1, ({ spec }) => void (spec!.initContainers![0]!.image = 'pause:3')],
      [0, ({ metadata }) => void (metadata.annotations = { key: 'value' })],
      [0, ({ metadata }) => void (metadata.generation = 1)],
    ] satisfies readonly (readonly [number, (pod: V1Pod) => void])[]) {
      await cluster.update(Pods, name, namespace, change);
      expected += raises;
      expect((await cluster.client.get(Pods, name, namespace)).metadata.generation).toBe(expected);
    }
  });

  test('(pod generation) Pod Generation custom-set generation on new pods and graceful delete', async () => {
    // No kubelet of that node ends the pod meanwhile.
    expect((await makePod('pod-generation', { time: 'now' }, { nodeName: 'away' }, { generation: 100 })).metadata.generation).toBe(1);
    const { generation } = (await cluster.json<V1Pod>('DELETE', `/api/v1/namespaces/${namespace}/pods/pod-generation?gracePeriodSeconds=60`)).metadata;
    expect(generation).toBe(2);
    expect((await cluster.client.get(Pods, 'pod-generation', namespace)).metadata).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 60 });
  });

  test('(pod generation) Pod Generation issue 500 podspec updates and verify generation and observedGeneration eventually converge', async () => {
    // The kubelet's part, observedGeneration, is written by hand.
    await makePod('pod-generation');
    await runs('pod-generation');
    for (let update = 1; update < 500; update += 1) {
      await cluster.client.patch(Pods, 'pod-generation', namespace, STRATEGIC, { spec: { containers: [{ name: 'agnhost', image: `agnhost:${update}.0` }] } });
    }
    expect((await cluster.client.get(Pods, 'pod-generation', namespace)).metadata.generation).toBe(500);
    const patched = await cluster.client.patch(Pods, 'pod-generation', namespace, STRATEGIC, { status: { observedGeneration: 500 } }, 'status');
    expect([patched.metadata.generation, patched.status?.observedGeneration]).toEqual([500, 500]);
  });
});

describe('Ephemeral Containers', () => {
  const add = (name: string): Promise<V1Pod> =>
    cluster.client.patch(Pods, 'ephemeral', namespace, STRATEGIC, { spec: { ephemeralContainers: [{ name, image: 'busybox:1', command: ['/bin/sh'], stdin: true, tty: true }] } }, 'ephemeralcontainers');
  const names = async (): Promise<readonly string[]> => ((await cluster.client.get(Pods, 'ephemeral', namespace)).spec?.ephemeralContainers ?? []).map(({ name }) => name);

  test('will start an ephemeral container in an existing pod', async () => {
    await makePod('ephemeral');
    await runs('ephemeral');
    expect((await add('debugger')).spec?.ephemeralContainers).toMatchObject([{ name: 'debugger', terminationMessagePolicy: 'File', imagePullPolicy: 'IfNotPresent' }]);
  });

  test('should update the ephemeral containers in an existing pod', async () => {
    await makePod('ephemeral');
    await runs('ephemeral');
    await add('debugger');
    expect(await names()).toEqual(['debugger']);
    // A PUT of the whole pod to the subresource.
    await cluster.update(Pods, 'ephemeral', namespace, ({ spec }) => {
      spec!.ephemeralContainers!.push({ name: 'debugger2', image: 'busybox:1' });
    }, 'ephemeralcontainers');
    expect([...(await names())].sort()).toEqual(['debugger', 'debugger2']);
    expect((await cluster.subresource(Pods, 'ephemeral', namespace, 'ephemeralcontainers')).kind).toBe('Pod');
  });
});

describe('Pod InPlace Resize Container', () => {
  const container = (name: string, cpu: string, memory: string) => ({ name, image: 'busybox:1', resources: { requests: { cpu, memory }, limits: { cpu, memory } } });
  const amounts = ({ spec }: V1Pod): unknown => spec?.containers.map(({ resources }) => [resources?.requests?.['cpu'], resources?.limits?.['memory']]);
  const resize = (containers: readonly object[]): Promise<V1Pod> => cluster.client.patch(Pods, 'testpod', namespace, STRATEGIC, { spec: { containers } }, 'resize');

  test.each([
    ['increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase', [['2m', '40Mi'], ['2m', '40Mi'], ['5m', '20Mi']]],
    ['increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease', [['2m', '40Mi'], ['1m', '20Mi'], ['1m', '20Mi']]],
    ['increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2)', [['2m', '35Mi'], ['1m', '40Mi'], ['7m', '45Mi']]],
  ])('guaranteed pods with multiple containers 3 containers - %s', async (_, wanted) => {
    // What the node does with it is the kubelet's part.
    await makePod('testpod', {}, { containers: [container('c1', '1m', '35Mi'), container('c2', '1m', '35Mi'), container('c3', '6m', '35Mi')] });
    await runs('testpod');
    const resized = await resize(wanted.map(([cpu, memory], index) => ({ name: `c${index + 1}`, resources: { requests: { cpu, memory }, limits: { cpu, memory } } })));
    expect(amounts(resized)).toEqual(wanted);
    expect(resized.metadata.generation).toBe(2);
    expect(resized.status?.qosClass).toBe('Guaranteed');
  });

  test('resize pod via the replace endpoint', async () => {
    await makePod('testpod', {}, { containers: [container('c1', '10m', '35Mi')] });
    await runs('testpod');
    const resized = await cluster.update(Pods, 'testpod', namespace, ({ spec }) => {
      spec!.containers[0]!.resources = { requests: { cpu: '15m', memory: '35Mi' }, limits: { cpu: '15m', memory: '35Mi' } };
    }, 'resize');
    expect(amounts(resized)).toEqual([['15m', '35Mi']]);
    expect(await cluster.subresource(Pods, 'testpod', namespace, 'resize')).toEqual(await cluster.client.get(Pods, 'testpod', namespace));
  });

  test('burstable pods - extended resize with equivalents', async () => {
    await makePod('testpod', {}, { containers: [{ name: 'c1', image: 'busybox:1', resources: { requests: { cpu: '2m' }, limits: { cpu: '10m' } } }] });
    await runs('testpod');
    const resized = await resize([{ name: 'c1', resources: { requests: { cpu: '1m' }, limits: { cpu: '5m' } } }]);
    expect(resized.spec?.containers[0]?.resources).toEqual({ requests: { cpu: '1m' }, limits: { cpu: '5m' } });
  });

  test('burstable pods - extended 6 containers - various operations performed (including adding limits and requests)', async () => {
    const pod = (...resources: readonly object[]) => resources.map((each, index) => ({ name: `c${index + 1}`, image: 'busybox:1', resources: each }));
    await makePod('testpod', {}, { containers: pod({ requests: { cpu: '10m', memory: '20Mi' } }, { requests: { cpu: '10m' } }, { requests: { memory: '20Mi' } }, {}, { requests: { cpu: '10m' }, limits: { cpu: '20m' } }, {}) });
    await runs('testpod');
    const wanted = [
      { requests: { cpu: '10m', memory: '20Mi' }, limits: { cpu: '20m', memory: '30Mi' } },
      { requests: { cpu: '15m' }, limits: { cpu: '20m' } },
      { requests: { memory: '25Mi' } },
      { requests: { cpu: '10m' } },
      { requests: { cpu: '5m' }, limits: { cpu: '10m' } },
      { requests: { cpu: '10m', memory: '20Mi' }, limits: { cpu: '10m', memory: '20Mi' } },
    ];
    const resized = await resize(wanted.map((resources, index) => ({ name: `c${index + 1}`, resources })));
    expect(resized.spec?.containers.map(({ resources }) => resources)).toEqual(wanted);
  });
});
