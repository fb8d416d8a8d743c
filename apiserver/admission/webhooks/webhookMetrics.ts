import type { Counter, Histogram } from 'prom-client';
import type { Metrics } from '../../../process/metrics.ts';

const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];
const LABELS = ['name', 'type', 'operation', 'rejected'] as const;

export type WebhookType = 'admit' | 'validating';

/** How a question to a webhook ended. */
export interface Asking {
  readonly name: string;
  readonly type: WebhookType;
  readonly operation: string;
  readonly seconds: number;
  /** 200, or that of the refusal. */
  readonly code: number;
  readonly outcome: 'allowed' | 'webhook_rejection' | 'calling_webhook_error' | 'apiserver_internal_error' | 'failed_open';
}

/** Kubernetes' figures of admission webhooks; nothing is counted before they are put among a server's metrics. */
export class WebhookMetrics {
  #durations: Histogram<(typeof LABELS)[number]> | undefined;
  #requests: Counter<(typeof LABELS)[number] | 'code'> | undefined;
  #rejections: Counter<'name' | 'type' | 'operation' | 'error_type' | 'rejection_code'> | undefined;
  #failedOpen: Counter<'name' | 'type'> | undefined;

  register(metrics: Metrics): void {
    this.#durations = metrics.histogram('apiserver_admission_webhook_admission_duration_seconds', 'Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).', LABELS, BUCKETS);
    this.#requests = metrics.counter('apiserver_admission_webhook_request_total', 'Admission webhook request total, identified by name and broken out for each admission type (validating or mutating) and operation.', [...LABELS, 'code']);
    this.#rejections = metrics.counter('apiserver_admission_webhook_rejection_count', 'Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit) and operation.', ['name', 'type', 'operation', 'error_type', 'rejection_code']);
    this.#failedOpen = metrics.counter('apiserver_admission_webhook_fail_open_count', 'Admission webhook fail open count, identified by name and broken out for each admission type (validating or mutating).', ['name', 'type']);
  }

  observe({ name, type, operation, seconds, code, outcome }: Asking): void {
    const isRejected = outcome !== 'allowed' && outcome !== 'failed_open';
    const labels = { name, type, operation, rejected: String(isRejected) };
    this.#durations?.observe(labels, seconds);
    this.#requests?.inc({ ...labels, code: String(code) });
    if (outcome === 'failed_open') this.#failedOpen?.inc({ name, type });
    if (!isRejected) return;
    const errorType = outcome === 'webhook_rejection' ? 'no_error' : outcome;
    // Kubernetes tells only the codes that a webhook itself chose.
    this.#rejections?.inc({ name, type, operation, error_type: errorType, rejection_code: outcome === 'webhook_rejection' ? String(code) : '0' });
  }
}
