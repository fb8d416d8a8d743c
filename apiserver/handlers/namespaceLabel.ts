import type { FieldError } from '../../api/fieldError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import { objectKey } from '../storage/types.ts';
import type { Engine } from './call.ts';

const NAMESPACES = { group: '', resource: 'namespaces' };

/** The fault of an object that asks for what only some namespaces have; those are looked up in the store, since a label may have gone a moment ago. */
export async function namespaceFaults({ storage }: Engine, { namespaceLabelNeed }: ResourceDefinition, object: IncomingObject, previous: KubeObject | undefined): Promise<readonly FieldError[]> {
  const need = namespaceLabelNeed?.(object, previous);
  if (need === undefined) return [];
  const found = await storage.get(objectKey(NAMESPACES, '', object.metadata.namespace ?? ''));
  return found?.object.metadata.labels?.[need.label] === need.value ? [] : [need.otherwise];
}
