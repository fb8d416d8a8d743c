import type { CustomKind } from '../../api/resourceDefinition.ts';
import { pathNotFound } from '../../api/apiError.ts';
import { objectKey } from '../storage/types.ts';
import { DEFINITIONS } from '../customResources/definitionsResource.ts';
import type { ServedResource } from '../registry.ts';
import type { PlannedWrite } from '../types.ts';
import type { Engine } from './call.ts';
import type { Along } from './modify.ts';

/** What a write of this resource takes along in its transaction; undefined for nearly all resources. */
export async function companionOf(engine: Engine, served: ServedResource, write: PlannedWrite): Promise<Along | undefined> {
  if (served.definition.custom) return write.operation === 'CREATE' ? underDefinition(engine, served.definition.custom, write.attempt) : undefined;
  return engine.companions.get(`${served.resource.group}/${served.resource.resource}`)?.prepare(write);
}

/**
 * A new custom object is written only while its definition stands and takes new objects; otherwise one could slip in behind the finalizer that has just
 * seen that there are none left.
 */
async function underDefinition(engine: Engine, custom: CustomKind, attempt: number): Promise<Along> {
  const key = objectKey(DEFINITIONS, '', custom.definition);
  // When the first attempt was lost, memory may be behind.
  const stored = attempt === 0 ? engine.cache.get(key) : await engine.storage.get(key);
  if (!stored || stored.object.metadata.deletionTimestamp !== undefined) throw pathNotFound();
  return { checks: [{ key, revision: stored.revision }], operations: [] };
}
