import type { V1Container, V1Pod, V1PodSpec, V1ResourceRequirements } from '../../../generated/types.ts';
import { append, type FieldError, forbidden, invalid } from '../../../fieldError.ts';
import { semanticEqual } from '../../../values/deepEqual.ts';
import { isSidecar } from '../../../values/podResources.ts';
import { compareQuantities, quantityOrZero } from '../../../values/quantity.ts';
import { qosClassOf } from '../../../values/qosClass.ts';
import { ANNOTATION_CONFIG_MIRROR } from '../../../wellKnown.ts';
import { specDiff } from '../../internalForm.ts';
import { NO_SPEC, validatePod, type IncomingPod } from './validatePod.ts';
import { ownField } from '../../../values/ownField.ts';

type Amounts = Readonly<Record<string, string>> | undefined;

const isStatic = ({ metadata }: V1Pod): boolean => metadata.annotations?.[ANNOTATION_CONFIG_MIRROR] !== undefined;
/** A fault of the pod as a whole: Kubernetes gives it the path of an empty name. */
const whole = (detail: string): FieldError[] => [forbidden('[]', detail)];

/** Containers for debugging come, and never change or go (`ValidatePodEphemeralContainersUpdate`). */
export function validateEphemeralContainersUpdate(pod: IncomingPod, previous: V1Pod): FieldError[] {
  if (isStatic(previous)) return whole('static pods do not support ephemeral containers');
  const field = 'spec.ephemeralContainers';
  const now = new Map((pod.spec?.ephemeralContainers ?? []).map((each) => [each.name, each]));
  const errors = validatePod(pod);
  for (const old of previous.spec?.ephemeralContainers ?? []) {
    const same = now.get(old.name);
    if (!same) errors.push(forbidden(field, `existing ephemeral containers ${JSON.stringify(old.name)} may not be removed\n`));
    else if (!semanticEqual(old, same)) errors.push(forbidden(field, `existing ephemeral containers ${JSON.stringify(old.name)} may not be changed\n${specDiff('EphemeralContainer', old, same)}`));
  }
  return errors;
}

/** Cpu and memory of what goes on running may change; nothing else (`ValidatePodResize`). */
export function validatePodResize(pod: IncomingPod, previous: V1Pod): FieldError[] {
  const [spec, before] = [pod.spec ?? NO_SPEC, previous.spec ?? NO_SPEC];
  if (isStatic(previous)) return whole('static pods cannot be resized');
  if (before.os?.name === 'windows') return whole('windows pods cannot be resized');
  const errors = validatePod(pod);
  if ((previous.status?.qosClass ?? qosClassOf(before)) !== qosClassOf(spec)) errors.push(invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  if (!isSupported(previous)) errors.push(forbidden('spec', 'Pod running on node without support for resize'));
  append(errors, validatePodLevel(spec.resources, before.resources));
  const order = validateOrder('containers', spec.containers, before.containers).concat(validateOrder('initContainers', spec.initContainers ?? [], before.initContainers ?? []));
  if (order.length > 0) return [...errors, ...order];
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, container] of (before[list] ?? []).entries()) append(errors, validateResources(`spec.${list}[${index}].resources`, spec[list]?.[index]?.resources, container.resources));
  }
  for (const [index, container] of before.containers.entries()) {
    if (!isOnlyResized(spec.containers[index], container)) errors.push(forbidden('spec', 'only cpu and memory resources are mutable'));
  }
  for (const [index, container] of (before.initContainers ?? []).entries()) append(errors, validateInitContainer(`spec.initContainers[${index}]`, spec.initContainers?.[index], container));
  if (errors.length > 0 || semanticEqual(rest(spec), rest(before))) return errors;
  return [forbidden('spec', 'only cpu and memory resources are mutable')];
}

function validatePodLevel(now: V1ResourceRequirements | undefined, before: V1ResourceRequirements | undefined): FieldError[] {
  const isSet = (each: V1ResourceRequirements | undefined): boolean => Object.keys({ ...each?.requests, ...each?.limits }).length > 0;
  if (!isSet(now) && !isSet(before)) return [];
  if (before && !now) return [forbidden('spec.resources', 'pod-level resources cannot be removed')];
  const errors: FieldError[] = [];
  if (isGone(now?.requests, before?.requests)) errors.push(forbidden('spec.resources.requests', 'pod-level resource requests cannot be removed'));
  if (isGone(now?.limits, before?.limits)) errors.push(forbidden('spec.resources.limits', 'pod-level resource limits cannot be removed'));
  return isSameBut(now, before) ? errors : [...errors, forbidden('spec', 'only cpu and memory resources are mutable at pod-level')];
}

function validateOrder(list: string, now: readonly V1Container[], before: readonly V1Container[]): FieldError[] {
  if (now.length !== before.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
  return before.flatMap(({ name }, index) => (now[index]?.name === name ? [] : [forbidden(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)]));
}

/** An init container that would have to be started anew for it cannot be resized: it may have ended. */
function validateInitContainer(field: string, now: V1Container | undefined, before: V1Container): FieldError[] {
  const errors = isOnlyResized(now, before) ? [] : [forbidden(field, 'only cpu and memory resources for init or sidecar containers are mutable')];
  const wouldRestart = !isSidecar(before) && !semanticEqual(now, before) && (now?.resizePolicy ?? []).some(({ restartPolicy }) => restartPolicy === 'RestartContainer');
  return wouldRestart ? [...errors, forbidden(field, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized')] : errors;
}

/** What is not compared container by container; of the pod's own resources, cpu and memory may change. */
function rest(spec: V1PodSpec): object {
  const { resources } = spec;
  return { ...spec, containers: undefined, initContainers: undefined, resources: { ...resources, requests: withoutComputing(resources?.requests), limits: withoutComputing(resources?.limits) } };
}

function withoutComputing(amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts ?? {}).filter(([name]) => name !== 'cpu' && name !== 'memory'));
}

/** A node that can resize tells what its containers have; where none runs, it is taken to be able. */
function isSupported({ status }: V1Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running);
  return !running || running.resources !== undefined;
}

const isGone = (amounts: Amounts, old: Amounts): boolean => Object.keys(old ?? {}).some((name) => ownField(amounts, name) === undefined);

function validateResources(field: string, now: V1ResourceRequirements | undefined, before: V1ResourceRequirements | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (isGone(now?.requests, before?.requests)) errors.push(forbidden(`${field}.requests`, 'resource requests cannot be removed'));
  if (isGone(now?.limits, before?.limits)) errors.push(forbidden(`${field}.limits`, 'resource limits cannot be removed'));
  return errors;
}

/** Whether the container is as it was but for how much cpu and memory it has; one that claims devices is not resized at all. */
function isOnlyResized(now: V1Container | undefined, before: V1Container): boolean {
  const { resources, ...others } = now ?? { name: '' };
  const { resources: old, ...othersBefore } = before;
  return semanticEqual(others, othersBefore) && !old?.claims?.length && isSameBut(resources, old);
}

/** Whether nothing but cpu and memory differs. */
function isSameBut(now: V1ResourceRequirements | undefined, before: V1ResourceRequirements | undefined): boolean {
  return semanticEqual(now?.claims, before?.claims) && [[now?.requests, before?.requests], [now?.limits, before?.limits]].every(([a, b]) => sameAmounts(withoutComputing(a), withoutComputing(b)));
}

function sameAmounts(a: Amounts, b: Amounts): boolean {
  const names = Object.keys({ ...a, ...b });
  return names.every((name) => ownField(a, name) !== undefined && ownField(b, name) !== undefined && compareQuantities(quantityOrZero(ownField(a, name)), quantityOrZero(ownField(b, name))) === 0);
}
