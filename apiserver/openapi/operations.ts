import type { GroupVersionKind } from '../../api/schema/model.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import type { ServedResource } from '../registry.ts';

/** One operation of a path, in terms of neither dialect. */
export interface ApiOperation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly id: string;
  readonly description: string;
  /** `x-kubernetes-action`. */
  readonly action: string;
  readonly kind: GroupVersionKind;
  readonly query: readonly QueryParameter[];
  /** What it takes: an object of a kind, a patch, the options of a delete, or nothing. */
  readonly body: 'object' | 'patch' | 'deleteOptions' | 'none';
  /** What it gives. */
  readonly answer: 'object' | 'list' | 'status' | 'stream';
}

export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

/** A path with its operations. */
export interface ApiPath {
  readonly path: string;
  readonly tag: string;
  /** Parameters in the path: `name`, `namespace`, `path`. */
  readonly parameters: readonly string[];
  readonly operations: readonly ApiOperation[];
  /** Of a custom resource: its definitions bear other names, and it takes no strategic merge patches. */
  readonly custom?: { readonly listKind: string };
}

const text = (name: string, description: string): QueryParameter => ({ name, type: 'string', description });

const WRITE: readonly QueryParameter[] = [
  text('dryRun', 'All: nothing is stored.'),
  text('fieldManager', 'Name of who makes the change.'),
  text('fieldValidation', 'What becomes of unknown and duplicate fields: Ignore, Warn or Strict.'),
];
const FORCE: QueryParameter = { name: 'force', type: 'boolean', description: 'Takes fields over from other managers; for apply patches only.' };
const LIST: readonly QueryParameter[] = [
  { name: 'allowWatchBookmarks', type: 'boolean', description: 'Asks for events of type BOOKMARK.' },
  text('continue', 'Where the next part of a list begins, as the previous part said.'),
  text('fieldSelector', 'Restricts the objects by their fields.'),
  text('labelSelector', 'Restricts the objects by their labels.'),
  { name: 'limit', type: 'integer', description: 'Most objects that one answer holds.' },
  text('resourceVersion', 'How new the data must be.'),
  text('resourceVersionMatch', 'How resourceVersion is applied.'),
  { name: 'sendInitialEvents', type: 'boolean', description: 'Begins a watch with the objects that exist.' },
  { name: 'timeoutSeconds', type: 'integer', description: 'How long the call may last.' },
  { name: 'watch', type: 'boolean', description: 'Asks for changes as they happen.' },
];
const DELETE: readonly QueryParameter[] = [
  text('dryRun', 'All: nothing is deleted.'),
  { name: 'gracePeriodSeconds', type: 'integer', description: 'Seconds before the object is deleted.' },
  { name: 'orphanDependents', type: 'boolean', description: 'Deprecated: use propagationPolicy.' },
  text('propagationPolicy', 'What becomes of dependents: Orphan, Background or Foreground.'),
];

/** The paths of a resource and its subresources, derived from what is served. */
export function pathsOf(served: ServedResource): ApiPath[] {
  const { definition } = served;
  const kind: GroupVersionKind = { group: definition.group, version: definition.version, kind: definition.kind };
  const base = `${definition.group === '' ? '/api' : '/apis'}/${apiVersionOf(definition)}`;
  const scope = definition.namespaced ? `${base}/namespaces/{namespace}` : base;
  const scopeParameters = definition.namespaced ? ['namespace'] : [];
  const tag = `${camel(definition.group === '' ? 'core' : definition.group.split('.')[0]!)}_${definition.version}`;
  const name = `${pascal(tag)}${definition.namespaced ? 'Namespaced' : ''}${definition.kind}`;
  const make = (method: ApiOperation['method'], verb: string, action: string, rest: Partial<ApiOperation>): ApiOperation => ({
    method,
    id: `${verb}${name}`,
    description: `${verb} ${definition.kind}`,
    action,
    kind,
    query: [],
    body: 'none',
    answer: 'object',
    ...rest,
  });
  const has = (verb: Parameters<typeof served.verbs.has>[0]): boolean => served.verbs.has(verb);
  const list = make('get', 'list', 'list', { query: LIST, answer: 'list' });
  const collection = [
    ...(has('list') ? [list] : []),
    ...(has('create') ? [make('post', 'create', 'post', { query: WRITE, body: 'object' })] : []),
    ...(has('deletecollection') ? [make('delete', 'deleteCollection', 'deletecollection', { query: [...LIST, ...DELETE], body: 'deleteOptions', answer: 'status' })] : []),
  ];
  const item = [
    ...(has('get') ? [make('get', 'read', 'get', {})] : []),
    ...(has('update') ? [make('put', 'replace', 'put', { query: WRITE, body: 'object' })] : []),
    ...(has('patch') ? [make('patch', 'patch', 'patch', { query: [...WRITE, FORCE], body: 'patch' })] : []),
    ...(has('delete') ? [make('delete', 'delete', 'delete', { query: DELETE, body: 'deleteOptions', answer: 'status' })] : []),
  ];
  const everywhere: ApiPath = { path: `${base}/${definition.plural}`, tag, parameters: [], operations: [{ ...list, id: `list${pascal(tag)}${definition.kind}ForAllNamespaces` }] };
  const all = [
    ...(definition.namespaced && has('list') ? [everywhere] : []),
    { path: `${scope}/${definition.plural}`, tag, parameters: scopeParameters, operations: collection },
    { path: `${scope}/${definition.plural}/{name}`, tag, parameters: ['name', ...scopeParameters], operations: item },
    ...served.subresources.map((sub): ApiPath => ({
      path: `${scope}/${definition.plural}/{name}/${sub.name}`,
      tag,
      parameters: ['name', ...scopeParameters],
      operations: sub.verbs.flatMap((verb) => subOperations(verb, sub.kind, `${name}${pascal(sub.name)}`, sub.name)),
    })),
  ];
  return all.filter((path) => path.operations.length > 0).map((path) => (definition.custom ? { ...path, custom: { listKind: served.listKind } } : path));
}

const STREAMS = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

function subOperations(verb: string, kind: GroupVersionKind, name: string, subresource: string): ApiOperation[] {
  const isStream = STREAMS.has(subresource);
  const make = (method: ApiOperation['method'], word: string, action: string, query: readonly QueryParameter[], body: ApiOperation['body']): ApiOperation[] => [
    { method, id: `${isStream ? 'connect' + pascal(method) : word}${name}`, description: `${word} ${subresource} of the specified ${kind.kind}`, action: isStream && subresource !== 'log' ? 'connect' : action, kind, query: isStream ? [] : query, body: isStream ? 'none' : body, answer: isStream ? 'stream' : 'object' },
  ];
  switch (verb) {
    case 'get':
      return make('get', 'read', 'get', [], 'none');
    case 'create':
      return make('post', 'create', 'post', WRITE, 'object');
    case 'update':
      return make('put', 'replace', 'put', WRITE, 'object');
    case 'patch':
      return make('patch', 'patch', 'patch', [...WRITE, FORCE], 'patch');
    case 'delete':
      return make('delete', 'delete', 'delete', DELETE, 'none');
    default:
      return [];
  }
}

function pascal(name: string): string {
  return name.replace(/(?:^|[_-])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
