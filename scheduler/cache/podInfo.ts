import type { V1Pod, V1PodSpec, V1Toleration } from '../../api/generated/types.ts';
import { podRequests } from '../../api/values/podResources.ts';
import { affinityTerm, type AffinityTerm, type WeightedTerm } from './affinityTerm.ts';
import { resourcesOf, type Resources, scoringRequests } from './resources.ts';

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod with everything that cycles ask about it, computed once per version of the pod. */
export interface PodInfo {
  readonly pod: V1Pod;
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: V1PodSpec;
  readonly priority: number;
  readonly requests: Resources;
  readonly scoringRequests: { readonly milliCPU: number; readonly memory: number };
  readonly hostPorts: readonly HostPort[];
  readonly tolerations: readonly V1Toleration[];
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  /** Preferred affinity, and anti-affinity with a negative weight. */
  readonly preferredAffinity: readonly WeightedTerm[];
}

export function podInfo(pod: V1Pod): PodInfo {
  const { namespace, name, uid, labels = {} } = pod.metadata;
  const spec = pod.spec ?? { containers: [] };
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return {
    pod,
    uid,
    key: `${namespace}/${name}`,
    namespace,
    labels,
    spec,
    priority: spec.priority ?? 0,
    requests: resourcesOf(podRequests(spec)),
    scoringRequests: scoringRequests(spec),
    hostPorts: hostPortsOf(spec),
    tolerations: spec.tolerations ?? [],
    requiredAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => affinityTerm(term, namespace)),
    requiredAntiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => affinityTerm(term, namespace)),
    preferredAffinity: [
      ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({ weight, term: affinityTerm(podAffinityTerm, namespace) })),
      ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({ weight: -weight, term: affinityTerm(podAffinityTerm, namespace) })),
    ],
  };
}

function hostPortsOf(spec: V1PodSpec): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].flatMap((container) =>
    (container.ports ?? []).filter(({ hostPort }) => hostPort).map(({ hostIP, protocol, hostPort }) => ({ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort! })),
  );
}
