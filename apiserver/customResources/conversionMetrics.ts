import type { Counter, Histogram } from 'prom-client';
import { exponentialBuckets, type Metrics } from '../../process/metrics.ts';

const CALL_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45, 60];
const CONVERSION_BUCKETS = exponentialBuckets(0.001, 2, 15);

/** What was wrong with a question to a conversion webhook; '' nothing. */
export type ConversionFailure = '' | 'conversion_webhook_call_failure' | 'conversion_webhook_malformed_response_failure' | 'conversion_webhook_partial_response_failure' | 'conversion_webhook_invalid_converted_object_failure';

/** One question. */
export interface Conversation {
  readonly definition: string;
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
  readonly failure: ConversionFailure;
}

/** Kubernetes' figures of conversion webhooks. */
export class ConversionMetrics {
  readonly #requests: Counter<'result' | 'failure_type'>;
  readonly #calls: Histogram<'result' | 'failure_type'>;
  readonly #conversions: Histogram<'crd_name' | 'from_version' | 'to_version' | 'succeeded'>;

  constructor(metrics: Metrics) {
    this.#requests = metrics.counter('apiserver_conversion_webhook_request_total', 'Counter for conversion webhook requests with success/failure and failure error type', ['result', 'failure_type']);
    this.#calls = metrics.histogram('apiserver_conversion_webhook_duration_seconds', 'Conversion webhook request latency', ['result', 'failure_type'], CALL_BUCKETS);
    this.#conversions = metrics.histogram('apiserver_crd_conversion_webhook_duration_seconds', 'CRD webhook conversion duration in seconds', ['crd_name', 'from_version', 'to_version', 'succeeded'], CONVERSION_BUCKETS);
  }

  observe({ definition, from, to, seconds, failure }: Conversation): void {
    const labels = { result: failure === '' ? 'success' : 'failure', failure_type: failure };
    this.#requests.inc(labels);
    this.#calls.observe(labels, seconds);
    this.#conversions.observe({ crd_name: definition, from_version: from, to_version: to, succeeded: String(failure === '') }, seconds);
  }
}
