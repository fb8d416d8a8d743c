import { ApiError } from '../api/apiError.ts';
import type { V1Pod, V1PodCondition } from '../api/generated/types.ts';
import { Pods } from '../client/resources.ts';
import type { KubeClient } from '../client/types.ts';
import { type Clock, formatTime } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';

/** What the scheduler has to say about a pod that it could not place. */
export interface SchedulingStatus {
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  /** The node that preemption makes room on; absent: unchanged. */
  readonly nominatedNode?: string;
}

/** The change of a pod's status that says so, or undefined where it says so already. */
export function statusPatch(pod: V1Pod, { reason, message, nominatedNode }: SchedulingStatus, now: number): { readonly status: object } | undefined {
  const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const sameCondition = known?.status === 'False' && known.reason === reason && known.message === message;
  const sameNode = nominatedNode === undefined || (pod.status?.nominatedNodeName ?? '') === nominatedNode;
  if (sameCondition && sameNode) return undefined;
  const condition: V1PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: known?.status === 'False' && known.lastTransitionTime ? known.lastTransitionTime : formatTime(now),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  };
  return { status: { conditions: [condition], ...(nominatedNode === undefined ? {} : { nominatedNodeName: nominatedNode }) } };
}

const WRITERS = 16;

/** Writes pods' statuses, a few at a time, for each pod only the last that is to be said. Failures are logged: the next attempt says it again. */
export class PodStatusWriter {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiting = new Map<string, { readonly pod: V1Pod; readonly status: SchedulingStatus }>();
  readonly #writing = new Set<string>();

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  write(pod: V1Pod, status: SchedulingStatus): void {
    this.#waiting.set(pod.metadata.uid, { pod, status });
    this.#next();
  }

  /** The node that was promised to a pod goes to a more important one. */
  takeBackNomination(pod: V1Pod): void {
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    this.write(pod, { reason: known?.reason === 'SchedulerError' ? 'SchedulerError' : 'Unschedulable', message: known?.message ?? '', nominatedNode: '' });
  }

  #next(): void {
    for (const [uid, { pod, status }] of this.#waiting) {
      if (this.#writing.size >= WRITERS) return;
      if (this.#writing.has(uid)) continue;
      this.#waiting.delete(uid);
      this.#writing.add(uid);
      void this.#send(pod, status).finally(() => {
        this.#writing.delete(uid);
        this.#next();
      });
    }
  }

  async #send(pod: V1Pod, status: SchedulingStatus): Promise<void> {
    const body = statusPatch(pod, status, this.#clock.now());
    if (!body) return;
    const { name, namespace, uid } = pod.metadata;
    try {
      await this.#client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', { metadata: { uid }, ...body }, 'status');
    } catch (error) {
      if (error instanceof ApiError && (error.reason === 'NotFound' || error.reason === 'Conflict')) this.#logger.debug('the pod is gone', { pod: `${namespace}/${name}` });
      else this.#logger.warn('cannot write the status of a pod', { pod: `${namespace}/${name}`, error });
    }
  }
}
