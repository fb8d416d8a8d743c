import type { V1AppArmorProfile, V1PodSpec, V1SeccompProfile, V1Toleration } from '../../../generated/types.ts';
import { append, type FieldError, forbidden, invalid } from '../../../fieldError.ts';
import { jsonKind } from '../../../values/goPrint.ts';
import { ANNOTATION_CONFIG_MIRROR, ANNOTATION_POD_DELETION_COST } from '../../../wellKnown.ts';
import { localDescendingPath } from '../volumes/paths.ts';
import { containersWithPaths } from './validateOs.ts';
import { validateTolerations } from './validateScheduling.ts';

type Annotations = Readonly<Record<string, string>>;

/** What stood in annotations before there were fields for it. */
export const SECCOMP_POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_CONTAINER_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';
export const APP_ARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const TOLERATIONS_ANNOTATION = 'scheduler.alpha.kubernetes.io/tolerations';
const LOCALHOST = 'localhost/';
const MAX_INT32 = 2 ** 31 - 1;

/** `ValidatePodSpecificAnnotations`, of a pod and of a template; `field` is the path of the annotations. */
export function validatePodAnnotations(field: string, annotations: Annotations, spec: V1PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations[ANNOTATION_CONFIG_MIRROR];
  if (mirror !== undefined && !spec.nodeName) errors.push(invalid(`${field}[${ANNOTATION_CONFIG_MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'));
  const tolerations = annotations[TOLERATIONS_ANNOTATION];
  if (tolerations) append(errors, validateTolerationsText(field, tolerations));
  const cost = annotations[ANNOTATION_POD_DELETION_COST];
  if (cost !== undefined && !isInt32(cost)) errors.push(invalid(`${field}[${ANNOTATION_POD_DELETION_COST}]`, cost, 'must be a 32bit integer'));
  const ofPod = annotations[SECCOMP_POD_ANNOTATION];
  if (ofPod !== undefined) append(errors, validateSeccompText(`${field}.${SECCOMP_POD_ANNOTATION}`, ofPod));
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(SECCOMP_CONTAINER_PREFIX)) append(errors, validateSeccompText(`${field}.${key}`, value));
    if (key.startsWith(APP_ARMOR_PREFIX)) append(errors, validateAppArmorText(`${field}[${key}]`, key.slice(APP_ARMOR_PREFIX.length), value, spec));
  }
  return errors;
}

/** Tolerations stood in an annotation before they had a field; nobody reads them there any more. */
function validateTolerationsText(field: string, text: string): FieldError[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return [invalid(field, TOLERATIONS_ANNOTATION, error instanceof Error ? error.message : String(error))];
  }
  if (value === null) return [];
  if (!Array.isArray(value)) return [invalid(field, TOLERATIONS_ANNOTATION, `json: cannot unmarshal ${jsonKind(value)} into Go value of type []v1.Toleration`)];
  return validateTolerations(`${field}.${TOLERATIONS_ANNOTATION}`, value.filter((each): each is V1Toleration => typeof each === 'object' && each !== null));
}

/** Written without a sign before it, and without leading zeros. */
const isInt32 = (text: string): boolean => /^(0|-?[1-9]\d{0,9})$/.test(text) && Number(text) <= MAX_INT32 && Number(text) >= -MAX_INT32 - 1;

function validateSeccompText(field: string, profile: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  return profile.startsWith(LOCALHOST) ? localDescendingPath(field, profile.slice(LOCALHOST.length)) : [invalid(field, profile, 'must be a valid seccomp profile')];
}

function validateAppArmorText(field: string, container: string, profile: string, spec: V1PodSpec): FieldError[] {
  const errors = containersWithPaths('spec', spec).some(([, { name }]) => name === container) ? [] : [invalid(field, container, 'container not found')];
  const isKnown = ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith(LOCALHOST);
  return isKnown ? errors : [...errors, invalid(field, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)];
}

/** Annotations that would let a pod seem to be another's may neither come nor go (`ValidatePodSpecificAnnotationUpdates`). */
export function validatePodAnnotationUpdate(field: string, annotations: Annotations, previous: Annotations): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(previous)) {
    if (annotations[key] === value) continue;
    if (key.startsWith(APP_ARMOR_PREFIX)) errors.push(forbidden(`${field}[${key}]`, 'may not remove or update AppArmor annotations'));
    if (key === ANNOTATION_CONFIG_MIRROR) errors.push(forbidden(`${field}[${key}]`, 'may not remove or update mirror pod annotation'));
  }
  for (const key of Object.keys(annotations)) {
    if (Object.hasOwn(previous, key)) continue;
    if (key.startsWith(APP_ARMOR_PREFIX)) errors.push(forbidden(`${field}[${key}]`, 'may not add AppArmor annotations'));
    if (key === ANNOTATION_CONFIG_MIRROR) errors.push(forbidden(`${field}[${key}]`, 'may not add mirror pod annotation'));
  }
  return errors;
}

/** Where both an annotation and a field say something, they say the same (`validateSeccompAnnotationsAndFields` and its like for AppArmor). */
export function validateProfilesMatch(field: string, annotations: Annotations, spec: V1PodSpec): FieldError[] {
  const path = `${field}.securityContext.seccompProfile`;
  const errors = match(path, spec.securityContext?.seccompProfile, annotations[SECCOMP_POD_ANNOTATION], 'seccomp', ['runtime/default', 'docker/default']);
  const containers = containersWithPaths(field, spec);
  for (const [at, { name, securityContext }] of containers) append(errors, match(`${at}.securityContext.seccompProfile`, securityContext?.seccompProfile, annotations[`${SECCOMP_CONTAINER_PREFIX}${name}`], 'seccomp', ['runtime/default', 'docker/default']));
  if (spec.os?.name === 'windows') return errors;
  for (const [at, { name, securityContext }] of containers) {
    append(errors, match(`${at}.securityContext.appArmorProfile`, securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile, annotations[`${APP_ARMOR_PREFIX}${name}`], 'apparmor', ['runtime/default']));
  }
  return errors;
}

function match(field: string, profile: V1SeccompProfile | V1AppArmorProfile | undefined, annotation: string | undefined, what: string, defaults: readonly string[]): FieldError[] {
  if (!profile || annotation === undefined) return [];
  const { type, localhostProfile } = profile;
  const fits = type === 'Unconfined' ? annotation === 'unconfined' : type === 'RuntimeDefault' ? defaults.includes(annotation) : type !== 'Localhost' || annotation.startsWith(LOCALHOST);
  if (!fits) return [forbidden(`${field}.type`, `${what} type in annotation and field must match`)];
  if (type !== 'Localhost' || annotation.slice(LOCALHOST.length) === localhostProfile) return [];
  return [forbidden(`${field}.localhostProfile`, `${what} profile in annotation and field must match`)];
}
