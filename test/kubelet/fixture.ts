import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1ConfigMap, V1Container, V1Pod, V1PodSpec, V1PodStatus, V1Secret } from '../../api/generated/types.ts';
import type { EventTarget } from '../../client/types.ts';
import { ImageManager } from '../../kubelet/images/imageManager.ts';
import { Conntrack } from '../../host/conntrack.ts';
import { Iptables } from '../../host/iptables.ts';
import { PulledImages } from '../../kubelet/images/pulledImages.ts';
import { CNINetwork } from '../../kubelet/network/cni.ts';
import { HostPorts } from '../../kubelet/network/hostPorts.ts';
import { spawnPlugin } from '../../kubelet/network/plugin.ts';
import { podEvents } from '../../kubelet/podEvents.ts';
import { PodWorkers } from '../../kubelet/podWorkers.ts';
import { PodProbes } from '../../kubelet/probes/probeManager.ts';
import { prober } from '../../kubelet/probes/prober.ts';
import { dockerRuntime } from '../../kubelet/runtime/docker.ts';
import type { SyncContext } from '../../kubelet/sync/context.ts';
import { callHook } from '../../kubelet/sync/httpHook.ts';
import { PodVolumes } from '../../kubelet/volumes/podVolumes.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import type { DockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';

export const IMAGE = 'busybox:test';

/** The workers of a kubelet on a real engine and network, with what they would tell the API server. */
export interface WorkerRig {
  readonly workers: PodWorkers;
  readonly context: SyncContext;
  readonly pulled: PulledImages;
  readonly events: { readonly reason: string; readonly message: string; readonly fieldPath: string | undefined }[];
  readonly finished: string[];
  readonly removed: string[];
  readonly configMaps: Map<string, V1ConfigMap>;
  readonly secrets: Map<string, V1Secret>;
  status(uid: string): V1PodStatus;
  /** The first status of the pod that is so, of its present one and all that are reported from now on; throws with the last one after a minute. */
  until(uid: string, what: (status: V1PodStatus) => boolean, milliseconds?: number): Promise<V1PodStatus>;
  stop(): Promise<void>;
}

export async function startWorkers(host: DockerHost, kept?: string): Promise<WorkerRig & { readonly root: string }> {
  const root = kept ?? (await mkdtemp(join(host.directory, 'kubelet-')));
  await mkdir(root, { recursive: true });
  const stop = new AbortController();
  const clock = systemClock;
  const logger = silentLogger;
  const runtime = dockerRuntime({ socketPath: host.socketPath, cluster: host.instance, node: 'node1', negativeOomScore: false, clock, logger });
  const runtimeInfo = await eventually('the engine tells of itself', 90_000, () => runtime.info().catch(() => undefined));
  const events: { reason: string; message: string; fieldPath: string | undefined }[] = [];
  const recorder = { event: (target: EventTarget, _type: string, reason: string, message: string) => void events.push({ reason, message, fieldPath: target.fieldPath }) };
  const configMaps = new Map<string, V1ConfigMap>();
  const secrets = new Map<string, V1Secret>();
  const objects = { configMap: async (_: string, __: string, name: string) => configMaps.get(name), secret: async (_: string, __: string, name: string) => secrets.get(name), release: () => undefined };
  const paths = { rootDir: root, podLogsDir: join(root, 'log/pods'), containerLogsDir: join(root, 'log/containers') };
  const network = await CNINetwork.open({
    confDir: join(root, 'none'), binDirs: ['/opt/cni/bin', '/usr/lib/cni'], stateDir: join(root, 'network'), instance: host.instance, mtu: () => Promise.resolve(undefined),
    podCIDRs: () => ['10.244.7.0/24'], run: spawnPlugin(host.enter), hostPorts: new HostPorts(new Iptables({ prefix: host.enter })), flows: new Conntrack(host.enter), logger,
  });
  const allocatable = { cpu: '2', memory: '4Gi', ephemeralStorage: '10Gi' };
  const probes = new PodProbes({ prober: prober(runtime, clock), events: podEvents(recorder), clock, logger, changed: (uid) => workers.poke(uid) });
  const pulled = await PulledImages.open(root);
  const context: SyncContext = {
    clock, logger, runtime, runtimeInfo, network, objects, paths,
    events: podEvents(recorder),
    images: new ImageManager({ runtime, objects, events: podEvents(recorder), clock, defaultRegistry: runtimeInfo.defaultRegistry, pulled }),
    volumes: new PodVolumes({
      paths, allocatable, clock,
      objects,
      tokens: { token: async () => 'token', release: () => undefined, nextRefresh: () => undefined },
    }),
    probes,
    services: () => [],
    cgroups: { root: `gantry-${host.instance}`, driver: runtimeInfo.cgroupDriver },
    dns: { servers: ['10.96.0.10'], domain: 'cluster.local' },
    hostDNS: async () => ({ servers: ['192.0.2.1'], searches: ['example.org'], options: [] }),
    hostIPs: ['10.240.0.11'],
    allocatable,
    memoryBytes: 4 * 2 ** 30,
    httpHook: (_, url, headers, timeout) => callHook(url, headers, timeout),
    signal: stop.signal,
  };
  const reported = new Map<string, V1PodStatus[]>();
  const statusesOf = (uid: string): readonly V1PodStatus[] => reported.get(uid) ?? [];
  const finished: string[] = [];
  const removed: string[] = [];
  const workers = new PodWorkers(context, {
    status: ({ metadata: { uid } }, status) => void reported.set(uid, [...statusesOf(uid), status]),
    finished: (pod) => void finished.push(pod.metadata.uid),
    removed: (uid) => void removed.push(uid),
  });
  const watching = (async () => {
    for await (const event of runtime.events(stop.signal)) {
      if (event.kind === 'pod') workers.poke(event.podUid);
      else workers.pokeAll();
    }
  })();
  return {
    workers, context, pulled, events, finished, removed, configMaps, secrets, root,
    status: (uid) => statusesOf(uid).at(-1) ?? {},
    async until(uid, what, milliseconds = 60_000) {
      // One that lasts for a moment must not pass between two looks; of the last, the answer may still change.
      let from = statusesOf(uid).length - 1;
      for (const end = clock.monotonic() + milliseconds; clock.monotonic() < end; await clock.sleep(20)) {
        const found = statusesOf(uid).slice(Math.max(0, from)).find(what);
        if (found) return found;
        from = statusesOf(uid).length - 1;
      }
      throw new Error(`not so in time: ${JSON.stringify({ status: statusesOf(uid).at(-1), events }, null, 1)}`);
    },
    async stop() {
      stop.abort();
      await watching;
      await workers.stop();
      probes.stop();
      if (!kept) await rm(join(root, 'log'), { recursive: true, force: true });
    },
  };
}

let count = 0;

export function makePod(name: string, containers: readonly V1Container[], spec: Partial<V1PodSpec> = {}): V1Pod {
  count += 1;
  const uid = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name, namespace: 'default', uid, resourceVersion: '1', creationTimestamp: '2026-11-21T00:00:00Z', generation: 1, labels: { app: name } },
    spec: { containers: [...containers], nodeName: 'node1', restartPolicy: 'Always', terminationGracePeriodSeconds: 1, dnsPolicy: 'ClusterFirst', ...spec },
  };
}

export function shell(name: string, script: string, more: Partial<V1Container> = {}): V1Container {
  return { name, image: IMAGE, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], ...more };
}
