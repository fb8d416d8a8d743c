import type { V1Pod } from '../../api/generated/types.ts';

export type ProbeResult = 'Success' | 'Failure' | 'Unknown';

/** The newest results of a container's probes, of this very container id; undefined where none has run yet. */
export interface ProbeResults {
  readonly liveness?: ProbeResult;
  readonly readiness?: ProbeResult;
  readonly startup?: ProbeResult;
}

/** Runs probes. `changed` is called when a result differs from the one before. */
export interface ProbeManager {
  /** Begins (or goes on) to probe the pod's containers; called at each sync with the pod's newest status. */
  ensurePod(pod: V1Pod): void;
  /** The pod is going: liveness and startup probes end, readiness goes on until `removePod`. */
  stopLivenessAndStartup(podUid: string): void;
  removePod(podUid: string): void;
  /** `containerId` without the runtime's prefix. */
  results(podUid: string, containerName: string, containerId: string): ProbeResults;
}
