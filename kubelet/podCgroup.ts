import type { V1Pod } from '../api/generated/types.ts';
import { qosClass, type QOSClass } from './qosClass.ts';

export interface CgroupLayout {
  /** Path above `kubepods`, `''` for the root: two clusters on one host have different ones. */
  readonly root: string;
  readonly driver: 'cgroupfs' | 'systemd';
}

/** The cgroup of all pods of a quality of service; Guaranteed pods are right below `kubepods`. */
export function qosCgroup(qos: QOSClass, layout: CgroupLayout): readonly string[] {
  return [...layout.root.split('/').filter((part) => part !== ''), 'kubepods', ...(qos === 'Guaranteed' ? [] : [qos.toLowerCase()])];
}

/** The names from the root to the pod's cgroup. */
export function podCgroup(pod: V1Pod, layout: CgroupLayout): readonly string[] {
  return [...qosCgroup(qosClass(pod), layout), `pod${pod.metadata.uid}`];
}

/** As the engine takes it for a parent: a path, or the name of a slice (`CgroupName.ToSystemd`). */
export function cgroupParent(names: readonly string[], driver: CgroupLayout['driver']): string {
  if (driver === 'cgroupfs') return `/${names.join('/')}`;
  return `${names.map((name) => name.replaceAll('-', '_')).join('-')}.slice`;
}
