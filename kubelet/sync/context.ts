import type { V1Pod, V1Service } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { ConfigObjects } from '../env/containerEnv.ts';
import type { NodeAllocatable } from '../env/downwardAPI.ts';
import type { ImageManager } from '../images/imageManager.ts';
import type { PodNetwork } from '../network/types.ts';
import type { CgroupLayout } from '../podCgroup.ts';
import type { ClusterDNS } from '../podDNS.ts';
import type { PodEvents } from '../podEvents.ts';
import type { PodPaths } from '../podPaths.ts';
import type { ProbeManager } from '../probes/types.ts';
import type { ContainerRuntime, DNSConfig, RuntimeInfo } from '../runtime/types.ts';
import type { VolumeManager } from '../volumes/types.ts';

/** What the parts of a kubelet work with on pods. */
export interface SyncContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: ContainerRuntime;
  readonly runtimeInfo: RuntimeInfo;
  readonly network: PodNetwork;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly probes: ProbeManager;
  readonly events: PodEvents;
  readonly objects: ConfigObjects;
  readonly services: () => readonly V1Service[];
  readonly paths: PodPaths;
  readonly cgroups: CgroupLayout;
  readonly dns: ClusterDNS;
  readonly hostDNS: () => Promise<DNSConfig>;
  /** Addresses of the node, the primary one first. */
  readonly hostIPs: readonly string[];
  readonly allocatable: NodeAllocatable;
  readonly memoryBytes: number;
  readonly httpHook: (pod: V1Pod, url: string, headers: Readonly<Record<string, string>>, timeoutMilliseconds: number) => Promise<void>;
  /** Aborted when the kubelet stops. */
  readonly signal: AbortSignal;
}
