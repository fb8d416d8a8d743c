import { join } from 'node:path';
import type { V1Pod } from '../api/generated/types.ts';
import type { PodIdentity } from './runtime/types.ts';

/** Where the things of pods lie on the host: Kubernetes' own layout under the kubelet's root. */
export interface PodPaths {
  /** `/var/lib/kubelet`. */
  readonly rootDir: string;
  /** `/var/log/pods`. */
  readonly podLogsDir: string;
  /** `/var/log/containers`. */
  readonly containerLogsDir: string;
}

export const podsDir = (paths: PodPaths): string => join(paths.rootDir, 'pods');
export const podDir = (paths: PodPaths, uid: string): string => join(podsDir(paths), uid);
export const volumesDir = (paths: PodPaths, uid: string): string => join(podDir(paths, uid), 'volumes');
export const etcHostsPath = (paths: PodPaths, uid: string): string => join(podDir(paths, uid), 'etc-hosts');

/** What a container writes its last words into; one file for each run. */
export const terminationLogPath = (paths: PodPaths, uid: string, container: string, attempt: number): string => join(podDir(paths, uid), 'containers', container, String(attempt));

/** Directory of a pod's log files. */
export const podLogDir = (paths: PodPaths, pod: PodIdentity): string => join(paths.podLogsDir, `${pod.namespace}_${pod.name}_${pod.uid}`);

/** The log of one run of a container. */
export const containerLogPath = (paths: PodPaths, pod: PodIdentity, container: string, attempt: number): string => join(podLogDir(paths, pod), container, `${attempt}.log`);

/** The flat link that log collectors look for. */
export const containerLogLink = (paths: PodPaths, pod: PodIdentity, container: string, id: string): string => join(paths.containerLogsDir, `${pod.name}_${pod.namespace}_${container}-${id}.log`);

export function gracePeriodOf(pod: V1Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
}
