import { Metrics } from '../process/metrics.ts';
import { reportLeadership } from './leaderMetrics.ts';

test('the metric tells whether the process leads when it is asked', async () => {
  let leads = false;
  const metrics = new Metrics();
  reportLeadership(metrics, 'kube-scheduler', { isLeader: () => leads });
  expect(await metrics.text()).toContain('leader_election_master_status{name="kube-scheduler"} 0');
  leads = true;
  expect(await metrics.text()).toContain('leader_election_master_status{name="kube-scheduler"} 1');
});
