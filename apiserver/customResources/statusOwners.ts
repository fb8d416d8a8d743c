import { customResourceDefinition } from '../../api/kinds/apiextensions/customResourceDefinition.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import type { V1CustomResourceDefinition } from '../../api/generated/types.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { definitionType } from '../fieldManagement/definitionType.ts';
import type { Fields } from '../fieldManagement/fieldType.ts';
import { readOwners, writeOwners } from '../fieldManagement/managedFields.ts';
import { resetFields } from '../fieldManagement/resetFields.ts';
import { trackUpdate } from '../fieldManagement/trackUpdate.ts';

/** Kubernetes' API server writes the status of definitions as a client of its own. */
const MANAGER = 'kube-apiserver';

/** The definition with the API server among its owners, for what it changes in the status. `now` as objects bear it. */
export function withStatusOwner(schema: Schema, before: V1CustomResourceDefinition, after: V1CustomResourceDefinition, now: string): V1CustomResourceDefinition {
  const type = definitionType(schema, customResourceDefinition);
  const apiVersion = apiVersionOf(customResourceDefinition);
  const subresource = 'status';
  const tracking = {
    type,
    apiVersion,
    subresource,
    ignored: resetFields(schema, customResourceDefinition, subresource),
    now,
    typeIn: (version: string) => (version === apiVersion ? type : undefined),
    convert: (object: Fields) => object,
  };
  const owners = readOwners(before.metadata.managedFields);
  const managedFields = writeOwners(trackUpdate(tracking, MANAGER, before as unknown as Fields, after as unknown as Fields, owners));
  return managedFields ? { ...after, metadata: { ...after.metadata, managedFields } } : after;
}
