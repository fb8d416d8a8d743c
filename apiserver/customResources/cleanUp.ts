import { customDefinitions } from '../../api/customResources/customDefinitions.ts';
import type { V1CustomResourceDefinition, V1CustomResourceDefinitionCondition } from '../../api/generated/types.ts';
import { CLEANUP_FINALIZER, isEstablished, withCondition } from '../../api/kinds/apiextensions/conditions.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { formatTime } from '../../process/clock.ts';
import { planDeletion } from '../handlers/deletion.ts';
import type { DeleteOptions } from '../request/options.ts';
import type { Operation, StoredObject } from '../storage/types.ts';
import { resourcePrefix } from '../storage/types.ts';
import type { CustomResourcesParts } from './customResources.ts';

type Definition = V1CustomResourceDefinition;
type Parts = Pick<CustomResourcesParts, 'storage' | 'cache' | 'clock' | 'registry' | 'conversionFor'>;

const PLAIN_DELETE: DeleteOptions = { dryRun: false, gracePeriodSeconds: undefined, preconditions: undefined, orphanDependents: undefined, propagationPolicy: undefined };
/** Objects that go in one transaction; etcd takes 128 comparisons and operations. */
const TOGETHER = 50;

const IN_PROGRESS = { status: 'True', reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' };
const COMPLETED = { status: 'False', reason: 'InstanceDeletionCompleted', message: 'removed all instances' };
const OVERLAPPING = { status: 'False', reason: 'OverlappingBuiltInResource', message: 'instances overlap with built-in resources in storage' };
const NEVER = { status: 'False', reason: 'NeverEstablished', message: 'resource was never established' };

/**
 * Deletes the objects of a definition that is being deleted, then lets it go (upstream's CRDFinalizer); true where there is more to do. Nobody can add
 * objects meanwhile: a create compares the definition.
 */
export async function cleanUp(parts: Parts, stored: StoredObject): Promise<boolean> {
  const definition = stored.object as Definition;
  if (!(definition.metadata.finalizers ?? []).includes(CLEANUP_FINALIZER)) return false;
  if (parts.registry.hasBuiltin(definition.spec.group, definition.spec.names.plural)) return finish(parts, stored, OVERLAPPING);
  const [served] = customDefinitions(everServed(definition), parts.conversionFor);
  if (!isEstablished(definition) || !served) return finish(parts, stored, NEVER);
  const prefix = resourcePrefix({ group: definition.spec.group, resource: served.plural });
  await parts.cache.consistent();
  const objects = parts.cache.list(prefix);
  if (objects.length === 0) return finish(parts, stored, COMPLETED);
  const marked = withTerminating(definition, IN_PROGRESS, formatTime(parts.clock.now()));
  // The event of this write brings the definition here again.
  if (!deepEqual(marked, definition)) await parts.storage.transact([{ key: stored.key, revision: stored.revision }], [{ kind: 'put', key: stored.key, object: marked }]);
  for (let at = 0; at < objects.length; at += TOGETHER) await removeTogether(parts, served, objects.slice(at, at + TOGETHER));
  return true;
}

/** With its versions as if all were served: what is stored must go however it could be reached. */
function everServed(definition: Definition): Definition {
  return { ...definition, spec: { ...definition.spec, versions: definition.spec.versions.map((version) => ({ ...version, served: true })) } };
}

async function removeTogether({ storage, clock }: Parts, served: ResourceDefinition, objects: readonly StoredObject[]): Promise<void> {
  const steps = objects.flatMap((stored): { readonly stored: StoredObject; readonly operation: Operation }[] => {
    const step = planDeletion(served, stored.object, PLAIN_DELETE, clock.now());
    if (step.kind === 'now') return [{ stored, operation: { kind: 'delete', key: stored.key } }];
    return step.kind === 'mark' && !deepEqual(step.object, stored.object) ? [{ stored, operation: { kind: 'put', key: stored.key, object: step.object } }] : [];
  });
  if (steps.length === 0) return;
  const checkOf = ({ stored }: (typeof steps)[number]): { key: string; revision: number } => ({ key: stored.key, revision: stored.revision });
  const together = await storage.transact(steps.map(checkOf), steps.map(({ operation }) => operation));
  if (together.committed) return;
  // One of them has changed; those that have not are still removed, the rest in the next round.
  for (const step of steps) await storage.transact([checkOf(step)], [step.operation]);
}

async function finish({ storage, clock }: Parts, stored: StoredObject, outcome: Omit<V1CustomResourceDefinitionCondition, 'type'>): Promise<boolean> {
  const definition = withTerminating(stored.object as Definition, outcome, formatTime(clock.now()));
  const finalizers = (definition.metadata.finalizers ?? []).filter((each) => each !== CLEANUP_FINALIZER);
  const { finalizers: _, ...metadata } = definition.metadata;
  const operation: Operation = finalizers.length === 0 ? { kind: 'delete', key: stored.key } : { kind: 'put', key: stored.key, object: { ...definition, metadata: { ...metadata, finalizers } } };
  const { committed } = await storage.transact([{ key: stored.key, revision: stored.revision }], [operation]);
  return !committed;
}

function withTerminating(definition: Definition, outcome: Omit<V1CustomResourceDefinitionCondition, 'type'>, now: string): Definition {
  return { ...definition, status: { ...definition.status, conditions: withCondition(definition.status?.conditions, { type: 'Terminating', ...outcome }, now) } };
}
