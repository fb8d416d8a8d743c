import type { V1PersistentVolumeClaim, V1Pod, V1ResourceQuota, V1ScopedResourceSelectorRequirement } from '../generated/types.ts';
import type { KubeObject } from '../meta.ts';
import type { IncomingObject } from '../resourceDefinition.ts';
import { qosClassOf } from './qosClass.ts';

type Requirement = V1ScopedResourceSelectorRequirement;

/** Everything that an object must be for a quota to count it. */
export function scopesOf({ spec }: V1ResourceQuota): readonly Requirement[] {
  return [...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })), ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

/** Whether a quota counts this object: one with scopes counts only pods, or only claims, that are in all of them. */
export function inScope(quota: V1ResourceQuota, group: string, resource: string, object: IncomingObject | KubeObject): boolean {
  return scopesOf(quota).every((requirement) => matchesScope(requirement, group, resource, object));
}

export function matchesScope(requirement: Requirement, group: string, resource: string, object: IncomingObject | KubeObject): boolean {
  if (group !== '') return false;
  if (resource === 'pods') return podInScope(object as V1Pod, requirement);
  return resource === 'persistentvolumeclaims' && requirement.scopeName === 'VolumeAttributesClass' && claimInScope(object as V1PersistentVolumeClaim, requirement);
}

function podInScope({ spec }: V1Pod, requirement: Requirement): boolean {
  if (spec === undefined) return false;
  switch (requirement.scopeName) {
    case 'Terminating':
      return isTerminating(spec);
    case 'NotTerminating':
      return !isTerminating(spec);
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort';
    case 'PriorityClass':
      return selects(requirement, spec.priorityClassName ? [spec.priorityClassName] : []);
    case 'CrossNamespacePodAffinity':
      return [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity].some((affinity) =>
        [...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) => each.podAffinityTerm)].some(
          (term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined,
        ),
      );
    default:
      return false;
  }
}

/** Whether a pod is given an end beforehand, which it can be given later too. */
export const isTerminating = (spec: Pick<NonNullable<V1Pod['spec']>, 'activeDeadlineSeconds'> | undefined): boolean => (spec?.activeDeadlineSeconds ?? -1) >= 0;

const claimInScope = (claim: V1PersistentVolumeClaim, requirement: Requirement): boolean => selects(requirement, attributesClassesOf(claim));

/** The classes of attributes that a claim has, wants, or is on its way to. */
export function attributesClassesOf({ spec, status }: V1PersistentVolumeClaim): readonly string[] {
  const names = [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName];
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
}

/** As a label selector does: what has no value is not in any list. */
function selects({ operator, values = [] }: Requirement, present: readonly string[]): boolean {
  switch (operator) {
    case 'Exists':
      return present.length > 0;
    case 'DoesNotExist':
      return present.length === 0;
    case 'In':
      return present.some((name) => values.includes(name));
    default:
      return present.length === 0 || present.some((name) => !values.includes(name));
  }
}
