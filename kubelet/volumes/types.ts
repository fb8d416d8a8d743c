import type { V1Pod } from '../../api/generated/types.ts';

/** A volume of a pod that is there on the host, ready to be bound into containers. */
export interface MountedVolume {
  readonly hostPath: string;
  /** Even where the mount does not ask for it: configMap, secret, downwardAPI and projected. */
  readonly readOnly: boolean;
}

/** Makes a pod's volumes on the host and takes them away; all calls are idempotent. */
export interface VolumeManager {
  /**
   * Every volume of the pod by its name. Throws where one cannot be had yet, with the text that the pod's
   * `FailedMount` event shows; the caller tries again.
   */
  mountVolumes(pod: V1Pod, signal: AbortSignal): Promise<ReadonlyMap<string, MountedVolume>>;
  /** Brings what changes with its source (configMap, secret, downwardAPI, tokens) up to date. */
  refreshVolumes(pod: V1Pod): Promise<void>;
  /** Unmounts and removes the pod's volumes, after its containers have stopped. */
  unmountVolumes(podUid: string): Promise<void>;
}
