import type { Counter, Gauge } from 'prom-client';
import type { V1APIService } from '../../api/generated/types.ts';
import type { Metrics } from '../../process/metrics.ts';
import { isAvailable } from './availability.ts';

/** Kubernetes' figures of what is aggregated; nothing is counted before they are put among a server's metrics. */
export class AvailabilityMetrics {
  #unavailable: Gauge<'name'> | undefined;
  #turned: Counter<'name' | 'reason'> | undefined;

  register(metrics: Metrics): void {
    this.#unavailable = metrics.gauge('aggregator_unavailable_apiservice', 'Gauge of APIServices which are marked as unavailable broken down by APIService name.', ['name']);
    this.#turned = metrics.counter('aggregator_unavailable_apiservice_total', 'Counter of APIServices which are marked as unavailable broken down by APIService name and reason.', ['name', 'reason']);
  }

  /** An APIService as it was, and as it is after a look at it. */
  observe(before: V1APIService, now: V1APIService): void {
    const { name } = now.metadata;
    this.#unavailable?.set({ name }, isAvailable(now) ? 0 : 1);
    if (isAvailable(now) || !isAvailable(before)) return;
    const reason = now.status?.conditions?.find(({ type }) => type === 'Available')?.reason ?? 'UnknownReason';
    this.#turned?.inc({ name, reason });
  }

  /** An APIService that is no more. */
  forget(name: string): void {
    this.#unavailable?.remove({ name });
  }
}
