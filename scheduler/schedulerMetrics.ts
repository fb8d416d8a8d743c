import { exponentialBuckets, type Metrics } from '../process/metrics.ts';

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error';

/** The scheduler's metrics, under Kubernetes' names. */
export interface SchedulerMetrics {
  /** `seconds`: from the start of the attempt to its decision. */
  attempted(result: AttemptResult, profile: string, seconds: number): void;
  /** From the first sight of the pod to its binding. */
  bound(seconds: number, attempts: number): void;
  preempted(victims: number): void;
}

export interface PendingPods {
  readonly active: number;
  readonly backoff: number;
  readonly unschedulable: number;
  readonly gated: number;
}

export function schedulerMetrics(metrics: Metrics, pending: () => PendingPods): SchedulerMetrics {
  const attempts = metrics.counter('scheduler_schedule_attempts_total', 'Number of attempts to schedule pods, by the result', ['result', 'profile']);
  const durations = metrics.histogram('scheduler_scheduling_attempt_duration_seconds', 'Scheduling attempt latency in seconds', ['result', 'profile'], exponentialBuckets(0.0001, 2, 18));
  const e2e = metrics.histogram('scheduler_pod_scheduling_sli_duration_seconds', 'E2e latency for a pod being scheduled', ['attempts'], exponentialBuckets(0.01, 2, 20));
  const preemptionAttempts = metrics.counter('scheduler_preemption_attempts_total', 'Total preemption attempts in the cluster till now');
  const victimCounts = metrics.histogram('scheduler_preemption_victims', 'Number of selected preemption victims', [], exponentialBuckets(1, 2, 7));
  const pods = metrics.gauge('scheduler_pending_pods', 'Number of pending pods, by the queue type', ['queue']);
  metrics.beforeScrape(() => {
    for (const [queue, count] of Object.entries(pending())) pods.set({ queue }, count);
  });
  return {
    attempted(result, profile, seconds) {
      attempts.inc({ result, profile });
      durations.observe({ result, profile }, seconds);
    },
    bound: (seconds, tries) => e2e.observe({ attempts: tries > 15 ? '16+' : String(tries) }, seconds),
    preempted(victims) {
      preemptionAttempts.inc();
      if (victims > 0) victimCounts.observe(victims);
    },
  };
}
