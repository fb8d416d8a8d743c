import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CertificatePair, type PairPaths } from '../../process/certificatePair.ts';
import { DEFAULT_TOLERATION_TIMES } from '../../apiserver/admission/defaultTolerationSeconds.ts';
import { parseAdmissionConfiguration } from '../../apiserver/admission/configurationFile.ts';
import { AdmissionConfigurationError } from '../../apiserver/admission/configurationObject.ts';
import { checkAdmissionSettings } from '../../apiserver/admission/pluginConfiguration.ts';
import { type AdmissionSettings, OFF_BY_DEFAULT } from '../../apiserver/admission/pluginOrder.ts';
import { type EgressSelector, openEgress } from '../../apiserver/egress/egressSelector.ts';
import { start } from '../../apiserver/main.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { loadKubeconfigUsers } from '../../client/kubeconfigUsers.ts';
import type { EtcdTlsMaterial } from '../../apiserver/storage/grpcConnection.ts';
import type { ComponentContext } from '../../process/component.ts';
import { booleanFlag, durationFlag, FlagError, integerFlag, ipFlag, listFlag, stringFlag } from '../../process/flags.ts';
import { WatchedFiles } from '../../process/watchedFiles.ts';
import { upkeepFigures } from '../certs/figures.ts';
import { auditConfig, auditFlags } from './auditFlags.ts';
import { defineComponent } from '../component.ts';
import { gantryVersion } from '../gantryVersion.ts';
import { authenticationFlags, authenticationSettings } from './authenticationFlags.ts';
import { authorizationFlags, authorizationSettings } from './authorizationFlags.ts';
import { browserConfig, browserFaults, browserFlags } from './browserFlags.ts';
import { featureFaults, featureFlags, featureGatesOf, runtimeConfigOf } from './featureFlags.ts';
import { throwFaults } from './flagFaults.ts';
import { loggingFaults, loggingFlags } from './loggingFlags.ts';
import { checkTracing, observationFaults, observationFlags } from './observationFlags.ts';
import { checkConcurrency, checkFixed, fixedFlags, serverRunFaults, serverRunFlags, toleratedFlags } from './serverRunFlags.ts';
import { checkStorage, storageFaults, storageFlags } from './storageFlags.ts';
import { tlsFlags, tlsSettings } from './tlsFlags.ts';

export const apiserver = defineComponent({
  name: 'apiserver',
  summary: 'serves the Kubernetes API from etcd',
  flags: {
    'etcd-servers': listFlag([], "URLs of etcd's members; unless given, the etcd of the cluster"),
    'etcd-cafile': stringFlag('', "authority of etcd's certificates"),
    'etcd-certfile': stringFlag('', "the API server's certificate for etcd"),
    'etcd-keyfile': stringFlag('', 'its key'),
    ...storageFlags,
    'egress-selector-config-file': stringFlag('', 'file that says by which proxies nodes, pods and Services, the control plane, and etcd are reached (EgressSelectorConfiguration)'),
    'encryption-provider-config': stringFlag('', 'file that says how values are encrypted in etcd (EncryptionConfiguration)'),
    'encryption-provider-config-automatic-reload': booleanFlag(false, 'whether changes of that file are taken over while the server runs'),
    ...auditFlags,
    'bind-address': ipFlag('0.0.0.0', 'address to listen on'),
    'secure-port': integerFlag(0, 'port to listen on; 0: 6443, or that of --port-base'),
    'advertise-address': ipFlag('', "address that clients are told; unless given, the node's"),
    'tls-cert-file': stringFlag('', 'certificate of the server'),
    'tls-private-key-file': stringFlag('', 'its key'),
    ...tlsFlags,
    'client-ca-file': stringFlag('', "authorities of clients' certificates"),
    'kubelet-client-certificate': stringFlag('', "the API server's certificate for kubelets"),
    'kubelet-client-key': stringFlag('', 'its key'),
    'kubelet-certificate-authority': stringFlag('', "authority of the kubelets' certificates"),
    'kubelet-preferred-address-types': listFlag(['InternalIP', 'ExternalIP', 'Hostname'], 'which address of a node its kubelet is reached by, the first that it has'),
    'proxy-client-cert-file': stringFlag('', 'certificate by which extension API servers know that requests come from this server'),
    'proxy-client-key-file': stringFlag('', 'its key'),
    'requestheader-client-ca-file': stringFlag('', "authority of such certificates and of authenticating proxies', which extension API servers are told; unless given, the cluster's front-proxy-ca"),
    'enable-aggregator-routing': booleanFlag(false, "whether requests go to endpoints of extension API servers, and not to their Services' addresses"),
    'aggregator-reject-forwarding-redirect': booleanFlag(true, 'whether redirections by extension API servers are refused'),
    'service-account-signing-key-file': stringFlag('', 'key that signs the tokens of ServiceAccounts; unless given, sa.key of the cluster'),
    ...authenticationFlags,
    ...authorizationFlags,
    'service-node-port-range': stringFlag('30000-32767', 'ports that Services may have on the nodes'),
    ...serverRunFlags,
    ...browserFlags,
    'default-not-ready-toleration-seconds': integerFlag(DEFAULT_TOLERATION_TIMES.notReady, 'how long pods stay on a node that is not ready, unless they say otherwise'),
    'default-unreachable-toleration-seconds': integerFlag(DEFAULT_TOLERATION_TIMES.unreachable, 'how long pods stay on a node that is unreachable, unless they say otherwise'),
    'enable-admission-plugins': listFlag([], `admission plugins to turn on besides those that are on by default: ${OFF_BY_DEFAULT.join(', ')}`),
    'disable-admission-plugins': listFlag([], 'admission plugins to turn off, also those that are on by default'),
    'admission-control-config-file': stringFlag('', 'AdmissionConfiguration with the configurations of admission plugins (PodSecurity, ResourceQuota, EventRateLimit, PodNodeSelector, MutatingAdmissionWebhook, ValidatingAdmissionWebhook)'),
    'event-ttl': durationFlag(3_600_000, 'how long events are kept'),
    ...featureFlags,
    ...observationFlags,
    ...loggingFlags,
    ...fixedFlags,
    ...toleratedFlags,
  },
  start(values, { paths, ports, nodeAddress, serviceCIDR, clusterDomain }, context, texts) {
    const features = featureGatesOf(values, context.logger);
    throwFaults([
      ...serverRunFaults(values, values['secure-port']),
      ...browserFaults(values),
      ...storageFaults(values, { file: values['encryption-provider-config'], reload: values['encryption-provider-config-automatic-reload'] }),
      ...featureFaults(values),
      ...observationFaults(values),
      ...loggingFaults(values),
    ]);
    const runtimeConfig = runtimeConfigOf(values, context.logger);
    checkConcurrency(values);
    checkStorage(values);
    checkFixed(values);
    checkTracing(values, context.logger);
    const tls = tlsSettings(values, !values['disable-http2-serving'], context);
    const admission = admissionSettings(values);
    const path = (given: string, file: string): string => given || join(paths.pki, file);
    const endpoints = values['etcd-servers'].length > 0 ? values['etcd-servers'] : [`https://127.0.0.1:${ports.etcdClient}`];
    const serving = new CertificatePair({ certificate: path(values['tls-cert-file'], 'apiserver.crt'), key: path(values['tls-private-key-file'], 'apiserver.key'), authority: path(values['client-ca-file'], 'ca.crt') }, context);
    const kubelet = new CertificatePair(
      { certificate: path(values['kubelet-client-certificate'], 'apiserver-kubelet-client.crt'), key: path(values['kubelet-client-key'], 'apiserver-kubelet-client.key'), authority: path(values['kubelet-certificate-authority'], 'ca.crt') },
      context,
    );
    const frontAuthority = path(values['requestheader-client-ca-file'], 'front-proxy-ca.crt');
    const frontProxy = values['requestheader-client-ca-file'] !== '' || existsSync(frontAuthority) ? new WatchedFiles({ paths: { authority: frontAuthority }, ...context }) : undefined;
    const proxyClient = proxyClientPair({ certificate: path(values['proxy-client-cert-file'], 'front-proxy-client.crt'), key: path(values['proxy-client-key-file'], 'front-proxy-client.key'), authority: frontAuthority }, context);
    const egress = egressOf(values['egress-selector-config-file']);
    const audit = auditConfig(values, context.clock, egress?.controlplane);
    const securePort = values['secure-port'] || ports.apiserver;
    const advertiseAddress = values['advertise-address'] || nodeAddress;
    return start(
      {
        ...(audit ? { audit } : {}),
        ...(egress ? { egress } : {}),
        bindAddress: values['bind-address'],
        ...(values['external-hostname'] === '' ? {} : { externalHostname: values['external-hostname'] }),
        tls: tls.settings,
        portSharing: values['permit-port-sharing'],
        features,
        runtimeConfig,
        disabledMetrics: values['disabled-metrics'],
        securePort,
        advertiseAddress,
        flags: { ...texts, 'secure-port': String(securePort), 'advertise-address': advertiseAddress, 'service-cluster-ip-range': serviceCIDR },
        get certificate() {
          return serving.certificate;
        },
        get key() {
          return serving.key;
        },
        get clientAuthority() {
          return serving.authority;
        },
        onCertificatesChange: (changed) => {
          serving.onChange(changed);
          tls.onChange(changed);
          frontProxy?.onChange(changed);
        },
        etcd: {
          endpoints,
          compactionIntervalMilliseconds: values['etcd-compaction-interval'],
          readyCheckMilliseconds: values['etcd-readycheck-timeout'],
          healthCheckMilliseconds: values['etcd-healthcheck-timeout'],
          leaseReuseMilliseconds: values['lease-reuse-duration-seconds'] * 1000,
          ...(endpoints.every((each) => each.startsWith('http:')) ? {} : { tls: etcdTls(values, path, context) }),
        },
        ...(values['encryption-provider-config'] === '' ? {} : { encryption: { file: values['encryption-provider-config'], reload: values['encryption-provider-config-automatic-reload'] } }),
        kubeletClient: {
          get certificate() {
            return kubelet.certificate;
          },
          get key() {
            return kubelet.key;
          },
          get authority() {
            return kubelet.authority;
          },
          preferredAddressTypes: values['kubelet-preferred-address-types'],
        },
        ...(proxyClient ? { proxyClient } : {}),
        aggregatorRouting: values['enable-aggregator-routing'],
        aggregatorRejectsRedirects: values['aggregator-reject-forwarding-redirect'],
        gantryVersion,
        figures: (metrics) => upkeepFigures(metrics, paths, context),
        serviceAccountKey: readFileSync(path(values['service-account-signing-key-file'], 'sa.key'), 'utf8'),
        ...authenticationSettings(values, `https://kubernetes.default.svc.${clusterDomain}`, features),
        get requestHeaderAuthority() {
          return frontProxy?.current.authority;
        },
        authorization: authorizationSettings(values),
        readKubeconfig: loadKubeconfig,
        readKubeconfigUsers: loadKubeconfigUsers,
        serviceClusterIPRange: serviceCIDR,
        componentPorts: ports,
        serviceNodePorts: portRange(values['service-node-port-range']),
        shutdownDelayMilliseconds: values['shutdown-delay-duration'],
        maxRequestsInFlight: values['max-requests-inflight'],
        maxMutatingRequestsInFlight: values['max-mutating-requests-inflight'],
        priorityAndFairness: values['enable-priority-and-fairness'],
        requestTimeoutMilliseconds: values['request-timeout'],
        minRequestTimeoutSeconds: values['min-request-timeout'],
        goawayChance: values['goaway-chance'],
        browsers: browserConfig(values),
        http2: values['disable-http2-serving'] ? false : { maxStreamsPerConnection: values['http2-max-streams-per-connection'] },
        tolerations: { notReady: values['default-not-ready-toleration-seconds'], unreachable: values['default-unreachable-toleration-seconds'] },
        admission,
        eventTtlSeconds: values['event-ttl'] / 1000,
      },
      context,
    );
  },
});

/** Throws a `FlagError` for plugins that there are not, and for configurations that cannot be used. */
function admissionSettings(values: Readonly<Record<'enable-admission-plugins' | 'disable-admission-plugins', readonly string[]>> & { readonly 'admission-control-config-file': string }): AdmissionSettings {
  const settings = { enable: values['enable-admission-plugins'], disable: values['disable-admission-plugins'] };
  const file = values['admission-control-config-file'];
  try {
    const configuration = file === '' ? new Map<string, unknown>() : parseAdmissionConfiguration(readFileSync(file, 'utf8'), (path) => readFileSync(resolve(dirname(file), path), 'utf8'));
    checkAdmissionSettings({ ...settings, configuration });
    return { ...settings, configuration };
  } catch (error) {
    if (error instanceof AdmissionConfigurationError) throw new FlagError(error.message);
    throw new FlagError(`unable to read admission control configuration from ${JSON.stringify(file)}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Throws a `FlagError`. */
function egressOf(file: string): EgressSelector | undefined {
  try {
    return file === '' ? undefined : openEgress(file);
  } catch (error) {
    throw new FlagError(`--egress-selector-config-file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A control plane whose certificates somebody else made may have none; it works without, but for extension API servers that insist on it. */
function proxyClientPair(paths: PairPaths, context: ComponentContext): CertificatePair | undefined {
  return Object.values(paths).every((file) => existsSync(file)) ? new CertificatePair(paths, context) : undefined;
}

function etcdTls(values: Readonly<Record<'etcd-cafile' | 'etcd-certfile' | 'etcd-keyfile', string>>, path: (given: string, file: string) => string, context: ComponentContext): EtcdTlsMaterial {
  const pair = new CertificatePair({ certificate: path(values['etcd-certfile'], 'apiserver-etcd-client.crt'), key: path(values['etcd-keyfile'], 'apiserver-etcd-client.key'), authority: path(values['etcd-cafile'], 'etcd/ca.crt') }, context);
  return {
    get ca() {
      return pair.authority;
    },
    get cert() {
      return pair.certificate;
    },
    get key() {
      return pair.key;
    },
  };
}

function portRange(text: string): { readonly first: number; readonly last: number } {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (!first || Number(first) > Number(last) || Number(last) > 65_535) throw new FlagError(`invalid argument for "--service-node-port-range": "${text}" is not a range such as 30000-32767`);
  return { first: Number(first), last: Number(last) };
}
