import type { V1Node, V1NodeCondition, V1NodeStatus } from '../../api/generated/types.ts';
import { LABEL_ARCH, LABEL_HOSTNAME, LABEL_OS } from '../../api/wellKnown.ts';
import type { Draft } from '../../api/meta.ts';
import { formatTime } from '../../process/clock.ts';
import { quantityValue } from '../../api/values/quantity.ts';
import type { NodeAllocatable } from '../env/downwardAPI.ts';
import { amountOf, type Signal, type Threshold } from '../eviction/thresholds.ts';
import type { RuntimeImage, RuntimeInfo } from '../runtime/types.ts';
import type { HostInfo } from './hostInfo.ts';

export const KUBELET_VERSION = 'v1.36.0';
/** Those of Kubernetes' features that are declared which this kubelet has, sorted: streams by WebSocket without an API server's translation. */
export const DECLARED_FEATURES: readonly string[] = ['ExtendWebSocketsToKubelet'];
/** `nodeStatusMaxImages`, `MaxNamesPerImageInNodeStatus`. */
const MAX_IMAGES = 50;
const MAX_NAMES = 5;

export interface NodeIdentity {
  readonly nodeName: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly maxPods: number;
  /** What pods may not use, since they are evicted before. */
  readonly reserved: readonly Threshold[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** `''` for none. */
  readonly providerID: string;
}

/** What is left for pods (`NodeAllocatable`). */
export function allocatableOf(host: HostInfo, reserved: readonly Threshold[]): NodeAllocatable {
  const left = (signal: Signal, capacity: number): number => {
    const threshold = reserved.find((each) => each.signal === signal);
    return Math.max(0, capacity - (threshold ? quantityValue(amountOf(threshold.value, capacity)) : 0));
  };
  return {
    cpu: String(host.cpus),
    memory: `${Math.floor(left('memory.available', host.memoryBytes) / 1024)}Ki`,
    ephemeralStorage: String(left('nodefs.available', host.storageBytes)),
  };
}

/** What the node offers to pods, as its status shows it. */
export function allocatableList(identity: NodeIdentity, host: HostInfo): Record<string, string> {
  const { cpu, memory, ephemeralStorage } = allocatableOf(host, identity.reserved);
  return { cpu, 'ephemeral-storage': ephemeralStorage, 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', memory, pods: String(identity.maxPods) };
}

/** The Node as a kubelet registers it. */
export function nodeObject(identity: NodeIdentity, host: HostInfo): Draft<V1Node> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: identity.nodeName, labels: nodeLabels(identity, host), annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
    spec: { ...(identity.providerID === '' ? {} : { providerID: identity.providerID }), ...(identity.taints.length > 0 ? { taints: identity.taints.map((taint) => ({ ...taint })) } : {}) },
  };
}

/** The Node with all that this kubelet knows of it without the API. */
export function ownNode(identity: NodeIdentity, host: HostInfo): V1Node {
  const { metadata, spec } = nodeObject(identity, host);
  return {
    apiVersion: 'v1', kind: 'Node',
    metadata: { ...metadata, name: identity.nodeName, uid: '', resourceVersion: '', creationTimestamp: '' },
    ...(spec ? { spec } : {}), status: { allocatable: allocatableList(identity, host) },
  };
}

export function nodeLabels(identity: NodeIdentity, host: HostInfo): Record<string, string> {
  const { architecture } = host;
  return { ...identity.labels, 'beta.kubernetes.io/arch': architecture, 'beta.kubernetes.io/os': 'linux', [LABEL_ARCH]: architecture, [LABEL_HOSTNAME]: identity.nodeName, [LABEL_OS]: 'linux' };
}

export interface NodeHealth {
  /** Why the node cannot run pods; undefined when it can. */
  readonly notReady: string | undefined;
  readonly memoryPressure: boolean;
  readonly diskPressure: boolean;
  readonly pidPressure: boolean;
}

/** The node's whole status. Conditions that did not change keep their transition time. */
export function nodeStatus(identity: NodeIdentity, host: HostInfo, runtime: RuntimeInfo, images: readonly RuntimeImage[], health: NodeHealth, previous: V1NodeStatus | undefined, now: number): V1NodeStatus {
  const capacity = { cpu: String(host.cpus), 'ephemeral-storage': `${Math.floor(host.storageBytes / 1024)}Ki`, 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', memory: `${Math.floor(host.memoryBytes / 1024)}Ki`, pods: String(identity.maxPods) };
  return {
    addresses: [...identity.addresses.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: identity.nodeName }],
    allocatable: allocatableList(identity, host),
    capacity,
    conditions: nodeConditions(health, previous?.conditions ?? [], formatTime(now)),
    declaredFeatures: [...DECLARED_FEATURES],
    daemonEndpoints: { kubeletEndpoint: { Port: identity.port } },
    images: imageList(images),
    nodeInfo: {
      architecture: host.architecture,
      bootID: host.bootID,
      containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
      kernelVersion: host.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: KUBELET_VERSION,
      machineID: host.machineID,
      operatingSystem: 'linux',
      osImage: host.osImage,
      systemUUID: host.systemUUID,
    },
  };
}

/** The largest images first. */
function imageList(images: readonly RuntimeImage[]): NonNullable<V1NodeStatus['images']> {
  return images
    .filter((image) => image.tags.length + image.digests.length > 0)
    .sort((a, b) => b.size - a.size)
    .slice(0, MAX_IMAGES)
    .map((image) => ({ names: [...image.digests, ...image.tags].slice(0, MAX_NAMES), sizeBytes: image.size }));
}

function nodeConditions(health: NodeHealth, previous: readonly V1NodeCondition[], now: string): V1NodeCondition[] {
  const pressure = (type: string, is: boolean, yes: readonly [string, string], no: readonly [string, string]): V1NodeCondition => ({ type, status: is ? 'True' : 'False', reason: is ? yes[0] : no[0], message: is ? yes[1] : no[1] });
  const wanted: V1NodeCondition[] = [
    pressure('MemoryPressure', health.memoryPressure, ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'], ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available']),
    pressure('DiskPressure', health.diskPressure, ['KubeletHasDiskPressure', 'kubelet has disk pressure'], ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure']),
    pressure('PIDPressure', health.pidPressure, ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'], ['KubeletHasSufficientPID', 'kubelet has sufficient PID available']),
    health.notReady === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: health.notReady },
  ];
  const ours = wanted.map((condition) => {
    const before = previous.find(({ type }) => type === condition.type);
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime: before?.status === condition.status && before.lastTransitionTime ? before.lastTransitionTime : now };
  });
  return [...previous.filter(({ type }) => !ours.some((condition) => condition.type === type)), ...ours];
}

/** Reasons of the events that tell of changed conditions; the first status of a node tells of all. */
export function conditionEvents(before: readonly V1NodeCondition[], after: readonly V1NodeCondition[]): readonly string[] {
  const reasons: Readonly<Record<string, readonly [string, string]>> = {
    MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
    DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
    PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
    Ready: ['NodeReady', 'NodeNotReady'],
  };
  return after.flatMap(({ type, status }) => {
    const reason = reasons[type];
    if (!reason || before.find((condition) => condition.type === type)?.status === status) return [];
    return [status === 'True' ? reason[0] : reason[1]];
  });
}
