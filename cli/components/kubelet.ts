import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KUBELET_DEFAULTS, type KubeletConfig } from '../../kubelet/config.ts';
import { type EvictionSettings, parseThresholds } from '../../kubelet/eviction/thresholds.ts';
import { messageOf } from '../../kubelet/errorText.ts';
import { start } from '../../kubelet/main.ts';
import { parseTaints } from '../../kubelet/node/taintSpec.ts';
import { booleanFlag, durationFlag, type Flag, FlagError, integerFlag, listFlag, stringFlag } from '../../process/flags.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { defineComponent } from '../component.ts';
import { nodeNetworkNotice } from './nodeNetwork.ts';
import { isJoinedNode } from '../node/identity.ts';

/** Of systemd-resolved: without it, pods would be given its address on the host's loopback. */
const UPLINK_RESOLV_CONF = '/run/systemd/resolve/resolv.conf';

export const kubelet = defineComponent({
  name: 'kubelet',
  summary: 'runs the pods of this node',
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, kubelet.conf of the cluster'),
    'bootstrap-kubeconfig': stringFlag('', 'with whose token to ask for a client certificate where the file that --kubeconfig names is not there, or its certificate has ended; that file is written'),
    'cert-dir': stringFlag('', "directory of the kubelet's certificates; unless given, pki in its directory, /var/lib/kubelet"),
    'rotate-certificates': booleanFlag(KUBELET_DEFAULTS.rotateCertificates, 'renew the client certificate that the cluster has signed before it ends'),
    'rotate-server-certificates': booleanFlag(true, 'where the client certificate is from the cluster and there is no --tls-cert-file: have the certificate of the HTTPS server from the cluster, too, and renew it'),
    'tls-cert-file': stringFlag('', 'certificate of the HTTPS server; unless given, one in --cert-dir'),
    'tls-private-key-file': stringFlag('', 'its key'),
    'client-ca-file': stringFlag('', "authorities of the HTTPS server's clients; unless given, ca.crt of the cluster"),
    port: integerFlag(0, 'port of its HTTPS server; 0: 10250, or that of --port-base'),
    address: stringFlag(KUBELET_DEFAULTS.address, 'address of its HTTPS server'),
    'register-node': booleanFlag(KUBELET_DEFAULTS.registerNode, 'make the Node; otherwise its status is reported once somebody else has made it'),
    'register-with-taints': taintsFlag('taints of the node when it registers, as key=value:effect'),
    'provider-id': stringFlag('', "spec.providerID of the node when it registers: the machine's name at its provider"),
    'node-labels': listFlag([], 'labels of the node when it registers, as name=value'),
    'max-pods': integerFlag(KUBELET_DEFAULTS.maxPods, 'how many pods the node takes'),
    'pod-manifest-path': stringFlag('', "directory of static pods; unless given, the cluster's manifests"),
    'resolv-conf': stringFlag('', "the host's resolver configuration, for pods that do not ask the cluster's DNS"),
    'node-status-update-frequency': durationFlag(KUBELET_DEFAULTS.nodeStatusUpdateFrequency, 'how often the node reports'),
    'node-lease-duration': durationFlag(KUBELET_DEFAULTS.nodeLeaseDurationSeconds * 1000, "how long the node's lease lasts, in whole seconds; it is renewed four times in that (KubeletConfiguration's nodeLeaseDurationSeconds)"),
    'eviction-hard': settingsFlag(KUBELET_DEFAULTS.evictionHard, '<', 'below which amounts or parts of what the node has pods are evicted, e.g. memory.available<100Mi,nodefs.available<10%'),
    'eviction-minimum-reclaim': settingsFlag(KUBELET_DEFAULTS.evictionMinimumReclaim, '=', 'how much more than that is then got back, e.g. nodefs.available=500Mi'),
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
        ...certificates(values, settings),
        clientCAFile: values['client-ca-file'] || join(settings.paths.pki, 'ca.crt'),
        registerNode: values['register-node'],
        registerWithTaints: values['register-with-taints'],
        providerID: values['provider-id'],
        nodeLabels: nodeLabels(values['node-labels']),
        maxPods: values['max-pods'],
        nodeStatusUpdateFrequency: values['node-status-update-frequency'],
        nodeLeaseDurationSeconds: leaseSeconds(values['node-lease-duration']),
        evictionHard: evictionSettings(values['eviction-hard'], '<'),
        evictionMinimumReclaim: evictionSettings(values['eviction-minimum-reclaim'], '='),
        evictionPressureTransitionPeriod: values['eviction-pressure-transition-period'],
      },
      context,
    ),
});

interface CertificateFlags {
  readonly 'bootstrap-kubeconfig': string;
  readonly 'cert-dir': string;
  readonly 'rotate-certificates': boolean;
  readonly 'rotate-server-certificates': boolean;
  readonly 'tls-cert-file': string;
  readonly 'tls-private-key-file': string;
}

/** On a machine whose certificates were made beside the authority, the server's is in the same directory. */
function certificates(values: CertificateFlags, settings: ClusterSettings): Pick<KubeletConfig, 'bootstrapKubeconfig' | 'certDir' | 'rotateCertificates' | 'rotateServerCertificates' | 'tlsCertFile' | 'tlsPrivateKeyFile'> {
  const { 'bootstrap-kubeconfig': bootstrapKubeconfig, 'tls-cert-file': tlsCertFile, 'tls-private-key-file': tlsPrivateKeyFile } = values;
  if ((tlsCertFile === '') !== (tlsPrivateKeyFile === '')) throw new FlagError('--tls-cert-file and --tls-private-key-file go together');
  return {
    bootstrapKubeconfig,
    certDir: values['cert-dir'] || join(settings.paths.kubelet, 'pki'),
    rotateCertificates: values['rotate-certificates'],
    rotateServerCertificates: values['rotate-server-certificates'] && (bootstrapKubeconfig !== '' || isJoinedNode(settings)),
    tlsCertFile,
    tlsPrivateKeyFile,
  };
}

/** `SIGNAL<VALUE,…`, or with another sign between the two. */
function settingsFlag(initial: EvictionSettings, sign: '<' | '=', usage: string): Flag<string> {
  return {
    usage,
    default: Object.entries(initial).map((pair) => pair.join(sign)).join(','),
    boolean: false,
    parse(text) {
      const settings = evictionSettings(text, sign);
      checked(() => (sign === '<' ? parseThresholds(settings, {}) : parseThresholds({}, settings)));
      return text;
    },
  };
}

function evictionSettings(text: string, sign: '<' | '='): EvictionSettings {
  const pairs = text.split(',').filter((each) => each.trim() !== '');
  return Object.fromEntries(
    pairs.map((each) => {
      const at = each.indexOf(sign);
      if (at <= 0) throw new FlagError(`malformed pair, expect string${sign}string: ${each}`);
      return [each.slice(0, at).trim(), each.slice(at + 1).trim()];
    }),
  );
}

function taintsFlag(usage: string): Flag<KubeletConfig['registerWithTaints']> {
  return { usage, default: [], boolean: false, parse: (text) => checked(() => parseTaints(text)) };
}

/** What is wrong with a flag's value, as a mistake on the command line. */
function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new FlagError(messageOf(error));
  }
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
