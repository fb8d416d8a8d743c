import { preservesUnknown } from '../../api/customResources/jsonSchema.ts';
import type { ServedResource } from '../registry.ts';
import { describedRef, metadataSchema, publishedSchema } from './publishedSchema.ts';
import { refTo, type Dialect, type SchemaObject } from './schemaObject.ts';

const API_VERSION = {
  description:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  type: 'string',
};
const KIND = {
  description:
    'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  type: 'string',
};

/** The name of a custom kind's definition: `com.example.stable.v1.CronTab`. */
export function customDefinitionName(kind: { readonly group: string; readonly version: string; readonly kind: string }): string {
  return [...kind.group.split('.').toReversed(), kind.version, kind.kind].join('.');
}

/** What is published of a custom resource: its object and its list, by definition name. */
export function customSchemas({ definition, listKind }: ServedResource, dialect: Dialect): [string, SchemaObject][] {
  const { group, version, kind, custom } = definition;
  const name = customDefinitionName({ group, version, kind });
  const { schema, selectablePaths } = custom!;
  const extensions = (of: string): SchemaObject => ({
    'x-kubernetes-group-version-kind': [{ group, version, kind: of }],
    ...(selectablePaths?.length ? { 'x-kubernetes-selectable-fields': selectablePaths.map((path) => ({ fieldPath: path.replace(/^\./, '') })) } : {}),
  });
  // kubectl takes fields that are not named for forbidden ones: where any are allowed, v2 names none.
  const object: SchemaObject = dialect === 'v2' && preservesUnknown(schema) ? { type: 'object' } : withMetadata(publishedSchema(schema, dialect), dialect);
  const list: SchemaObject = {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: API_VERSION,
      kind: KIND,
      items: { description: `List of ${definition.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`, type: 'array', items: { $ref: refTo(name, dialect) } },
      metadata: describedRef('ListMeta', 'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds', dialect),
    },
    ...extensions(listKind),
  };
  return [[name, { ...object, ...extensions(kind) }], [customDefinitionName({ group, version, kind: listKind }), list]];
}

function withMetadata(schema: SchemaObject, dialect: Dialect): SchemaObject {
  return { ...schema, properties: { ...schema.properties, apiVersion: API_VERSION, kind: KIND, metadata: metadataSchema(dialect) } };
}
