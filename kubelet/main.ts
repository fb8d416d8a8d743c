import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod } from '../api/generated/types.ts';
import { EventRecorderImpl } from '../client/eventRecorder.ts';
import { InformerFactoryImpl } from '../client/informerFactory.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import { Nodes, Pods, Services } from '../client/resources.ts';
import { RestClient } from '../client/restClient.ts';
import type { Clock } from '../process/clock.ts';
import type { CertificatePair } from '../process/certificatePair.ts';
import type { ComponentContext, RunningComponent } from '../process/component.ts';
import type { Logger } from '../process/log.ts';
import type { KubeletConfig } from './config.ts';
import { EvictionManager } from './eviction/evictionManager.ts';
import { readPodUsage } from './eviction/readPodUsage.ts';
import { readSignals } from './eviction/readSignals.ts';
import { parseThresholds } from './eviction/thresholds.ts';
import { ImageManager } from './images/imageManager.ts';
import { diskUsage } from './images/diskUsage.ts';
import { ImageCollector } from './images/imageCollector.ts';
import { PulledImages } from './images/pulledImages.ts';
import { Kubelet } from './kubelet.ts';
import { bootstrapNode, keepNodeCertificates } from './identity/nodeIdentity.ts';
import { Conntrack } from '../host/conntrack.ts';
import { Iptables } from '../host/iptables.ts';
import { CNINetwork } from './network/cni.ts';
import { HostPorts } from './network/hostPorts.ts';
import { noticedMtu } from './network/noticedMtu.ts';
import { PodSubnets, podSubnetsOf } from './network/podSubnets.ts';
import { spawnPlugin } from './network/plugin.ts';
import { hostAddresses, readHostInfo } from './node/hostInfo.ts';
import { NodeAgent } from './node/nodeAgent.ts';
import { allocatableOf, type NodeIdentity, ownNode } from './node/nodeStatus.ts';
import { parseResolvConf } from './podDNS.ts';
import { podEvents } from './podEvents.ts';
import { PodProbes } from './probes/probeManager.ts';
import { prober } from './probes/prober.ts';
import { dockerRuntime } from './runtime/docker.ts';
import type { ContainerRuntime, RuntimeInfo } from './runtime/types.ts';
import { Access } from './server/access.ts';
import { awaitServingCertificate, selfSignedCertificate, servingCertificate, servingFiles } from './server/servingCertificate.ts';
import { type KubeletServer, serveKubelet } from './server/kubeletServer.ts';
import { isTerminalPhase } from './status/podPhase.ts';
import { StatusManager } from './status/statusManager.ts';
import type { SyncContext } from './sync/context.ts';
import { callHook } from './sync/httpHook.ts';
import { PodVolumes } from './volumes/podVolumes.ts';
import { ReferencedObjects } from './volumes/referencedObjects.ts';
import { ServiceAccountTokens } from './volumes/serviceAccountTokens.ts';
import { messageOf } from './errorText.ts';

const ENGINE_RETRY_MILLISECONDS = 500;

/** A kubelet that runs, with what its HTTPS server shows. */
export interface RunningKubelet extends RunningComponent {
  readonly kubelet: Kubelet;
  /** Of its HTTPS server, where that runs. */
  readonly serverPort?: number;
}

/** Starts a kubelet; resolves when the node is registered and the pods of all sources are known. Static pods do not wait for that: no API server may answer for long. */
export async function start(config: KubeletConfig, { clock, logger, signal }: ComponentContext): Promise<RunningKubelet> {
  await bootstrapNode(config, { clock, logger, signal });
  const clientConfig = typeof config.kubeconfig === 'string' ? loadKubeconfig(config.kubeconfig) : config.kubeconfig;
  const client = new RestClient(clientConfig, { component: 'kubelet', clock });
  const informers = new InformerFactoryImpl({ client, clock, logger });
  const podInformers = new InformerFactoryImpl({ client, clock, logger });
  const pods = podInformers.informer(Pods, { fieldSelector: `spec.nodeName=${config.nodeName}` });
  const services = informers.informer(Services);
  const node = informers.informer(Nodes, { fieldSelector: `metadata.name=${config.nodeName}` });
  const recorder = new EventRecorderImpl({ client, clock, logger, component: 'kubelet', host: config.nodeName });

  await mkdir(config.rootDir, { recursive: true, mode: 0o750 });
  const host = await readHostInfo(config.rootDir);
  if (!host.canLowerOomScore) logger.warn('this host lacks CAP_SYS_RESOURCE: containers run without a negative OOM score');
  const runtime = dockerRuntime({ socketPath: config.dockerSocket, cluster: config.instance, node: config.nodeName, negativeOomScore: host.canLowerOomScore, clock, logger });
  const runtimeInfo = await engineInfo(runtime, clock, logger, signal);
  if (!runtimeInfo.liveRestore) logger.warn('the container engine has no live-restore: its restart ends every container');
  const hostIPs = config.nodeIPs.length > 0 ? config.nodeIPs : hostAddresses();

  const subnets = await PodSubnets.open(join(config.rootDir, 'network', 'podCIDRs.json'));
  const network = await CNINetwork.open({
    confDir: config.cniConfDir,
    binDirs: config.cniBinDirs,
    stateDir: join(config.rootDir, 'network'),
    instance: config.instance,
    mtu: async () => config.mtu ?? (config.nodeNetworkNotice === undefined ? undefined : await noticedMtu(config.nodeNetworkNotice)),
    podCIDRs: () => (node.hasSynced ? podSubnetsOf(node.get(config.nodeName)) : subnets.known),
    run: spawnPlugin(config.cniCommandPrefix),
    hostPorts: new HostPorts(new Iptables({ prefix: config.cniCommandPrefix ?? [] })),
    flows: new Conntrack(config.cniCommandPrefix),
    logger,
  });

  const events = podEvents(recorder);
  const paths = { rootDir: config.rootDir, podLogsDir: config.podLogsDir, containerLogsDir: config.containerLogsDir };
  const thresholds = parseThresholds(config.evictionHard, config.evictionMinimumReclaim);
  const allocatable = allocatableOf(host, thresholds);
  // Known from here on; there is somebody to wake when the kubelet is made, below.
  let poke = (_podUid: string): void => undefined;
  const objects = new ReferencedObjects({ client, clock, logger, changed: (uid) => poke(uid), signal });
  const volumes = new PodVolumes({
    paths,
    objects,
    tokens: new ServiceAccountTokens({ client, clock, logger }),
    allocatable,
    clock,
  });
  const probes = new PodProbes({ prober: prober(runtime, clock), events, clock, logger, changed: (uid) => poke(uid) });
  const pulled = await PulledImages.open(config.rootDir);
  const context: SyncContext = {
    clock,
    logger,
    runtime,
    runtimeInfo,
    network,
    images: new ImageManager({ runtime, objects, events, clock, defaultRegistry: runtimeInfo.defaultRegistry, pulled }),
    volumes,
    probes,
    events,
    objects,
    services: () => services.list(),
    paths,
    cgroups: { root: config.cgroupRoot, driver: runtimeInfo.cgroupDriver },
    dns: { servers: config.clusterDNS, domain: config.clusterDomain },
    hostDNS: async () => parseResolvConf(await readFile(config.resolvConf, 'utf8')),
    hostIPs,
    allocatable,
    memoryBytes: host.memoryBytes,
    httpHook: (_, url, headers, timeout) => callHook(url, headers, timeout),
    signal,
  };

  const identity: NodeIdentity = { nodeName: config.nodeName, addresses: hostIPs, port: config.port, maxPods: config.maxPods, reserved: thresholds, labels: config.nodeLabels, taints: config.registerWithTaints, providerID: config.providerID };
  const health = async () => ({ notReady: (await engineDown(runtime)) ?? (await network.notReady()), memoryPressure: eviction.pressures.includes('MemoryPressure'), diskPressure: eviction.pressures.includes('DiskPressure'), pidPressure: eviction.pressures.includes('PIDPressure') });
  const nodeAgent = new NodeAgent({
    client, runtime, runtimeInfo, host, identity, registerNode: config.registerNode, recorder, health, clock, logger,
    updateFrequency: config.nodeStatusUpdateFrequency, reportFrequency: config.nodeStatusReportFrequency, leaseDurationSeconds: config.nodeLeaseDurationSeconds,
  });
  pods.addIndex('uid', (pod) => [pod.metadata.uid]);
  const statuses = new StatusManager({ client, apiPod: (uid) => pods.byIndex('uid', uid)[0], clock, logger, signal });
  const livingPods = (): readonly V1Pod[] => kubelet.pods().filter(({ status }) => !isTerminalPhase(status?.phase));
  const images = new ImageCollector({
    runtime, pulled, clock, logger,
    disk: () => diskUsage(runtimeInfo.rootDirectory),
    pods: livingPods,
    policy: { highThreshold: config.imageGCHighThresholdPercent, lowThreshold: config.imageGCLowThresholdPercent, minimumAge: config.imageMinimumGCAge },
    failed: (reason, message) => nodeAgent.warn(reason, message),
  });
  const eviction: EvictionManager = new EvictionManager({
    thresholds,
    signals: () => readSignals(config.rootDir, runtimeInfo.rootDirectory),
    pods: livingPods,
    usage: (list, measure) => readPodUsage(list, measure, runtime, paths),
    freeContainers: () => kubelet.removeEndedContainers(),
    freeImages: () => images.collectAll(),
    evict: (pod, failure) => kubelet.evict(pod, failure),
    warn: (reason, message) => nodeAgent.warn(reason, message),
    changed: () => nodeAgent.poke(),
    transitionPeriod: config.evictionPressureTransitionPeriod, clock, logger,
  });
  const kubelet: Kubelet = new Kubelet({ config, context, eviction, images, client, pods, node, ownNode: ownNode(identity, host), nodeAgent, statuses, logger });
  poke = (uid) => kubelet.poke(uid);

  node.addHandler({
    added: (seen) => subnets.note(seen),
    updated: (_, seen) => {
      subnets.note(seen);
      // Its pod subnet, above all, may be what its readiness waits for.
      nodeAgent.poke();
    },
  });
  informers.start(signal);
  const server = config.clientCAFile === '' ? undefined : await startServer(config, kubelet, client, context);
  // A container's environment names the Services that there are: pods of the API come after them.
  const listing = Promise.all([services.synced(signal), node.synced(signal)]).then(() => podInformers.start(signal));
  const keeping = keepNodeCertificates(config, clientConfig, hostIPs, { client, clock, logger, signal });
  const stopped = Promise.all([kubelet.run(signal), keeping, listing]).then(async () => {
    probes.stop();
    await server?.close();
    await Promise.all([informers.ended(), podInformers.ended()]);
    client.close();
  });
  await Promise.all([nodeAgent.registered, pods.synced(signal)]);
  return { kubelet, stopped, ...(server ? { serverPort: server.port } : {}) };
}

async function startServer(config: KubeletConfig, kubelet: Kubelet, client: RestClient, { runtime, clock, logger, signal }: SyncContext): Promise<KubeletServer> {
  const context = { clock, logger, signal };
  const paths = await servingFiles(config, clock.now());
  const present = servingCertificate(paths, context);
  const { certificate, key } = present ?? (await selfSignedCertificate(config.nodeName, clock.now()));
  const clientAuthority = present?.authority ?? (await readFile(config.clientCAFile, 'utf8'));
  const { kubeconfig: _, ...configuration } = config;
  const server = await serveKubelet({
    address: config.address, port: config.port, certificate, key, clientAuthority, nodeName: config.nodeName,
    access: new Access(client, config.nodeName, clock), pods: kubelet, runtime, configuration, clock, logger,
  });
  const follow = (pair: CertificatePair): void => pair.onChange(() => server.useCertificate(pair));
  if (present) follow(present);
  const awaited = present ? undefined : awaitServingCertificate(paths, context).then((pair) => {
    if (!pair) return;
    server.useCertificate(pair);
    follow(pair);
  });
  return {
    ...server,
    close: async () => {
      await server.close();
      await awaited;
    },
  };
}

/** Waits for the engine. */
async function engineInfo(runtime: ContainerRuntime, clock: Clock, logger: Logger, signal: AbortSignal): Promise<RuntimeInfo> {
  for (let told = false; ; told = true) {
    try {
      return await runtime.info();
    } catch (error) {
      if (signal.aborted) throw error;
      if (!told) logger.warn('waiting for the container engine', { error });
      await clock.sleep(ENGINE_RETRY_MILLISECONDS, signal);
    }
  }
}

async function engineDown(runtime: ContainerRuntime): Promise<string | undefined> {
  try {
    await runtime.info();
    return undefined;
  } catch (error) {
    return `container runtime is down: ${messageOf(error)}`;
  }
}
