import type { DescriptionsFile } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import type { ServedResource } from '../registry.ts';
import { customDefinitionName } from './customSchemas.ts';
import { definitionsFor } from './definitions.ts';
import { pathsOf, type ApiOperation, type ApiPath } from './operations.ts';
import { VALUE_DEFINITIONS, refTo, type Dialect } from './schemaObject.ts';

/** A whole document, ready to be written as JSON or in gnostic's protobuf form. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'];
const patchTypes = (path: ApiPath): readonly string[] => (path.custom ? PATCH_TYPES.filter((type) => !type.includes('strategic')) : PATCH_TYPES);
const OBJECT_TYPES = ['application/json', 'application/yaml'];
const BEARER = { type: 'apiKey', name: 'authorization', in: 'header', description: 'Bearer Token authentication' };

/** The Swagger 2.0 document of all that is served. */
export function buildV2(schema: Schema, descriptions: DescriptionsFile, resources: readonly ServedResource[], version: string): OpenApiDocument {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: buildPaths(schema, resources, 'v2'),
    definitions: definitionsFor(schema, descriptions, resources, 'v2'),
    securityDefinitions: { BearerToken: BEARER },
    security: [{ BearerToken: [] }],
  };
}

/** The OpenAPI 3.0 document of one group and version. */
export function buildV3(schema: Schema, descriptions: DescriptionsFile, resources: readonly ServedResource[], version: string): OpenApiDocument {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: buildPaths(schema, resources, 'v3'),
    components: { schemas: definitionsFor(schema, descriptions, resources, 'v3'), securitySchemes: { BearerToken: BEARER } },
  };
}

function buildPaths(schema: Schema, resources: readonly ServedResource[], dialect: Dialect): Record<string, unknown> {
  const paths = resources.flatMap(pathsOf).sort((a, b) => (a.path < b.path ? -1 : 1));
  return Object.fromEntries(paths.map((path) => [path.path, pathItem(schema, path, dialect)]));
}

function pathItem(schema: Schema, path: ApiPath, dialect: Dialect): Record<string, unknown> {
  const operations = path.operations.map((operation): [string, unknown] => [operation.method, dialect === 'v2' ? operationV2(schema, path, operation) : operationV3(schema, path, operation)]);
  const parameters = path.parameters.map((name) => parameter(name, 'path', 'string', name === 'name' ? 'name of the object' : 'object name and auth scope, such as for teams and projects', dialect));
  return { ...Object.fromEntries(operations), ...(parameters.length > 0 ? { parameters } : {}) };
}

function operationV2(schema: Schema, path: ApiPath, operation: ApiOperation): Record<string, unknown> {
  const body = bodyDefinition(schema, path, operation);
  const answer = answerDefinition(schema, path, operation);
  const ok = { description: 'OK', ...(answer === undefined ? {} : { schema: { $ref: refTo(answer, 'v2') } }) };
  return {
    description: operation.description,
    consumes: operation.body === 'patch' ? patchTypes(path) : ['*/*'],
    produces: OBJECT_TYPES,
    schemes: ['https'],
    tags: [path.tag],
    operationId: operation.id,
    parameters: [
      ...(body === undefined ? [] : [{ name: 'body', in: 'body', ...(operation.body === 'deleteOptions' ? {} : { required: true }), schema: { $ref: refTo(body, 'v2') } }]),
      ...queryParameters(operation, 'v2'),
    ],
    responses: { '200': ok, '401': { description: 'Unauthorized' } },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.kind,
  };
}

function operationV3(schema: Schema, path: ApiPath, operation: ApiOperation): Record<string, unknown> {
  const body = bodyDefinition(schema, path, operation);
  const answer = answerDefinition(schema, path, operation);
  const content = (definition: string, types: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(types.map((type) => [type, { schema: { $ref: refTo(definition, 'v3') } }]));
  const bodyTypes = operation.body === 'patch' ? patchTypes(path) : ['*/*'];
  return {
    tags: [path.tag],
    description: operation.description,
    operationId: operation.id,
    parameters: queryParameters(operation, 'v3'),
    ...(body === undefined ? {} : { requestBody: { content: content(body, bodyTypes), ...(operation.body === 'deleteOptions' ? {} : { required: true }) } }),
    responses: { '200': { description: 'OK', ...(answer === undefined ? {} : { content: content(answer, OBJECT_TYPES) }) }, '401': { description: 'Unauthorized' } },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.kind,
  };
}

function queryParameters(operation: ApiOperation, dialect: Dialect): unknown[] {
  return operation.query.map(({ name, type, description }) => parameter(name, 'query', type, description, dialect));
}

function parameter(name: string, where: 'path' | 'query', type: string, description: string, dialect: Dialect): Record<string, unknown> {
  const base = { name, in: where, description, ...(where === 'path' ? { required: true } : {}) };
  return dialect === 'v2' ? { ...base, type, uniqueItems: true } : { ...base, schema: { type, uniqueItems: true } };
}

function bodyDefinition(schema: Schema, path: ApiPath, operation: ApiOperation): string | undefined {
  switch (operation.body) {
    case 'object':
      return definitionOf(schema, path, operation, operation.kind.kind);
    case 'patch':
      return VALUE_DEFINITIONS.patch;
    case 'deleteOptions':
      return schema.model('V1DeleteOptions').definition;
    case 'none':
      return undefined;
  }
  return undefined;
}

function answerDefinition(schema: Schema, path: ApiPath, operation: ApiOperation): string | undefined {
  switch (operation.answer) {
    case 'object':
      return definitionOf(schema, path, operation, operation.kind.kind);
    case 'list':
      return definitionOf(schema, path, operation, path.custom?.listKind ?? `${operation.kind.kind}List`);
    case 'status':
      return schema.model('V1Status').definition;
    case 'stream':
      return undefined;
  }
  return undefined;
}

function definitionOf(schema: Schema, path: ApiPath, operation: ApiOperation, kind: string): string | undefined {
  const { group, version } = operation.kind;
  return schema.byKind(group, version, kind)?.definition ?? (path.custom ? customDefinitionName({ group, version, kind }) : undefined);
}
