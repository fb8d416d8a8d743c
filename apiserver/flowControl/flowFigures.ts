import { exponentialBuckets } from '../../process/metrics.ts';
import type { Metrics } from '../../process/metrics.ts';
import type { Rejection } from './fairQueues.ts';
import type { FlowControl } from './flowControl.ts';

/** What is counted of one FlowSchema in one priority level; plain numbers, as every request changes them. */
export class FlowFigures {
  readonly level: string;
  readonly schema: string;
  dispatched = 0;
  waiting = 0;
  present = 0;
  readonly rejected = new Map<Rejection, number>();
  /** Called with the seconds that a request has waited; set where somebody collects them. */
  onWait: ((seconds: number) => void) | undefined;

  constructor(level: string, schema: string) {
    this.level = level;
    this.schema = schema;
  }

  get isIdle(): boolean {
    return this.waiting === 0 && this.present === 0;
  }

  admit(seconds: number): void {
    this.dispatched += 1;
    this.onWait?.(seconds);
  }

  reject(reason: Rejection): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }
}

/** Publishes the figures under Kubernetes' names (`apiserver_flowcontrol_*`). */
export function publishFlowFigures(metrics: Metrics, control: FlowControl): void {
  const labels = ['priority_level', 'flow_schema'] as const;
  const dispatched = metrics.counter('apiserver_flowcontrol_dispatched_requests_total', 'Number of requests executed by API Priority and Fairness subsystem', labels);
  const rejected = metrics.counter('apiserver_flowcontrol_rejected_requests_total', 'Number of requests rejected by API Priority and Fairness subsystem', [...labels, 'reason']);
  const waiting = metrics.gauge('apiserver_flowcontrol_current_inqueue_requests', 'Number of requests currently pending in queues of the API Priority and Fairness subsystem', labels);
  const executing = metrics.gauge('apiserver_flowcontrol_current_executing_requests', 'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem', labels);
  const wait = metrics.histogram('apiserver_flowcontrol_request_wait_duration_seconds', 'Length of time a request spent waiting in its queue', [...labels, 'execute'], [0, ...exponentialBuckets(0.005, 4, 8)]);
  const level = (name: string, help: string) => metrics.gauge(`apiserver_flowcontrol_${name}`, help, ['priority_level']);
  const seats = {
    used: level('current_executing_seats', 'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem'),
    nominal: level('nominal_limit_seats', 'Nominal number of execution seats configured for each priority level'),
    lower: level('lower_limit_seats', 'Configured lower bound on number of execution seats available to each priority level'),
    upper: level('upper_limit_seats', 'Configured upper bound on number of execution seats available to each priority level'),
    current: level('current_limit_seats', 'current derived number of execution seats available to each priority level'),
  };
  metrics.beforeScrape(() => {
    for (const metric of [dispatched, rejected, waiting, executing, ...Object.values(seats)]) metric.reset();
    for (const figures of control.figures) {
      const names = { priority_level: figures.level, flow_schema: figures.schema };
      figures.onWait ??= (seconds) => wait.observe({ ...names, execute: 'true' }, seconds);
      dispatched.inc(names, figures.dispatched);
      for (const [reason, count] of figures.rejected) rejected.inc({ ...names, reason }, count);
      waiting.set(names, figures.waiting);
      executing.set(names, figures.present);
    }
    for (const { name, queues, limits, isExempt, executing: present } of control.levels) {
      const of = { priority_level: name };
      seats.used.set(of, isExempt ? present : queues.seatsInUse);
      seats.nominal.set(of, limits.nominal);
      seats.lower.set(of, limits.lower);
      seats.upper.set(of, limits.upper);
      seats.current.set(of, queues.limit);
    }
  });
}
