import type { Metrics } from '../process/metrics.ts';

/** Kubernetes' `leader_election_master_status`: 1 while this process leads under the lease's name, else 0. */
export function reportLeadership(metrics: Metrics, name: string, elector: { isLeader(): boolean }): void {
  const gauge = metrics.gauge('leader_election_master_status', 'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.', ['name']);
  metrics.beforeScrape(() => gauge.set({ name }, elector.isLeader() ? 1 : 0));
}
