import type { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../process/metrics.ts';
import type { RequestInfo } from './types.ts';

/** Kubernetes' own buckets of `apiserver_request_duration_seconds`, in seconds. */
const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

const LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const;
type RequestLabel = (typeof LABELS)[number];

interface Counted {
  inc(): void;
  observe(seconds: number): void;
}

/** What the API server counts about itself; a registry of its own for each server that is started. */
export class ApiMetrics {
  readonly metrics = new Metrics();
  readonly #requests: Counter<RequestLabel | 'code'>;
  readonly #durations: Histogram<RequestLabel>;
  readonly #longRunning: Gauge;
  /** Label sets are few and repeat; looking one up again costs more than counting. */
  readonly #children = new Map<string, Counted>();

  constructor(inFlight: { readOnly(): number; mutating(): number }) {
    const { metrics } = this;
    this.#requests = metrics.counter('apiserver_request_total', 'Counter of apiserver requests broken out for each verb, API resource and HTTP response code.', [...LABELS, 'code']);
    this.#durations = metrics.histogram('apiserver_request_duration_seconds', 'Response latency distribution in seconds for each verb, API resource, subresource and scope.', LABELS, BUCKETS);
    this.#longRunning = metrics.gauge('apiserver_longrunning_requests', 'Gauge of all active long-running apiserver requests.');
    const current = metrics.gauge('apiserver_current_inflight_requests', 'Number of requests that are being answered, by kind.', ['request_kind']);
    metrics.beforeScrape(() => {
      current.set({ request_kind: 'readOnly' }, inFlight.readOnly());
      current.set({ request_kind: 'mutating' }, inFlight.mutating());
    });
    metrics.collectProcess();
  }

  /** Counts an answer; `seconds` is undefined for watches and streams, whose length says nothing. */
  observe(info: RequestInfo, code: number, seconds: number | undefined): void {
    const key = `${info.verb} ${info.group}/${info.version}/${info.resource}/${info.subresource} ${info.namespace === '' ? '' : 'n'}${info.name === '' ? '' : 'o'} ${code}`;
    let child = this.#children.get(key);
    if (!child) {
      const labels = labelsOf(info);
      const requests = this.#requests.labels({ ...labels, code: String(code) });
      const durations = this.#durations.labels(labels);
      child = { inc: () => requests.inc(), observe: (duration) => durations.observe(duration) };
      // Names of resources come from clients; whatever they make up must not fill memory.
      if (this.#children.size < 5000) this.#children.set(key, child);
    }
    child.inc();
    if (seconds !== undefined) child.observe(seconds);
  }

  longRunning(change: 1 | -1): void {
    this.#longRunning.inc(change);
  }
}

function labelsOf(info: RequestInfo): Record<RequestLabel, string> {
  const scope = !info.isResourceRequest ? '' : info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster';
  return { verb: info.verb.toUpperCase(), group: info.group, version: info.version, resource: info.resource, subresource: info.subresource, scope };
}
