import type { V1Container, V1PodSpec } from '../../../../api/generated/types.ts';

/** What a check looks at: a pod, or the template of one. */
export interface CheckedPod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: V1PodSpec;
}

/** Why a check refuses a pod: in few words, and with the names of what is wrong. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type CheckPod = (pod: CheckedPod) => Violation | undefined;

/** One rule of the Pod Security Standards, as it has been since each of some versions (`policy.Check`). */
export interface Check {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** Ascending. */
  readonly versions: readonly { /** 34 is v1.34. */ readonly minor: number; readonly check: CheckPod; /** Baseline checks whose place this one takes. */ readonly overrides?: readonly string[] }[];
}

/** Every container of a pod, in the order in which Kubernetes names them: init, regular, ephemeral. */
export function containersOf({ initContainers = [], ephemeralContainers = [], ...spec }: V1PodSpec): readonly V1Container[] {
  return [...initContainers, ...(spec.containers ?? []), ...ephemeralContainers];
}

/** `"a", "b"`. */
export const quoted = (items: readonly string[]): string => items.map((item) => `"${item}"`).join(', ');

/** `container "a"`, or `containers "a", "b"`. */
export const containersNamed = (names: readonly string[]): string => `${plural('container', names.length)} ${quoted(names)}`;

export const plural = (noun: string, count: number): string => (count === 1 ? noun : `${noun}s`);

/** Sorted, each once. */
export const distinct = (items: readonly string[]): string[] => [...new Set(items)].sort();

/** Who sets something that may not be set: `pod`, `container "a"`, or both joined by `and`. */
export function setters(byPod: boolean, containers: readonly string[]): string[] {
  return [...(byPod ? ['pod'] : []), ...(containers.length > 0 ? [containersNamed(containers)] : [])];
}

/** A pod whose users are not those of the host; some rules are not needed for it since v1.35 (KEP-127). */
export const hasOwnUsers = ({ hostUsers }: V1PodSpec): boolean => hostUsers === false;
