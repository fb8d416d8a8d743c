import type { V1Pod } from '../api/generated/types.ts';
import type { Rejection } from './admission/admitPod.ts';
import { PodWorker, type WorkerListener } from './podWorker.ts';
import { isStatic } from './podSources/staticPod.ts';
import type { RuntimePod } from './runtime/types.ts';
import { isTerminalPhase } from './status/podPhase.ts';
import type { SyncContext } from './sync/context.ts';

/** Whether a pod that is new to this node may run beside these others; undefined where it may. */
export type Admit = (pod: V1Pod, others: readonly V1Pod[]) => Rejection | undefined;

/** The workers of all pods that are, or still have something, on this node; one for each uid. */
export class PodWorkers {
  readonly #context: SyncContext;
  readonly #listener: WorkerListener;
  readonly #admit: Admit;
  readonly #workers = new Map<string, PodWorker>();
  /** Static pods that wait until the one of the same name before them is gone, by full name. */
  readonly #waiting = new Map<string, V1Pod>();

  constructor(context: SyncContext, listener: WorkerListener, admit: Admit = () => undefined) {
    this.#context = context;
    this.#admit = admit;
    this.#listener = { ...listener, removed: (uid) => this.#removed(uid, listener) };
  }

  get uids(): ReadonlySet<string> {
    return new Set(this.#workers.keys());
  }

  /** The pods with the status that this kubelet found last. */
  pods(): readonly V1Pod[] {
    return [...this.#workers.values()].map((worker) => worker.pod);
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  /** A pod of a source, new or changed. */
  update(pod: V1Pod): void {
    const { uid } = pod.metadata;
    const worker = this.#workers.get(uid);
    if (worker) return worker.update(pod);
    if (isStatic(pod) && [...this.#workers.values()].some((each) => fullName(each.pod) === fullName(pod))) {
      this.#waiting.set(fullName(pod), pod);
      return;
    }
    const rejection = isNew(pod) ? this.#admit(pod, this.#active()) : undefined;
    const begun = this.#begin(pod);
    if (rejection) begun.reject(rejection);
    else begun.poke();
  }

  /** The pod is in no source any more. */
  remove(uid: string, last?: V1Pod): void {
    for (const [name, pod] of this.#waiting) if (pod.metadata.uid === uid) this.#waiting.delete(name);
    this.#workers.get(uid)?.remove(last);
  }

  /** What the runtime still has of a pod that no source knows. */
  removeOrphan(runtime: RuntimePod): void {
    if (this.#workers.has(runtime.pod.uid)) return;
    this.#begin(orphanPod(runtime)).remove();
  }

  poke(uid: string): void {
    this.#workers.get(uid)?.poke();
  }

  pokeAll(): void {
    for (const worker of this.#workers.values()) worker.poke();
  }

  /** Resolves when no worker is in the middle of a round. */
  async idle(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.idle()));
  }

  /** After the kubelet's signal: no worker begins another round. */
  async stop(): Promise<void> {
    await this.idle();
    for (const worker of this.#workers.values()) worker.stop();
  }

  #active(): readonly V1Pod[] {
    return [...this.#workers.values()].flatMap(({ active, pod }) => (active && !isTerminalPhase(pod.status?.phase) ? [pod] : []));
  }

  #begin(pod: V1Pod): PodWorker {
    const worker = new PodWorker(this.#context, pod, this.#listener);
    this.#workers.set(pod.metadata.uid, worker);
    return worker;
  }

  #removed(uid: string, listener: WorkerListener): void {
    const name = fullName(this.#workers.get(uid)?.pod);
    this.#workers.delete(uid);
    listener.removed(uid);
    const next = this.#waiting.get(name);
    this.#waiting.delete(name);
    if (next) this.update(next);
  }
}

/** One that a kubelet took on before was admitted then, and is not driven away by a restart. */
function isNew({ metadata, status }: V1Pod): boolean {
  return !metadata.deletionTimestamp && !isTerminalPhase(status?.phase) && status?.startTime === undefined;
}

function fullName(pod: V1Pod | undefined): string {
  return pod ? `${pod.metadata.namespace}/${pod.metadata.name}` : '';
}

/** As much of a pod as can be told from what runs of it. */
function orphanPod(runtime: RuntimePod): V1Pod {
  const names = [...new Set(runtime.containers.map(({ name }) => name))];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...runtime.pod, resourceVersion: '', creationTimestamp: '' },
    spec: { containers: names.map((name) => ({ name })), hostNetwork: runtime.sandboxes[0]?.hostNetwork ?? false, restartPolicy: 'Never' },
  };
}
