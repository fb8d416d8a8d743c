import type { V1CustomResourceDefinition } from '../../api/generated/types.ts';
import { acceptedStatus } from '../../api/kinds/apiextensions/conditions.ts';
import { formatTime } from '../../process/clock.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import type { StoredObject } from '../storage/types.ts';
import { objectKey } from '../storage/types.ts';
import { DEFINITIONS } from './definitionsResource.ts';
import type { CustomResourcesParts } from './customResources.ts';
import { withStatusOwner } from './statusOwners.ts';

type Definition = V1CustomResourceDefinition;

/** Others that wait for their names, too, are compared with the write, up to so many: a transaction is limited. */
const COMPARED = 50;

/** Accepts a definition's names, or says what is in their way; true where others were faster and it must be looked at again. */
export async function settleStatus({ storage, cache, clock, schema }: Pick<CustomResourcesParts, 'storage' | 'cache' | 'clock' | 'schema'>, stored: StoredObject, others: readonly Definition[]): Promise<boolean> {
  const definition = stored.object as Definition;
  const now = formatTime(clock.now());
  const status = acceptedStatus(definition, others, now);
  if (deepEqual(status, definition.status)) return false;
  // Another server may accept the same names for another definition at this moment; one that has none yet must still have none.
  const rivals = others.filter((each) => !each.status?.acceptedNames?.kind).slice(0, COMPARED);
  const checks = [stored, ...rivals.flatMap(({ metadata }) => cache.get(objectKey(DEFINITIONS, '', metadata.name)) ?? [])].map(({ key, revision }) => ({ key, revision }));
  const { committed } = await storage.transact(checks, [{ kind: 'put', key: stored.key, object: withStatusOwner(schema, definition, { ...definition, status }, now) }]);
  return !committed;
}
