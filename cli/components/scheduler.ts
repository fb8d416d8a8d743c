import { join } from 'node:path';
import { integerFlag, stringFlag } from '../../process/flags.ts';
import { start } from '../../scheduler/main.ts';
import { defineComponent } from '../component.ts';
import { hasEnded, processIdentity } from '../processIdentity.ts';
import { leaderElectionFlags, leaseTimesOf } from './leaderElectionFlags.ts';

export const scheduler = defineComponent({
  name: 'scheduler',
  summary: 'chooses a node for each pod',
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, scheduler.conf of the cluster'),
    config: stringFlag('', 'a KubeSchedulerConfiguration file'),
    ...leaderElectionFlags,
    'secure-port': integerFlag(0, 'port of health and metrics, on loopback; 0: 10259, or that of --port-base'),
  },
  start: (values, { paths, ports, nodeName }, context) =>
    start(
      {
        kubeconfig: values.kubeconfig || join(paths.kubernetes, 'scheduler.conf'),
        ...(values.config ? { configFile: values.config } : {}),
        leaderElect: values['leader-elect'],
        leaseTimes: leaseTimesOf(values),
        identity: processIdentity(nodeName),
        hasEnded: (identity) => hasEnded(identity, nodeName),
        healthPort: values['secure-port'] || ports.scheduler,
      },
      context,
    ),
});
