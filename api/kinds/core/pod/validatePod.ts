import type { V1Container, V1Pod, V1PodSpec, V1PodStatus, V1Toleration } from '../../../generated/types.ts';
import { forbidden, invalid, required, type FieldError } from '../../../fieldError.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { invalidEach } from '../../../validation/fields.ts';
import { rangeMessage, validateDns1123Subdomain } from '../../../validation/names.ts';
import { deepEqual, semanticEqual } from '../../../values/deepEqual.ts';
import { goDiff } from './goDiff.ts';
import { validatePodSpec } from './validatePodSpec.ts';

type IncomingPod = IncomingObject<V1Pod>;

const MAX_INT32 = 2 ** 31 - 1;
const NO_SPEC: V1PodSpec = { containers: [] };

/** What holds for every version of a pod. */
export function validatePod(pod: IncomingPod): FieldError[] {
  const spec = pod.spec ?? NO_SPEC;
  return [...validatePodSpec('spec', spec, true), ...validateImageSpaces('spec.containers', spec.containers), ...validateImageSpaces('spec.initContainers', spec.initContainers)];
}

/** What holds for a pod that is being created, beyond `validatePod`. */
export function validatePodCreate(pod: IncomingPod): FieldError[] {
  const errors: FieldError[] = [];
  if (pod.spec?.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (pod.spec?.nodeName && pod.spec.schedulingGates?.length) errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return errors;
}

function validateImageSpaces(field: string, containers: readonly V1Container[] | undefined): FieldError[] {
  return (containers ?? []).flatMap(({ image }, index) =>
    image && image !== image.trim() ? [invalid(`${field}[${index}].image`, image, 'must not have leading or trailing whitespace')] : []);
}

const UPDATE_MESSAGE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What of a pod an update may change (`ValidatePodUpdate`): hardly anything but images. */
export function validatePodUpdate(pod: IncomingPod, previous: V1Pod): FieldError[] {
  const spec = pod.spec ?? NO_SPEC;
  const before = previous.spec ?? NO_SPEC;
  const errors: FieldError[] = [];
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (before[list]?.length ?? 0)) errors.push(forbidden(`spec.${list}`, 'pod updates may not add or remove containers'));
  }
  if (errors.length > 0) return errors;
  errors.push(...validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds), ...validateAddedTolerations(spec.tolerations ?? [], before.tolerations ?? []));
  const added = (spec.schedulingGates ?? []).filter(({ name }) => !before.schedulingGates?.some((each) => each.name === name));
  for (const { name } of added) errors.push(forbidden('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${name}'`));
  const allowed = withAllowedChanges(spec, before);
  if (!semanticEqual(allowed, before)) errors.push(forbidden('spec', `${UPDATE_MESSAGE}\n${goDiff('core.PodSpec', before, allowed)}`));
  return errors;
}

/** The new spec, with what may change put back as it was. */
function withAllowedChanges(spec: V1PodSpec, before: V1PodSpec): V1PodSpec {
  const result: V1PodSpec = {
    ...spec,
    containers: withImages(spec.containers, before.containers),
    initContainers: spec.initContainers && withImages(spec.initContainers, before.initContainers ?? []),
    ephemeralContainers: before.ephemeralContainers,
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
  };
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) result.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds;
  // A pod that the scheduler may not look at yet can still be told more narrowly where to go.
  if (before.schedulingGates?.length) {
    const keepsAll = Object.entries(before.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value);
    if (keepsAll) result.nodeSelector = before.nodeSelector;
    if (!before.affinity?.nodeAffinity && spec.affinity?.nodeAffinity) {
      const { nodeAffinity: _, ...rest } = spec.affinity;
      result.affinity = rest;
    }
  }
  return result;
}

function withImages(containers: readonly V1Container[], before: readonly V1Container[]): V1Container[] {
  return containers.map((container, index) => ({ ...container, image: before[index]?.image }));
}

function validateDeadline(value: number | undefined, previous: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (value === undefined) return previous === undefined ? [] : [invalid(field, value, 'must not update from a positive integer to nil value')];
  if (value < 0 || value > MAX_INT32) return [invalid(field, value, rangeMessage(0, MAX_INT32))];
  return previous !== undefined && previous < value ? [invalid(field, value, 'must be less than or equal to previous value')] : [];
}

function validateAddedTolerations(tolerations: readonly V1Toleration[], before: readonly V1Toleration[]): FieldError[] {
  for (const old of before) {
    const kept = tolerations.some((each) => deepEqual({ ...each, tolerationSeconds: old.tolerationSeconds }, old));
    if (!kept) return [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
  }
  return [];
}

/** What the node may not report (`ValidatePodStatusUpdate`). */
export function validatePodStatusUpdate(pod: IncomingPod, previous: V1Pod): FieldError[] {
  const status = pod.status ?? {};
  const before = previous.status ?? {};
  const errors: FieldError[] = [];
  if (status.nominatedNodeName) errors.push(...invalidEach('status.nominatedNodeName', status.nominatedNodeName, validateDns1123Subdomain(status.nominatedNodeName)));
  if (status.qosClass && before.qosClass && status.qosClass !== before.qosClass) errors.push(invalid('status.qosClass', status.qosClass, 'Pod QOS is immutable'));
  for (const [index, { ip }] of (status.podIPs ?? []).entries()) if (!ip) errors.push(required(`status.podIPs[${index}]`));
  errors.push(...validateNoResurrection(status, before, previous.spec));
  return errors;
}

/** A container that ended for good does not run again. One that has a restart policy of its own is its node's affair. */
function validateNoResurrection(status: V1PodStatus, before: V1PodStatus, spec: V1PodSpec | undefined): FieldError[] {
  const restartPolicy = spec?.restartPolicy ?? 'Always';
  if (restartPolicy === 'Always') return [];
  const reported = status.containerStatuses ?? [];
  return (before.containerStatuses ?? []).flatMap(({ name, state }) => {
    const ended = state?.terminated;
    const ownPolicy = spec?.containers.find((each) => each.name === name)?.restartPolicy;
    if (!ended || ownPolicy || (ended.exitCode !== 0 && restartPolicy === 'OnFailure')) return [];
    const index = reported.findIndex((each) => each.name === name);
    return index >= 0 && !reported[index]?.state?.terminated ? [forbidden(`status.containerStatuses[${index}].state`, 'may not be transitioned to non-terminated state')] : [];
  });
}
