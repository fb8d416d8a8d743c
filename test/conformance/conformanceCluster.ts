import type { V1Pod } from '../../api/generated/types.ts';
import type { ApiError } from '../../api/apiError.ts';
import type { KubeObject } from '../../api/meta.ts';
import { resourcePath } from '../../client/resourcePath.ts';
import { Namespaces, Pods, ServiceAccounts } from '../../client/resources.ts';
import type { RestClient } from '../../client/restClient.ts';
import type { PatchType, Resource, WatchEvent, WatchOptions } from '../../client/types.ts';
import { type ControlPlane, type ControlPlaneOptions, eventually, startControlPlane } from '../rig/controlPlane.ts';
import { addNodes, HandKubelet, type PodOutcome } from '../rig/handKubelet.ts';
import { type Caller, callerOfPlane } from './apimachinery/caller.ts';

export const MERGE: PatchType = 'application/merge-patch+json';
export const STRATEGIC: PatchType = 'application/strategic-merge-patch+json';

/** Seconds that a step may take: a bound against hanging, for the machine may be busy. */
export const PATIENCE = 60;

/**
 * A control plane with nodes that exist as objects only and whose pods a HandKubelet plays, in which Kubernetes' own conformance tests
 * are repeated as far as they judge the API, the control loops and the scheduler.
 */
export class ConformanceCluster {
  readonly plane: ControlPlane;
  readonly client: RestClient;
  /** Asks by plain requests, as the administrator. */
  readonly caller: Caller;
  readonly #release: () => void;
  readonly #kubelet: HandKubelet | undefined;
  readonly #watches: EventLog<KubeObject>[] = [];
  #namespaces = 0;

  private constructor(plane: ControlPlane, kubelet: HandKubelet | undefined) {
    this.plane = plane;
    this.client = plane.client;
    const { caller, agent } = callerOfPlane(plane);
    this.caller = caller;
    this.#release = () => agent.destroy();
    this.#kubelet = kubelet;
  }

  /** Without `nodes` no pod ever runs. */
  static async start(options: ControlPlaneOptions & { readonly nodes?: readonly string[]; readonly outcome?: (pod: V1Pod) => PodOutcome } = {}): Promise<ConformanceCluster> {
    const { nodes = [], outcome, ...rest } = options;
    const plane = await startControlPlane(rest);
    await addNodes(plane.client, nodes);
    return new ConformanceCluster(plane, nodes.length > 0 ? new HandKubelet(plane.client, outcome, (name) => nodes.includes(name)) : undefined);
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) await watch.close();
    await this.#kubelet?.stop();
    this.#release();
    await this.plane.close();
  }

  /** A new namespace, with its ServiceAccount `default`. */
  async namespace(prefix = 'e2e'): Promise<string> {
    const name = `${prefix}-${(this.#namespaces += 1)}`;
    await this.client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await eventually(`the service account of ${name}`, () => this.find(ServiceAccounts, 'default', name), PATIENCE);
    return name;
  }

  /** Nothing where there is none of that name. */
  async find<T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string): Promise<T | undefined> {
    try {
      return await this.client.get(resource, name, namespace);
    } catch (error) {
      if ((error as ApiError).reason === 'NotFound') return undefined;
      throw error;
    }
  }

  /** Polls one object until `look` is content with it, and gives it. */
  until<T extends KubeObject>(what: string, resource: Resource<T>, name: string, namespace: string | undefined, look: (object: T) => boolean, seconds = PATIENCE): Promise<T> {
    return eventually(
      what,
      async () => {
        const object = await this.find(resource, name, namespace);
        return object !== undefined && look(object) ? object : undefined;
      },
      seconds,
    );
  }

  async untilGone(resource: Resource, name: string, namespace?: string, seconds = PATIENCE): Promise<void> {
    await eventually(`${resource.plural} ${name} is gone`, async () => ((await this.find(resource, name, namespace)) === undefined ? true : undefined), seconds);
  }

  async untilCount<T extends KubeObject>(resource: Resource<T>, count: number, options: { readonly namespace?: string; readonly labelSelector?: string }, seconds = PATIENCE): Promise<readonly T[]> {
    return eventually(
      `${count} ${resource.plural}`,
      async () => {
        const { items } = await this.client.list(resource, options);
        return items.length === count ? items : undefined;
      },
      seconds,
    );
  }

  /** Pods that run and are ready, and that nobody has deleted. */
  async runningPods(namespace: string, labelSelector: string, count: number): Promise<readonly V1Pod[]> {
    return eventually(
      `${count} running pods of ${labelSelector}`,
      async () => {
        const { items } = await this.client.list(Pods, { namespace, labelSelector });
        const running = items.filter((pod) => pod.status?.phase === 'Running' && isReady(pod) && pod.metadata.deletionTimestamp === undefined);
        return running.length === count ? running : undefined;
      },
      PATIENCE,
    );
  }

  /** Reads, changes and writes an object, again on a conflict. */
  async update<T extends KubeObject>(resource: Resource<T>, name: string, namespace: string | undefined, change: (object: T) => void, subresource?: string): Promise<T> {
    for (let turn = 0; ; turn += 1) {
      const object = await this.client.get(resource, name, namespace);
      change(object);
      try {
        return await (subresource === undefined ? this.client.update(resource, object) : this.client.updateSubresource(resource, object, subresource));
      } catch (error) {
        if ((error as ApiError).reason !== 'Conflict' || turn === 10) throw error;
      }
    }
  }

  /** GET of a subresource. */
  subresource<T extends KubeObject>(resource: Resource<T>, name: string, namespace: string | undefined, subresource: string): Promise<T> {
    return this.json<T>('GET', resourcePath(resource, namespace, name, subresource));
  }

  async deleteCollection(resource: Resource, namespace: string | undefined, labelSelector: string, options: object = {}): Promise<void> {
    await this.json('DELETE', `${resourcePath(resource, namespace)}?labelSelector=${encodeURIComponent(labelSelector)}`, { apiVersion: 'v1', kind: 'DeleteOptions', ...options });
  }

  /** One request; throws with the server's words unless it succeeds. */
  async json<R>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<R> {
    const answer = await this.client.raw({ method, path, headers: { 'content-type': type }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = answer.body.toString('utf8');
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as R;
  }

  /** What a watch brings from here on, or from the version that is given. */
  async watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions = {}): Promise<EventLog<T>> {
    const { resourceVersion = (await this.client.list(resource, { ...(options.namespace === undefined ? {} : { namespace: options.namespace }), limit: 1 })).metadata.resourceVersion ?? '' } = options;
    const log = new EventLog<T>((signal) => this.client.watch(resource, { ...options, resourceVersion, signal }));
    this.#watches.push(log);
    return log;
  }
}

export const isReady = (pod: V1Pod): boolean => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

/** The events of a watch, in order; each is given out once. */
export class EventLog<T extends KubeObject> {
  readonly #events: WatchEvent<T>[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #failure: unknown;

  constructor(open: (signal: AbortSignal) => AsyncIterable<WatchEvent<T>>) {
    this.#done = (async () => {
      for await (const event of open(this.#stop.signal)) this.#events.push(event);
    })().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Drops events until one of that type comes whose object `look` accepts. */
  next(type: WatchEvent['type'], look: (object: T) => boolean = () => true, seconds = PATIENCE): Promise<T> {
    return eventually(
      `a ${type} event`,
      async () => {
        if (this.#failure !== undefined) throw this.#failure;
        for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
          if (event.type === type && look(event.object as T)) return event.object as T;
        }
        return undefined;
      },
      seconds,
    );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
