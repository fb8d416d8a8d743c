import type { V1CustomResourceDefinition, V1Namespace } from '../../api/generated/types.ts';
import { CLEANUP_FINALIZER, withCondition } from '../../api/kinds/apiextensions/conditions.ts';
import type { KubeObject, ObjectMeta } from '../../api/meta.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { formatTime } from '../../process/clock.ts';
import type { DeleteOptions } from '../request/options.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** What becomes of an object that is to be deleted. */
export type DeletionStep =
  /** It goes at once. */
  | { readonly kind: 'now' }
  /** It is marked, and goes when its grace is over or its finalizers are gone. */
  | { readonly kind: 'mark'; readonly object: KubeObject }
  /** Its deletion is under way already, and what is asked changes nothing. */
  | { readonly kind: 'pending' };

/** Kinds whose dependents stay when the client does not say; an old promise of these two APIs. */
const ORPHAN_BY_DEFAULT: ReadonlySet<string> = new Set(['/replicationcontrollers', 'batch/jobs']);
const NEVER_COLLECTED: ReadonlySet<string> = new Set(['/events', 'events.k8s.io/events']);

/**
 * One step of a deletion (`rest.BeforeDelete` and the finalizers of garbage collection); `now` is wall-clock milliseconds.
 * Never changes its argument.
 */
export function planDeletion(definition: ResourceDefinition, object: KubeObject, options: DeleteOptions, now: number): DeletionStep {
  const finalizers = collectionFinalizers(definition, object, options);
  if (isNamespace(definition)) return planNamespace(object, finalizers, now);
  if (isCustomResourceDefinition(definition) && object.metadata.deletionTimestamp === undefined) return { kind: 'mark', object: markedDefinition(object as V1CustomResourceDefinition, finalizers, now) };
  const { metadata } = object;
  const grace = definition.gracePeriodSeconds ? graceOf(definition, object, options, now) : undefined;
  if (grace?.kind === 'pending') return grace;
  if (grace?.kind === 'period') {
    if (grace.seconds === 0 && finalizers.length === 0) return { kind: 'now' };
    return { kind: 'mark', object: withMeta(object, { ...withFinalizers(metadata, finalizers), ...grace.stamp, ...bumped(metadata) }) };
  }
  if (finalizers.length === 0) return { kind: 'now' };
  const deletionTimestamp = metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) <= now ? metadata.deletionTimestamp : formatTime(now);
  return { kind: 'mark', object: withMeta(object, { ...withFinalizers(metadata, finalizers), deletionTimestamp, deletionGracePeriodSeconds: 0, ...bumped(metadata) }) };
}

type Grace =
  | { readonly kind: 'pending' }
  | { readonly kind: 'period'; readonly seconds: number; readonly stamp: { readonly deletionTimestamp: string; readonly deletionGracePeriodSeconds: number } };

/** A grace once given can only be shortened; undefined where there is none to wait for. */
function graceOf(definition: ResourceDefinition, object: KubeObject, options: DeleteOptions, now: number): Grace | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  const asked = options.gracePeriodSeconds === undefined ? undefined : options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds;
  if (deletionTimestamp !== undefined) {
    if (deletionGracePeriodSeconds === undefined) return undefined;
    if (asked === undefined || asked >= deletionGracePeriodSeconds) return { kind: 'pending' };
    return stamped(asked, Date.parse(deletionTimestamp) + (asked - deletionGracePeriodSeconds) * 1000, now);
  }
  const most = definition.gracePeriodSeconds!(object);
  // An object that nothing runs has no grace, whatever the client asks for.
  const seconds = most <= 0 ? 0 : (asked ?? most);
  return stamped(seconds, now + seconds * 1000, now);
}

/** Go's longest duration, some 292 years: later than that no deletion is set for. */
const LONGEST_GRACE_MS = (2 ** 63 - 1) / 1e6;

function stamped(seconds: number, at: number, now: number): Grace {
  const bounded = at < 0 ? now : Math.min(at, now + LONGEST_GRACE_MS);
  return { kind: 'period', seconds, stamp: { deletionTimestamp: formatTime(bounded), deletionGracePeriodSeconds: seconds } };
}

function planNamespace(namespace: V1Namespace, finalizers: readonly string[], now: number): DeletionStep {
  if ((namespace.spec?.finalizers ?? []).length === 0 && finalizers.length === 0) return { kind: 'now' };
  const { metadata } = namespace;
  const isMarked = metadata.deletionTimestamp !== undefined && namespace.status?.phase === 'Terminating';
  if (isMarked && finalizers.length === (metadata.finalizers ?? []).length) return { kind: 'pending' };
  const marked: V1Namespace = withMeta(namespace, { ...withFinalizers(metadata, finalizers), deletionTimestamp: metadata.deletionTimestamp ?? formatTime(now) });
  const object: V1Namespace = { ...marked, status: { ...namespace.status, phase: 'Terminating' } };
  return { kind: 'mark', object };
}

/** A definition waits until the objects of its kind are deleted. */
function markedDefinition(definition: V1CustomResourceDefinition, finalizers: readonly string[], now: number): V1CustomResourceDefinition {
  const { metadata, status } = definition;
  const deletionTimestamp = formatTime(now);
  const held = finalizers.includes(CLEANUP_FINALIZER) ? finalizers : [...finalizers, CLEANUP_FINALIZER];
  const condition = { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon' };
  const marked = withMeta(definition, { ...withFinalizers(metadata, held), deletionTimestamp });
  return { ...(marked as V1CustomResourceDefinition), status: { ...status, conditions: withCondition(status?.conditions, condition, deletionTimestamp) } };
}

function isCustomResourceDefinition({ group, plural }: ResourceDefinition): boolean {
  return group === 'apiextensions.k8s.io' && plural === 'customresourcedefinitions';
}

/** The object's finalizers, with those of the garbage collector that the options or the kind's default ask for. */
function collectionFinalizers(definition: ResourceDefinition, { metadata }: KubeObject, options: DeleteOptions): readonly string[] {
  const present = metadata.finalizers ?? [];
  const name = `${definition.group}/${definition.plural}`;
  // A deletion that has begun keeps the policy that it began with.
  if (NEVER_COLLECTED.has(name)) return present;
  const others = present.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  const policy = policyOf(options) ?? (present.includes(ORPHAN) ? 'Orphan' : present.includes(FOREGROUND) ? 'Foreground' : ORPHAN_BY_DEFAULT.has(name) ? 'Orphan' : 'Background');
  return policy === 'Orphan' ? [...others, ORPHAN] : policy === 'Foreground' ? [...others, FOREGROUND] : others;
}

function policyOf({ orphanDependents, propagationPolicy }: DeleteOptions): string | undefined {
  if (orphanDependents !== undefined) return orphanDependents ? 'Orphan' : 'Background';
  return propagationPolicy;
}

/** Whether an update that leaves the object in this state ends its deletion: marked, no grace left, nobody waits. */
export function endsWithUpdate(definition: ResourceDefinition, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0 || (deletionGracePeriodSeconds ?? 0) !== 0) return false;
  return !isNamespace(definition) || ((object as V1Namespace).spec?.finalizers ?? []).length === 0;
}

/** Namespaces end by their own finalizers, in their spec. */
function isNamespace(definition: ResourceDefinition): boolean {
  return definition.group === '' && definition.plural === 'namespaces';
}

function withFinalizers(metadata: ObjectMeta, finalizers: readonly string[]): ObjectMeta {
  const { finalizers: _, ...rest } = metadata;
  return finalizers.length === 0 ? rest : { ...rest, finalizers: [...finalizers] };
}

function withMeta(object: KubeObject, metadata: ObjectMeta): KubeObject {
  return { ...object, metadata };
}

/** The first mark of a deletion is a new generation. */
function bumped(metadata: ObjectMeta): { generation?: number } {
  return metadata.deletionTimestamp === undefined && metadata.generation !== undefined ? { generation: metadata.generation + 1 } : {};
}
