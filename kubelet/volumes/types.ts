import type { V1Pod } from '../../api/generated/types.ts';

/** A volume of a pod that is there on the host, ready to be bound into containers. */
export interface MountedVolume {
  readonly hostPath: string;
  /** Even where the mount does not ask for it: configMap, secret, downwardAPI and projected. */
  readonly readOnly: boolean;
}

/** A volumeMount of a container that wants a part of its volume. */
export interface SubPathMount {
  readonly podUid: string;
  readonly volumeName: string;
  readonly volume: MountedVolume;
  readonly container: string;
  /** Its place in the container's list of volumeMounts. */
  readonly index: number;
  /** Relative to the volume. */
  readonly subPath: string;
}

/** Makes a pod's volumes on the host and takes them away; all calls are idempotent. */
export interface VolumeManager {
  /**
   * Every volume of the pod by its name. Throws where one cannot be had yet, with the text that the pod's
   * `FailedMount` event shows; the caller tries again.
   */
  mountVolumes(pod: V1Pod, signal: AbortSignal): Promise<ReadonlyMap<string, MountedVolume>>;
  /** What a subPath leads to, as a path that no container can exchange for another. Throws where it leads out of the volume. */
  mountSubPath(mount: SubPathMount): Promise<string>;
  /**
   * Brings what changes with its source (configMap, secret, downwardAPI, tokens) up to date. Throws as `mountVolumes` does. Resolves to
   * when it must be called again at the latest (milliseconds since the epoch), undefined where only a change of a source makes it necessary.
   */
  refreshVolumes(pod: V1Pod): Promise<number | undefined>;
  /** Unmounts and removes the pod's volumes, after its containers have stopped. */
  unmountVolumes(podUid: string): Promise<void>;
}
