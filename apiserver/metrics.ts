import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestInfo } from './types.ts';

/** Kubernetes' own buckets of `apiserver_request_duration_seconds`, in seconds. */
const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

type Counted = Counter.Internal & { readonly histogram: Histogram.Internal<string> | undefined };

/** What the API server counts about itself; a registry of its own for each server that is started. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #longRunning: Gauge;
  /** Label sets are few and repeat; looking one up again costs more than counting. */
  readonly #children = new Map<string, Counted>();

  constructor(inFlight: { readOnly(): number; mutating(): number }) {
    const registers = [this.registry];
    const labels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'];
    this.#requests = new Counter({ name: 'apiserver_request_total', help: 'Counter of apiserver requests broken out for each verb, API resource and HTTP response code.', labelNames: [...labels, 'code'], registers });
    this.#durations = new Histogram({ name: 'apiserver_request_duration_seconds', help: 'Response latency distribution in seconds for each verb, API resource, subresource and scope.', labelNames: labels, buckets: BUCKETS, registers });
    this.#longRunning = new Gauge({ name: 'apiserver_longrunning_requests', help: 'Gauge of all active long-running apiserver requests.', registers });
    const current = new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
      labelNames: ['request_kind'],
      registers,
      collect: () => {
        current.set({ request_kind: 'readOnly' }, inFlight.readOnly());
        current.set({ request_kind: 'mutating' }, inFlight.mutating());
      },
    });
    // The event loop's delay, memory, garbage collection.
    collectDefaultMetrics({ register: this.registry });
  }

  /** Counts an answer; `seconds` is undefined for watches and streams, whose length says nothing. */
  observe(info: RequestInfo, code: number, seconds: number | undefined): void {
    const key = `${info.verb} ${info.group}/${info.version}/${info.resource}/${info.subresource} ${info.namespace === '' ? '' : 'n'}${info.name === '' ? '' : 'o'} ${code}`;
    let child = this.#children.get(key);
    if (!child) {
      const labels = labelsOf(info);
      child = Object.assign(this.#requests.labels({ ...labels, code: String(code) }), { histogram: this.#durations.labels(labels) });
      // Names of resources come from clients; whatever they make up must not fill memory.
      if (this.#children.size < 5000) this.#children.set(key, child);
    }
    child.inc();
    if (seconds !== undefined) child.histogram?.observe(seconds);
  }

  longRunning(change: 1 | -1): void {
    this.#longRunning.inc(change);
  }
}

function labelsOf(info: RequestInfo): Record<string, string> {
  const scope = !info.isResourceRequest ? '' : info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster';
  return { verb: info.verb.toUpperCase(), group: info.group, version: info.version, resource: info.resource, subresource: info.subresource, scope };
}
