import { applyDefaults } from '../../api/customResources/defaults.ts';
import type { Fields, JsonSchema } from '../../api/customResources/jsonSchema.ts';
import { pruneObject } from '../../api/customResources/prune.ts';
import type { KubeObject } from '../../api/meta.ts';

/**
 * A stored custom object as clients of a version see it: with that version's name and defaults, and without fields that its schema does not have (any more).
 * The same object where nothing differs. Never changes its argument.
 */
export function toServedCustom(object: KubeObject, apiVersion: string, schema: JsonSchema): KubeObject {
  const named: KubeObject = object.apiVersion === apiVersion ? object : { ...object, apiVersion };
  const fields = named as unknown as Fields;
  return pruneObject(applyDefaults(fields, schema), schema) as unknown as KubeObject;
}
