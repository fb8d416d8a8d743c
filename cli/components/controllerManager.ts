import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { defaultControllerSettings, start } from '../../controllers/main.ts';
import { durationFlag, integerFlag, listFlag, numberFlag, stringFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';
import { hasEnded, processIdentity } from '../processIdentity.ts';
import { leaderElectionFlags, leaseTimesOf } from './leaderElectionFlags.ts';
import { signingFlags, signingSettings } from './signingFlags.ts';

export const controllerManager = defineComponent({
  name: 'controller-manager',
  summary: 'runs the control loops',
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, controller-manager.conf of the cluster'),
    controllers: listFlag(['*'], "loops to run: '*' for all that are on by default, 'foo' for one more, '-foo' for one less"),
    ...leaderElectionFlags,
    'secure-port': integerFlag(0, 'port of health and metrics, on loopback; 0: 10257, or that of --port-base'),
    'root-ca-file': stringFlag('', "the cluster's authority, which is published to every namespace; unless given, ca.crt of the cluster"),
    ...signingFlags,
    'service-account-private-key-file': stringFlag('', 'key for the tokens in Secrets of service accounts; unless given, sa.key of the cluster, and where there is none such Secrets stay empty'),
    'legacy-service-account-token-clean-up-period': durationFlag(defaultControllerSettings.legacyTokenCleanUpPeriod, 'how long a token that was made by itself may be unused before it is marked as invalid, and then before it is deleted'),
    'node-cidr-mask-size': integerFlag(24, "bits of the mask of a node's pod range"),
    'node-monitor-period': durationFlag(defaultControllerSettings.nodeMonitorPeriod, 'how often nodes are looked at'),
    'node-monitor-grace-period': durationFlag(defaultControllerSettings.nodeMonitorGracePeriod, 'how long a node may be silent before it is taken for unreachable'),
    'node-startup-grace-period': durationFlag(defaultControllerSettings.nodeStartupGracePeriod, 'how long a node that has just started may be silent'),
    'node-eviction-rate': numberFlag(defaultControllerSettings.nodeEvictionRate, 'how many lost nodes of a zone are emptied per second'),
    'secondary-node-eviction-rate': numberFlag(defaultControllerSettings.secondaryNodeEvictionRate, 'the same while much of a large zone is lost'),
    'unhealthy-zone-threshold': numberFlag(defaultControllerSettings.unhealthyZoneThreshold, 'which part of a zone is much'),
    'large-cluster-size-threshold': integerFlag(defaultControllerSettings.largeClusterSizeThreshold, 'a zone of no more nodes is not emptied at all while much of it is lost'),
    'terminated-pod-gc-threshold': integerFlag(defaultControllerSettings.terminatedPodGCThreshold, 'how many ended pods are kept'),
  },
  start: (values, { paths, ports, clusterCIDR, serviceCIDR, nodeName }, context) =>
    start(
      {
        client: loadKubeconfig(values.kubeconfig || join(paths.kubernetes, 'controller-manager.conf')),
        controllers: values.controllers,
        leaderElect: values['leader-elect'],
        leaseTimes: leaseTimesOf(values),
        identity: processIdentity(nodeName),
        hasEnded: (identity) => hasEnded(identity, nodeName),
        clusterCA: readFileSync(values['root-ca-file'] || join(paths.pki, 'ca.crt'), 'utf8'),
        ...signingSettings(values, paths.pki),
        ...keyOf(values['service-account-private-key-file'], join(paths.pki, 'sa.key')),
        healthPort: values['secure-port'] || ports.controllerManager,
        settings: {
          ...defaultControllerSettings,
          clusterCIDR,
          serviceCIDR,
          nodeCIDRMaskSize: values['node-cidr-mask-size'],
          nodeMonitorPeriod: values['node-monitor-period'],
          nodeMonitorGracePeriod: values['node-monitor-grace-period'],
          nodeStartupGracePeriod: values['node-startup-grace-period'],
          nodeEvictionRate: values['node-eviction-rate'],
          secondaryNodeEvictionRate: values['secondary-node-eviction-rate'],
          unhealthyZoneThreshold: values['unhealthy-zone-threshold'],
          largeClusterSizeThreshold: values['large-cluster-size-threshold'],
          terminatedPodGCThreshold: values['terminated-pod-gc-threshold'],
          legacyTokenCleanUpPeriod: values['legacy-service-account-token-clean-up-period'],
        },
      },
      context,
    ),
});

/** A key that was named must be there; the cluster's own is only where its control plane was made. */
function keyOf(named: string, own: string): { serviceAccountKey?: string } {
  return named === '' && !existsSync(own) ? {} : { serviceAccountKey: readFileSync(named || own, 'utf8') };
}
