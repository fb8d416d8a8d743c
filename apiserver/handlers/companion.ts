import type { ServedResource } from '../registry.ts';
import type { PlannedWrite } from '../types.ts';
import type { Engine } from './call.ts';
import type { Along } from './modify.ts';

/** What a write of this resource takes along in its transaction; undefined for nearly all resources. */
export async function companionOf(engine: Engine, served: ServedResource, write: PlannedWrite): Promise<Along | undefined> {
  return engine.companions.get(`${served.resource.group}/${served.resource.resource}`)?.prepare(write);
}
