import { ApiError } from '../api/apiError.ts';
import { Pods } from '../client/resources.ts';
import type { EventRecorder, KubeClient } from '../client/types.ts';
import { type Clock, formatTime } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import type { PodInfo } from './cache/podInfo.ts';

export interface PreemptorOptions {
  readonly client: KubeClient;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ends the pods that make room for a more important one: says so in their status, then deletes them, all at once. */
export async function evictVictims(preemptor: PodInfo, node: string, victims: readonly PodInfo[], options: PreemptorOptions): Promise<void> {
  await Promise.all(victims.map((victim) => evict(preemptor, node, victim, options)));
}

async function evict(preemptor: PodInfo, node: string, victim: PodInfo, { client, recorder, clock, logger }: PreemptorOptions): Promise<void> {
  const { name, namespace, uid, deletionTimestamp } = victim.pod.metadata;
  // Already on its way out: nothing would end sooner.
  if (deletionTimestamp !== undefined) return;
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${preemptor.spec.schedulerName ?? 'default-scheduler'}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: formatTime(clock.now()),
  };
  try {
    await client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', { metadata: { uid }, status: { conditions: [condition] } }, 'status');
    await client.delete(Pods, name, namespace, { preconditions: { uid } });
    recorder.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${preemptor.uid} on node ${node}`);
  } catch (error) {
    if (error instanceof ApiError && (error.reason === 'NotFound' || error.reason === 'Conflict')) logger.debug('the victim is gone already', { pod: victim.key });
    else logger.warn('cannot preempt a pod', { pod: victim.key, error });
  }
}
