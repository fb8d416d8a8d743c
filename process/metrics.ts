import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const NANOSECONDS_PER_SECOND = 1e9;

/**
 * The metrics of one component. Several components in one process have one each, so that names never clash; what is about
 * the process as a whole (memory, CPU, event loop) is in every one.
 */
export class Metrics {
  readonly #registry = new Registry();

  /** Adds the figures of the process: `process_*`, `nodejs_*`, and the event loop's delay since the last scrape. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const gauge = this.gauge('gantry_event_loop_delay_seconds', 'Delay of the event loop since the last scrape', ['quantile']);
    this.beforeScrape(() => {
      for (const quantile of [50, 90, 99]) gauge.set({ quantile: String(quantile / 100) }, delay.percentile(quantile) / NANOSECONDS_PER_SECOND);
      gauge.set({ quantile: '1' }, delay.max / NANOSECONDS_PER_SECOND);
      delay.reset();
    });
  }

  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  gauge<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  /** `buckets` in the unit that the name ends in. */
  histogram<L extends string = never>(name: string, help: string, labelNames: readonly L[], buckets: readonly number[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [this.#registry] });
  }

  /** For figures that are cheaper to read than to keep up to date. */
  beforeScrape(collect: () => void): void {
    this.#collectors.push(collect);
  }
  readonly #collectors: Array<() => void> = [];

  /** Metrics of these names are not shown, whenever they are made. */
  disable(names: readonly string[]): void {
    this.beforeScrape(() => {
      for (const name of names) this.#registry.removeSingleMetric(name);
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Prometheus' text format. */
  async text(): Promise<string> {
    for (const collect of this.#collectors) collect();
    return this.#registry.metrics();
  }
}

/** Kubernetes' usual buckets: `count` bounds from `start`, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => start * factor ** at);
}
