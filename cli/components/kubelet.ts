import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KUBELET_DEFAULTS, type KubeletConfig } from '../../kubelet/config.ts';
import { start } from '../../kubelet/main.ts';
import { durationFlag, FlagError, integerFlag, listFlag, stringFlag } from '../../process/flags.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { defineComponent } from '../component.ts';
import { nodeNetworkNotice } from './nodeNetwork.ts';
import { isJoinedNode, servingCertificateFile } from '../node/identity.ts';

/** Of systemd-resolved: without it, pods would be given its address on the host's loopback. */
const UPLINK_RESOLV_CONF = '/run/systemd/resolve/resolv.conf';

export const kubelet = defineComponent({
  name: 'kubelet',
  summary: 'runs the pods of this node',
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, kubelet.conf of the cluster'),
    port: integerFlag(0, 'port of its HTTPS server; 0: 10250, or that of --port-base'),
    address: stringFlag(KUBELET_DEFAULTS.address, 'address of its HTTPS server'),
    'node-labels': listFlag([], 'labels of the node when it registers, as name=value'),
    'max-pods': integerFlag(KUBELET_DEFAULTS.maxPods, 'how many pods the node takes'),
    'pod-manifest-path': stringFlag('', "directory of static pods; unless given, the cluster's manifests"),
    'resolv-conf': stringFlag('', "the host's resolver configuration, for pods that do not ask the cluster's DNS"),
    'node-status-update-frequency': durationFlag(KUBELET_DEFAULTS.nodeStatusUpdateFrequency, 'how often the node reports'),
    'node-lease-duration': durationFlag(KUBELET_DEFAULTS.nodeLeaseDurationSeconds * 1000, "how long the node's lease lasts, in whole seconds; it is renewed four times in that (KubeletConfiguration's nodeLeaseDurationSeconds)"),
    'eviction-pressure-transition-period': durationFlag(KUBELET_DEFAULTS.evictionPressureTransitionPeriod, 'how long the node says that it is under a pressure after it was seen last'),
  },
  start: (values, settings, context) =>
    start(
      {
        ...KUBELET_DEFAULTS,
        kubeconfig: values.kubeconfig || join(settings.paths.kubernetes, 'kubelet.conf'),
        nodeName: settings.nodeName,
        nodeIPs: [settings.nodeAddress],
        instance: settings.instance,
        rootDir: settings.paths.kubelet,
        podLogsDir: settings.paths.podLogs,
        containerLogsDir: settings.paths.containerLogs,
        dockerSocket: settings.dockerSocket,
        cgroupRoot: settings.instance,
        clusterDNS: [settings.dnsAddress],
        clusterDomain: settings.clusterDomain,
        resolvConf: values['resolv-conf'] || (existsSync(UPLINK_RESOLV_CONF) ? UPLINK_RESOLV_CONF : '/etc/resolv.conf'),
        staticPodPath: values['pod-manifest-path'] || join(settings.paths.kubernetes, 'manifests'),
        cniConfDir: settings.paths.cniConfiguration,
        nodeNetworkNotice: nodeNetworkNotice(settings),
        port: values.port || settings.ports.kubelet,
        address: values.address,
        ...servingFiles(settings),
        clientCAFile: join(settings.paths.pki, 'ca.crt'),
        nodeLabels: nodeLabels(values['node-labels']),
        maxPods: values['max-pods'],
        nodeStatusUpdateFrequency: values['node-status-update-frequency'],
        nodeLeaseDurationSeconds: leaseSeconds(values['node-lease-duration']),
        evictionPressureTransitionPeriod: values['eviction-pressure-transition-period'],
      },
      context,
    ),
});

/** Made beside the authority, or by the cluster's signer. */
function servingFiles(settings: ClusterSettings): Pick<KubeletConfig, 'tlsCertFile' | 'tlsPrivateKeyFile'> {
  if (!isJoinedNode(settings)) return { tlsCertFile: join(settings.paths.kubelet, 'pki', 'kubelet.crt'), tlsPrivateKeyFile: join(settings.paths.kubelet, 'pki', 'kubelet.key') };
  const file = servingCertificateFile(settings);
  return { tlsCertFile: file, tlsPrivateKeyFile: file };
}

function leaseSeconds(milliseconds: number): number {
  if (milliseconds < 1_000 || milliseconds % 1_000 !== 0) throw new FlagError(`invalid argument for "--node-lease-duration": ${milliseconds} ms are not whole seconds`);
  return milliseconds / 1_000;
}

function nodeLabels(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at <= 0) throw new FlagError(`invalid argument for "--node-labels": "${word}" is not name=value`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
