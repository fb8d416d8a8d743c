import type { V1Container, V1PodSpec } from '../generated/types.ts';
import { semanticEqual } from './deepEqual.ts';

/** A feature of Kubernetes that a node has or lacks, and says so in `status.declaredFeatures` (KEP-5328); those that nothing asks for are only said. */
interface NodeFeature {
  readonly name: string;
  /** Whether a pod runs only where it is there. */
  readonly neededToRun?: (spec: V1PodSpec) => boolean;
  /** Whether a change of a pod can be made only where it is there. */
  readonly neededToChange?: (spec: V1PodSpec, previous: V1PodSpec) => boolean;
}

/** Those of Kubernetes 1.36 (`nodedeclaredfeatures/features.AllFeatures`), in the order of their names. */
const FEATURES: readonly NodeFeature[] = [
  { name: 'ExtendWebSocketsToKubelet' },
  { name: 'InPlacePodLevelResourcesVerticalScaling', neededToChange: (spec, previous) => !semanticEqual(spec.resources, previous.resources) },
  { name: 'InPlacePodVerticalScalingInitContainers', neededToChange: changesInitContainers },
  { name: 'RestartAllContainersOnContainerExits', neededToRun: restartsAll },
  { name: 'UserNamespacesHostNetworkSupport', neededToRun: ({ hostNetwork, hostUsers }) => hostNetwork === true && hostUsers === false },
];

/** What a node must have to run a pod, sorted. */
export function featuresToRun(spec: V1PodSpec): readonly string[] {
  return FEATURES.filter(({ neededToRun }) => neededToRun?.(spec)).map(({ name }) => name);
}

/** What its node must have for a pod to be changed in this way, sorted. */
export function featuresToChange(spec: V1PodSpec, previous: V1PodSpec): readonly string[] {
  return FEATURES.filter(({ neededToChange }) => neededToChange?.(spec, previous)).map(({ name }) => name);
}

/** What a node lacks of it. */
export function missingFeatures(needed: readonly string[], declared: readonly string[] = []): readonly string[] {
  return needed.filter((name) => !declared.includes(name));
}

function restartsAll({ containers, initContainers = [] }: V1PodSpec): boolean {
  return [...containers, ...initContainers].some(({ restartPolicyRules }) => restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'));
}

/** Sidecars may be changed without it. */
function changesInitContainers({ initContainers = [] }: V1PodSpec, previous: V1PodSpec): boolean {
  const changed = (before: V1Container, index: number): boolean => before.restartPolicy !== 'Always' && !semanticEqual(before.resources, initContainers[index]?.resources);
  return (previous.initContainers ?? []).some(changed);
}
