import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { defaultControllerSettings, start } from '../../controllers/main.ts';
import { booleanFlag, durationFlag, integerFlag, listFlag, stringFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';
import { hasEnded, processIdentity } from '../processIdentity.ts';

export const controllerManager = defineComponent({
  name: 'controller-manager',
  summary: 'runs the control loops',
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, controller-manager.conf of the cluster'),
    controllers: listFlag(['*'], "loops to run: '*' for all that are on by default, 'foo' for one more, '-foo' for one less"),
    'leader-elect': booleanFlag(true, 'whether only one of several instances runs the loops'),
    'secure-port': integerFlag(0, 'port of health and metrics, on loopback; 0: 10257, or that of --port-base'),
    'root-ca-file': stringFlag('', "the cluster's authority, which is published to every namespace; unless given, ca.crt of the cluster"),
    'node-cidr-mask-size': integerFlag(24, "bits of the mask of a node's pod range"),
    'node-monitor-period': durationFlag(defaultControllerSettings.nodeMonitorPeriod, 'how often nodes are looked at'),
    'node-monitor-grace-period': durationFlag(defaultControllerSettings.nodeMonitorGracePeriod, 'how long a node may be silent before it is taken for unreachable'),
    'terminated-pod-gc-threshold': integerFlag(defaultControllerSettings.terminatedPodGCThreshold, 'how many ended pods are kept'),
  },
  start: (values, { paths, ports, clusterCIDR, serviceCIDR, nodeName }, context) =>
    start(
      {
        client: loadKubeconfig(values.kubeconfig || join(paths.kubernetes, 'controller-manager.conf')),
        controllers: values.controllers,
        leaderElect: values['leader-elect'],
        identity: processIdentity(nodeName),
        hasEnded: (identity) => hasEnded(identity, nodeName),
        clusterCA: readFileSync(values['root-ca-file'] || join(paths.pki, 'ca.crt'), 'utf8'),
        healthPort: values['secure-port'] || ports.controllerManager,
        settings: {
          ...defaultControllerSettings,
          clusterCIDR,
          serviceCIDR,
          nodeCIDRMaskSize: values['node-cidr-mask-size'],
          nodeMonitorPeriod: values['node-monitor-period'],
          nodeMonitorGracePeriod: values['node-monitor-grace-period'],
          terminatedPodGCThreshold: values['terminated-pod-gc-threshold'],
        },
      },
      context,
    ),
});
