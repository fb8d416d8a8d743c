import { ApiError } from '../../api/apiError.ts';
import type { V1Pod, V1PodStatus } from '../../api/generated/types.ts';
import { isNewer } from '../../client/objectKey.ts';
import { Pods } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { statusPatch } from './statusPatch.ts';

export interface StatusManagerOptions {
  readonly client: KubeClient;
  /** The pod as the API server shows it, by the API's uid; undefined where it is not known there. */
  readonly apiPod: (uid: string) => V1Pod | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What is wanted of one pod in the API. */
interface Entry {
  readonly pod: V1Pod;
  readonly status: V1PodStatus;
  /** All has ended: the object is to be deleted after its last status. */
  readonly remove: boolean;
}

const RETRY_MILLISECONDS = 2000;

/** Writes pods' statuses to the API server: only what changed, one write per pod at a time, always the newest. */
export class StatusManager {
  readonly #options: StatusManagerOptions;
  readonly #wanted = new Map<string, Entry>();
  readonly #written = new Map<string, V1Pod>();
  readonly #writing = new Map<string, Promise<void>>();

  constructor(options: StatusManagerOptions) {
    this.#options = options;
  }

  /** `pod` is the one in the API (for a static pod its mirror). */
  set(pod: V1Pod, status: V1PodStatus): void {
    const { uid } = pod.metadata;
    this.#want(uid, { pod, status, remove: this.#wanted.get(uid)?.remove ?? false });
  }

  /** Deletes the pod from the API after its last status has been written. */
  remove(pod: V1Pod): void {
    const { uid } = pod.metadata;
    this.#want(uid, { pod, status: this.#wanted.get(uid)?.status ?? pod.status ?? {}, remove: true });
  }

  /** The pod is gone from the API. */
  forget(uid: string): void {
    this.#wanted.delete(uid);
    this.#written.delete(uid);
  }

  /** Resolves when everything wanted so far was written or given up. */
  async flushed(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  #want(uid: string, entry: Entry): void {
    this.#wanted.set(uid, entry);
    if (this.#writing.has(uid)) return;
    this.#writing.set(uid, this.#write(uid).finally(() => this.#writing.delete(uid)));
  }

  async #write(uid: string): Promise<void> {
    const { signal, clock, logger } = this.#options;
    for (let done: Entry | undefined; ; ) {
      const entry = this.#wanted.get(uid);
      if (!entry || entry === done || signal.aborted) return;
      try {
        await this.#apply(uid, entry);
        done = entry;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && (error.reason === 'NotFound' || error.reason === 'Conflict')) {
          // Gone, or another pod of that name by now.
          this.forget(uid);
          return;
        }
        logger.error("a pod's status could not be written; trying again", { pod: `${entry.pod.metadata.namespace}/${entry.pod.metadata.name}`, error });
        await clock.sleep(RETRY_MILLISECONDS, signal);
      }
    }
  }

  async #apply(uid: string, { pod, status, remove }: Entry): Promise<void> {
    const { client } = this.#options;
    const { name, namespace } = pod.metadata;
    const patch = statusPatch(uid, (this.#newest(uid) ?? pod).status, status);
    if (patch) this.#written.set(uid, await client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', patch, 'status'));
    if (remove) {
      await client.delete(Pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } });
      this.forget(uid);
    }
  }

  /** What the informer has, or what came back from our last write if that is newer. */
  #newest(uid: string): V1Pod | undefined {
    const seen = this.#options.apiPod(uid);
    const written = this.#written.get(uid);
    if (!written || (seen && isNewer(seen.metadata.resourceVersion, written.metadata.resourceVersion))) return seen;
    return written;
  }
}
