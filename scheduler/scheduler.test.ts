import type { CoreV1Event, V1Namespace, V1Node, V1Pod, V1PodDisruptionBudget } from '../api/generated/types.ts';
import type { KubeObject } from '../api/meta.ts';
import { Store } from '../client/store.ts';
import type { EventHandler, Informer, KubeClient, Resource } from '../client/types.ts';
import { objectKey } from '../client/objectKey.ts';
import { Namespaces, Nodes, PodDisruptionBudgets, Pods } from '../client/resources.ts';
import { FakeClock } from '../process/fakeClock.ts';
import { silentLogger } from '../process/log.ts';
import { buildProfile } from './plugins/registry.ts';
import { DEFAULT_CONFIGURATION } from './configuration.ts';
import { Scheduler } from './scheduler.ts';
import { makeNode, makePod } from './testObjects.ts';

/** An informer that a test fills. */
class TestInformer<T extends KubeObject> implements Informer<T> {
  readonly resource: Resource<T>;
  readonly hasSynced = true;
  readonly resourceVersion = '1';
  readonly #store = new Store<T>();
  readonly #handlers: EventHandler<T>[] = [];

  constructor(resource: Resource<T>) {
    this.resource = resource;
  }

  get = (key: string): T | undefined => this.#store.get(key);
  list = (): readonly T[] => this.#store.list();
  byIndex = (): readonly T[] => [];
  inNamespace = (): readonly T[] => [];
  addIndex = (): void => undefined;
  addHandler = (handler: EventHandler<T>): void => void this.#handlers.push(handler);
  synced = async (): Promise<void> => undefined;
  waitFor = async (): Promise<boolean> => true;

  set(object: T): void {
    const previous = this.#store.get(objectKey(object));
    this.#store.set(object);
    for (const handler of this.#handlers) {
      if (previous) handler.updated?.(previous, object);
      else handler.added?.(object, false);
    }
  }

  remove(key: string): void {
    const object = this.#store.get(key);
    this.#store.delete(key);
    for (const handler of this.#handlers) if (object) handler.deleted?.(object);
  }
}

/** A cluster without an API server: bindings, statuses and deletions change the informer's objects. */
class Cluster {
  readonly clock = new FakeClock();
  readonly pods = new TestInformer<V1Pod>(Pods);
  readonly nodes = new TestInformer<V1Node>(Nodes);
  readonly namespaces = new TestInformer<V1Namespace>(Namespaces);
  readonly budgets = new TestInformer<V1PodDisruptionBudget>(PodDisruptionBudgets);
  readonly events: string[] = [];
  readonly bound = new Map<string, string>();
  failBinding: Error | undefined;
  readonly #stop = new AbortController();
  readonly scheduler: Scheduler;
  readonly #run: Promise<void>;

  constructor() {
    const client = {
      get: async (_: unknown, name: string, namespace: string) => this.pods.get(`${namespace}/${name}`),
      createSubresource: async (_: unknown, name: string, namespace: string, __: string, body: { target: { name: string } }) => {
        if (this.failBinding) throw this.failBinding;
        const pod = this.pods.get(`${namespace}/${name}`)!;
        this.bound.set(`${namespace}/${name}`, body.target.name);
        this.pods.set({ ...pod, spec: { ...pod.spec!, nodeName: body.target.name } });
      },
      patch: async (_: unknown, name: string, namespace: string, __: unknown, body: { status: V1Pod['status'] }) => {
        const pod = this.pods.get(`${namespace}/${name}`)!;
        this.pods.set({ ...pod, status: { ...pod.status, ...body.status } });
      },
      delete: async (_: unknown, name: string, namespace: string) => this.pods.remove(`${namespace}/${name}`),
    } as unknown as KubeClient;
    const recorder = { event: (target: CoreV1Event | V1Pod, type: string, reason: string, message: string) => void this.events.push(`${target.metadata.name} ${type} ${reason} ${message}`) };
    const profiles = DEFAULT_CONFIGURATION.profiles.map((profile) => buildProfile({ ...profile, siblings: () => undefined }));
    const { pods, nodes, namespaces, budgets, clock } = this;
    this.scheduler = new Scheduler({ client, recorder, clock, logger: silentLogger, profiles, pods, nodes, namespaces, budgets, random: () => 0.5 });
    this.#run = this.scheduler.run(this.#stop.signal);
  }

  /** Lets the cluster come to rest. */
  async settle(milliseconds = 10): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) {
      await this.clock.advance(milliseconds / 5);
      await new Promise(setImmediate);
    }
  }

  message(key: string): string | undefined {
    return this.pods.get(key)?.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.settle();
    await this.#run;
  }
}

test('a pod is bound to the node with most room, and the event says so', async () => {
  const cluster = new Cluster();
  cluster.nodes.set(makeNode('small', { cpu: '1' }));
  cluster.nodes.set(makeNode('node1', { cpu: '8' }));
  cluster.pods.set(makePod('web', { requests: { cpu: '500m' } }));
  await cluster.settle();
  expect(cluster.bound.get('default/web')).toBe('node1');
  expect(cluster.events).toEqual(['web Normal Scheduled Successfully assigned default/web to node1']);
  await cluster.stop();
});

test('a pod that fits nowhere gets the message of Kubernetes, and its node as soon as there is one', async () => {
  const cluster = new Cluster();
  cluster.nodes.set(makeNode('full', { cpu: '1' }));
  for (const name of ['a', 'b']) cluster.nodes.set(makeNode(name, { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] }));
  cluster.pods.set(makePod('web', { requests: { cpu: '2' } }));
  await cluster.settle();
  const message = '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {k: v}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
  expect(cluster.message('default/web')).toBe(message);
  expect(cluster.events).toEqual([`web Warning FailedScheduling ${message}`]);
  expect(cluster.pods.get('default/web')?.status?.conditions?.[0]).toMatchObject({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' });
  cluster.nodes.set(makeNode('full', { cpu: '4' }));
  await cluster.settle(1500);
  expect(cluster.bound.get('default/web')).toBe('full');
  await cluster.stop();
});

test('without any node the pod waits for one', async () => {
  const cluster = new Cluster();
  cluster.pods.set(makePod('web'));
  await cluster.settle();
  expect(cluster.message('default/web')).toBe('no nodes available to schedule pods');
  cluster.nodes.set(makeNode('n'));
  await cluster.settle(1500);
  expect(cluster.bound.get('default/web')).toBe('n');
  await cluster.stop();
});

test('what was just assigned counts at once, and room that comes free is used', async () => {
  const cluster = new Cluster();
  cluster.nodes.set(makeNode('n', { cpu: '1' }));
  cluster.pods.set(makePod('first', { requests: { cpu: '800m' } }));
  cluster.pods.set(makePod('second', { requests: { cpu: '800m' } }));
  await cluster.settle();
  expect([...cluster.bound.keys()]).toEqual(['default/first']);
  expect(cluster.message('default/second')).toBe('0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.');
  cluster.pods.remove('default/first');
  await cluster.settle(1500);
  expect(cluster.bound.get('default/second')).toBe('n');
  await cluster.stop();
});

test('a more important pod takes the place of a lesser one', async () => {
  const cluster = new Cluster();
  cluster.nodes.set(makeNode('n', { cpu: '1' }));
  cluster.pods.set(makePod('lesser', { requests: { cpu: '800m' }, priority: 0 }));
  await cluster.settle();
  cluster.pods.set(makePod('greater', { requests: { cpu: '800m' }, priority: 100 }));
  await cluster.settle(3000);
  expect(cluster.pods.get('default/lesser')).toBeUndefined();
  expect(cluster.bound.get('default/greater')).toBe('n');
  expect(cluster.events.some((event) => /^lesser Normal Preempted Preempted by pod uid-\d+ on node n$/.test(event))).toBe(true);
  await cluster.stop();
});

test('a binding that fails is tried again after the back-off', async () => {
  const cluster = new Cluster();
  cluster.nodes.set(makeNode('n'));
  cluster.failBinding = new Error('etcd is away');
  cluster.pods.set(makePod('web'));
  await cluster.settle();
  expect(cluster.pods.get('default/web')?.status?.conditions?.[0]).toMatchObject({ reason: 'SchedulerError', message: 'etcd is away' });
  cluster.failBinding = undefined;
  await cluster.settle(1500);
  expect(cluster.bound.get('default/web')).toBe('n');
  await cluster.stop();
});

test('gated pods, and those of other schedulers, are left alone', async () => {
  const cluster = new Cluster();
  cluster.nodes.set(makeNode('n'));
  const gated = makePod('gated', { schedulingGates: [{ name: 'quota' }] });
  cluster.pods.set(gated);
  cluster.pods.set(makePod('other', { schedulerName: 'mine' }));
  await cluster.settle(400_000);
  expect(cluster.bound.size).toBe(0);
  expect(cluster.scheduler.queueSizes.gated).toBe(1);
  const { schedulingGates: _, ...spec } = gated.spec!;
  cluster.pods.set({ ...gated, spec });
  await cluster.settle();
  expect([...cluster.bound.keys()]).toEqual(['default/gated']);
  await cluster.stop();
});

test('two thousand pods spread over five hundred nodes', async () => {
  const cluster = new Cluster();
  for (let at = 0; at < 500; at += 1) cluster.nodes.set(makeNode(`node-${at}`, { cpu: '4', labels: { 'topology.kubernetes.io/zone': `zone-${at % 3}` } }));
  for (let at = 0; at < 2000; at += 1) cluster.pods.set(makePod(`pod-${at}`, { requests: { cpu: '900m', memory: '500Mi' }, labels: { app: 'web' } }));
  for (let turn = 0; turn < 200 && cluster.bound.size < 2000; turn += 1) await cluster.settle();
  expect(cluster.bound.size).toBe(2000);
  const perNode = new Map<string, number>();
  for (const node of cluster.bound.values()) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  expect(Math.max(...perNode.values())).toBe(4);
  await cluster.stop();
});
