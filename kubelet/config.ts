import type { ClientConfig } from '../client/clientConfig.ts';
import { DEFAULT_EVICTION_HARD, type EvictionSettings } from './eviction/thresholds.ts';

/** A kubelet's configuration; fields that KubeletConfiguration has bear its names. Times in milliseconds. */
export interface KubeletConfig {
  readonly nodeName: string;
  /** Path of a kubeconfig, or the configuration itself. */
  readonly kubeconfig: string | ClientConfig;
  /** `''` for the one cluster of a host; a name tells two clusters on one host and engine apart. */
  readonly instance: string;
  readonly rootDir: string;
  readonly podLogsDir: string;
  readonly containerLogsDir: string;
  readonly dockerSocket: string;
  /** Cgroup above `kubepods`; `''` for the root. */
  readonly cgroupRoot: string;
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  /** The node's own resolv.conf, for pods that do not use the cluster's DNS. */
  readonly resolvConf: string;
  /** Directory of static pods; `''` for none. */
  readonly staticPodPath: string;
  readonly fileCheckFrequency: number;
  readonly cniConfDir: string;
  readonly cniBinDirs: readonly string[];
  /** Put before CNI plugins, to run them in another network namespace than the kubelet's. */
  readonly cniCommandPrefix: readonly string[];
  /** Bytes; undefined for the kernel's default. */
  readonly mtu: number | undefined;
  /** Where the network between the nodes tells an MTU, for when `mtu` does not. */
  readonly nodeNetworkNotice?: string;
  /** Addresses that the node announces; empty to take the host's. */
  readonly nodeIPs: readonly string[];
  /** Whether the kubelet makes the Node's object. */
  readonly registerNode: boolean;
  /** `spec.providerID` of the Node it registers; `''` for none. */
  readonly providerID: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly registerWithTaints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly maxPods: number;
  /** Of the HTTPS server. */
  readonly port: number;
  readonly address: string;
  /** PEM files of the HTTPS server; `''` for those below `certDir`: from the cluster (`rotateServerCertificates`), else `kubelet.crt`, signed by itself where there is none. */
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
  /** Authorities of the server's clients; the server is not started where it is `''`. */
  readonly clientCAFile: string;
  readonly certDir: string;
  /** What to ask for the first client certificate with; `''` where `kubeconfig` is there already. */
  readonly bootstrapKubeconfig: string;
  readonly rotateCertificates: boolean;
  readonly rotateServerCertificates: boolean;
  readonly nodeStatusUpdateFrequency: number;
  /** How often an unchanged status is written all the same. */
  readonly nodeStatusReportFrequency: number;
  readonly nodeLeaseDurationSeconds: number;
  /** How often the runtime's pods are listed, should one of its events have been lost. */
  readonly relistPeriod: number;
  readonly housekeepingPeriod: number;
  /** Below which amounts (`100Mi`) or parts (`10%`) of what the node has pods are evicted, by signal; and how much more than that is to be got back. */
  readonly evictionHard: EvictionSettings;
  readonly evictionMinimumReclaim: EvictionSettings;
  /** How long a pressure is told of after it was seen last. */
  readonly evictionPressureTransitionPeriod: number;
  /** Percent of the images' disk in use from which on, and down to which, unused images are removed. */
  readonly imageGCHighThresholdPercent: number;
  readonly imageGCLowThresholdPercent: number;
  readonly imageMinimumGCAge: number;
  /** How often volumes are brought up to date with their sources (`syncFrequency`). */
  readonly syncFrequency: number;
}

/** Kubernetes' defaults and paths; a config needs only `nodeName` and `kubeconfig` besides. */
export const KUBELET_DEFAULTS: Omit<KubeletConfig, 'nodeName' | 'kubeconfig'> = {
  instance: '',
  rootDir: '/var/lib/kubelet',
  podLogsDir: '/var/log/pods',
  containerLogsDir: '/var/log/containers',
  dockerSocket: '/var/run/docker.sock',
  cgroupRoot: '',
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  resolvConf: '/etc/resolv.conf',
  staticPodPath: '',
  fileCheckFrequency: 20_000,
  cniConfDir: '/etc/cni/net.d',
  cniBinDirs: ['/opt/cni/bin', '/usr/lib/cni'],
  cniCommandPrefix: [],
  mtu: undefined,
  nodeIPs: [],
  registerNode: true,
  providerID: '',
  nodeLabels: {},
  registerWithTaints: [],
  maxPods: 110,
  port: 10250,
  address: '0.0.0.0',
  tlsCertFile: '',
  tlsPrivateKeyFile: '',
  clientCAFile: '',
  certDir: '/var/lib/kubelet/pki',
  bootstrapKubeconfig: '',
  rotateCertificates: true,
  rotateServerCertificates: false,
  nodeStatusUpdateFrequency: 10_000,
  nodeStatusReportFrequency: 300_000,
  nodeLeaseDurationSeconds: 40,
  relistPeriod: 10_000,
  housekeepingPeriod: 60_000,
  evictionHard: DEFAULT_EVICTION_HARD,
  evictionMinimumReclaim: {},
  evictionPressureTransitionPeriod: 300_000,
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: 120_000,
  syncFrequency: 60_000,
};
