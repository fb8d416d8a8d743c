import { badRequest } from '../../api/apiError.ts';
import type { RequestInfo } from '../types.ts';
import { ownField } from '../../api/values/ownField.ts';

const VERBS: Readonly<Record<string, string>> = { POST: 'create', GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

/**
 * Reads from a path and a method what is asked for, by the rules of `RequestInfoFactory.NewRequestInfo`:
 * `/api/v1[/watch][/namespaces/NS]/RESOURCE[/NAME[/SUBRESOURCE]]` and `/apis/GROUP/VERSION/…`; everything else is a
 * non-resource request with the method as its verb. Throws `badRequest` for a path that cannot be decoded.
 */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = splitPath(path);
  const root = parts[0];
  const start = root === 'api' ? 2 : root === 'apis' ? 3 : 0;
  if (start === 0 || parts.length <= start || path.startsWith('//') || parts[1] === '') return nonResource(method, path);
  const group = root === 'api' ? '' : parts[1]!;
  const version = parts[start - 1]!;
  let rest = parts.slice(start);
  let verb = ownField(VERBS, method) ?? '';
  if (rest[0] === 'watch' && rest.length > 1) {
    rest = rest.slice(1);
    if (verb === 'get') verb = 'watch';
  }
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!;
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) rest = rest.slice(2);
  }
  const resource = rest[0]!;
  let name = rest[1] ?? '';
  const subresource = rest[2] ?? '';
  if (name === '' && verb === 'get') verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  if (name === '' && (verb === 'list' || verb === 'watch' || verb === 'delete')) name = selectedName(query.get('fieldSelector'));
  if (!rest[1] && verb === 'delete') verb = 'deletecollection';
  if (resource === 'namespaces' && rest.length === 1) namespace = '';
  const info = { isResourceRequest: true, verb, path, group, version, resource, subresource, namespace, name };
  if (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection') return info;
  const fieldSelector = query.get('fieldSelector');
  const labelSelector = query.get('labelSelector');
  return { ...info, ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) };
}

/** The parts of a path behind `RESOURCE/NAME/SUBRESOURCE/`, for proxying; starts with `/`, or is empty. */
export function remainder(info: RequestInfo): string {
  const parts = info.path.split('/');
  const at = parts.findIndex((part, index) => index > 1 && parts[index - 2] === info.resource && part === info.subresource && decodeURIComponent(parts[index - 1]!) === info.name);
  return at < 0 || at === parts.length - 1 ? '' : `/${parts.slice(at + 1).join('/')}`;
}

function splitPath(path: string): string[] {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  if (trimmed === '') return [];
  if (!trimmed.includes('%')) return trimmed.split('/');
  try {
    // A slash parts, encoded or not.
    return decodeURIComponent(trimmed).split('/');
  } catch {
    throw badRequest(`invalid URL escape in "${path}"`);
  }
}

function nonResource(method: string, path: string): RequestInfo {
  return { isResourceRequest: false, verb: method.toLowerCase(), path, group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
}

/** As Kubernetes reads boolean options: a bare `?watch`, and all that does not say no. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** A list of one object by `metadata.name` is authorised as a request for that object. */
export function selectedName(fieldSelector: string | null): string {
  if (!fieldSelector) return '';
  const match = /(?:^|,)metadata\.name==?([^,=!]+)(?:,|$)/.exec(fieldSelector);
  return match?.[1] ?? '';
}
