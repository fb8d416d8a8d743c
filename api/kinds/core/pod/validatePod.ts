import type { V1NodeAffinity, V1NodeSelectorTerm, V1Pod, V1PodSpec, V1Toleration } from '../../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, ofEach } from '../../../fieldError.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { rangeMessage } from '../../../validation/names.ts';
import { deepEqual, semanticEqual } from '../../../values/deepEqual.ts';
import { canonicalJson } from '../../../values/stableHash.ts';
import { internalForm, specDiff } from '../../internalForm.ts';
import { validateImageSpaces } from './validateContainers.ts';
import { validatePodAnnotations, validatePodAnnotationUpdate, validateProfilesMatch } from './validatePodAnnotations.ts';
import { validatePodSpec } from './validatePodSpec.ts';
import { validateTolerations } from './validateScheduling.ts';
import { ownField } from '../../../values/ownField.ts';

export type IncomingPod = IncomingObject<V1Pod>;

const MAX_INT32 = 2 ** 31 - 1;
export const NO_SPEC: V1PodSpec = { containers: [] };

/** What holds for every version of a pod (`validatePodMetadataAndSpec`). */
export function validatePod({ metadata, spec = NO_SPEC }: IncomingPod): FieldError[] {
  return [
    ...validatePodAnnotations('metadata.annotations', metadata.annotations ?? {}, spec),
    ...validatePodSpec('spec', spec, { isPod: true, ...(metadata.name === undefined ? {} : { podName: metadata.name }) }),
    ...(spec.serviceAccountName ? [] : validateNoTokens(spec)),
    ...ofEach('spec.containers', spec.containers, validateImageSpaces),
    ...ofEach('spec.initContainers', spec.initContainers, validateImageSpaces),
  ];
}

function validateNoTokens({ volumes = [] }: V1PodSpec): FieldError[] {
  return volumes.flatMap(({ projected }, index) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, at) =>
      (serviceAccountToken ? [forbidden(`spec.volumes[${index}].projected.sources[${at}].serviceAccountToken`, 'must not be specified when serviceAccountName is not set')] : [])));
}

/** What holds for a pod that is being created, beyond `validatePod` (`ValidatePodCreate`). */
export function validatePodCreate({ metadata, spec = NO_SPEC }: IncomingPod): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length) errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return [...errors, ...validateProfilesMatch('spec', metadata.annotations ?? {}, spec)];
}

const UPDATE_MESSAGE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What of a pod an update may change (`ValidatePodUpdate`): hardly anything but images. */
export function validatePodUpdate({ metadata, spec = NO_SPEC }: IncomingPod, previous: V1Pod): FieldError[] {
  const before = previous.spec ?? NO_SPEC;
  const errors = validatePodAnnotationUpdate('metadata.annotations', metadata.annotations ?? {}, previous.metadata.annotations ?? {});
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (before[list]?.length ?? 0)) return [...errors, forbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
  }
  const ofDeadline = validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds);
  append(errors, ofDeadline);
  if (ofDeadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return errors;
  append(errors, validateAddedTolerations(spec.tolerations ?? [], before.tolerations ?? []), validateRemovedGates(spec, before));
  if (semanticEqual(spec, before)) return errors;
  const allowed = withAllowedChanges(spec, before);
  if (before.schedulingGates?.length) append(errors, narrow(allowed, before));
  if (!semanticEqual(allowed, before)) errors.push(forbidden('spec', `${UPDATE_MESSAGE}\n${specDiff('PodSpec', before, allowed)}`));
  return errors;
}

/** The new spec, with what may change put back as it was. */
function withAllowedChanges(spec: V1PodSpec, before: V1PodSpec): V1PodSpec {
  const withImages = (containers: V1PodSpec['containers'], old: V1PodSpec['containers']): V1PodSpec['containers'] => containers.map((container, index) => ({ ...container, image: old[index]?.image }));
  const result: V1PodSpec = {
    ...spec,
    containers: withImages(spec.containers, before.containers),
    initContainers: spec.initContainers && withImages(spec.initContainers, before.initContainers ?? []),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
  };
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) result.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds;
  return result;
}

/** A pod that the scheduler may not look at yet can still be told more narrowly where to go: puts back, in place, what was narrowed, and says where that was more. */
function narrow(spec: V1PodSpec, before: V1PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const widened = Object.entries(before.nodeSelector ?? {}).some(([key, value]) => ownField(spec.nodeSelector, key) !== value);
  if (widened) errors.push(invalid('spec.nodeSelector', spec.nodeSelector, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'));
  spec.nodeSelector = before.nodeSelector;
  const [now, old] = [spec.affinity?.nodeAffinity, before.affinity?.nodeAffinity];
  if (semanticEqual(now, old)) return errors;
  append(errors, validateNarrowedAffinity(now, old));
  const { nodeAffinity: _, ...others } = spec.affinity ?? {};
  const rest = old ? { ...others, nodeAffinity: old } : others;
  spec.affinity = Object.keys(rest).length === 0 && !before.affinity ? undefined : rest;
  return errors;
}

function validateNarrowedAffinity(now: V1NodeAffinity | undefined, old: V1NodeAffinity | undefined): FieldError[] {
  const field = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const before = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const terms = now?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (before.length > 0 && before.length !== terms.length) return [invalid(field, internalForm('[]NodeSelectorTerm', terms), 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  return before.flatMap((term, index) => (hasOnlyAdditions(terms[index], term) ? [] : [invalid(`${field}[${index}]`, internalForm('NodeSelectorTerm', terms[index]), 'only additions are allowed (no mutations or deletions)')]));
}

function hasOnlyAdditions(now: V1NodeSelectorTerm | undefined, old: V1NodeSelectorTerm): boolean {
  const isEmpty = (term: V1NodeSelectorTerm | undefined): boolean => !term?.matchExpressions?.length && !term?.matchFields?.length;
  // An empty term matches no node: with anything in it, it would match some.
  if (isEmpty(old)) return isEmpty(now);
  return (['matchExpressions', 'matchFields'] as const).every((list) => deepEqual((now?.[list] ?? []).slice(0, old[list]?.length ?? 0), old[list] ?? []));
}

function validateDeadline(value: number | undefined, previous: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (value === undefined) return previous === undefined ? [] : [invalid(field, value, 'must not update from a positive integer to nil value')];
  if (value < 0 || value > MAX_INT32) return [invalid(field, value, rangeMessage(0, MAX_INT32))];
  return previous !== undefined && previous < value ? [invalid(field, value, 'must be less than or equal to previous value')] : [];
}

function validateAddedTolerations(tolerations: readonly V1Toleration[], before: readonly V1Toleration[]): FieldError[] {
  const untimed = (each: V1Toleration): string => canonicalJson({ ...each, tolerationSeconds: undefined });
  const present = new Set(before.length === 0 ? [] : tolerations.map(untimed));
  if (!before.every((each) => present.has(untimed(each)))) return [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
  return validateTolerations('spec.tolerations', tolerations);
}

function validateRemovedGates({ schedulingGates = [] }: V1PodSpec, before: V1PodSpec): FieldError[] {
  const present = new Set(before.schedulingGates?.map(({ name }) => name));
  return schedulingGates.flatMap(({ name }, index) =>
    (present.has(name) ? [] : [forbidden(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`)]));
}
