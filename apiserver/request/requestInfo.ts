import { badRequest, UnclearPathError } from '../../api/apiError.ts';
import { parseFieldSelector } from '../../api/values/fieldSelector.ts';
import { ownField } from '../../api/values/ownField.ts';
import { parseLabelSelector, SelectorError } from '../../api/values/parseLabelSelector.ts';
import { validatePathSegmentName } from '../../api/validation/names.ts';
import type { RequestInfo } from '../types.ts';

const VERBS: Readonly<Record<string, string>> = { POST: 'create', GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
/** Verbs that once stood in the path. */
const PATH_VERBS: ReadonlySet<string> = new Set(['watch', 'proxy']);
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

/**
 * Reads from a path and a method what is asked for, by the rules of `RequestInfoFactory.NewRequestInfo`:
 * `/api/v1[/watch][/namespaces/NS]/RESOURCE[/NAME[/SUBRESOURCE]]` and `/apis/GROUP/VERSION/…`; everything else is a
 * non-resource request with the method as its verb. Throws `badRequest` for a path that cannot be decoded, and an
 * `UnclearPathError` for `/api/v1/watch`.
 */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = splitPath(path);
  const root = parts[0];
  const start = root === 'api' ? 2 : root === 'apis' ? 3 : 0;
  if (start === 0 || parts.length <= start) return nonResource(method, path);
  const group = root === 'api' ? '' : parts[1]!;
  const version = parts[start - 1]!;
  let rest = parts.slice(start);
  const pathVerb = PATH_VERBS.has(rest[0]!) ? rest[0] : undefined;
  if (pathVerb !== undefined && rest.length < 2) throw new UnclearPathError(query.size === 0 ? path : `${path}?${query.toString()}`);
  if (pathVerb !== undefined) rest = rest.slice(1);
  let verb = pathVerb ?? ownField(VERBS, method) ?? '';
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!;
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) rest = rest.slice(2);
  }
  const resource = rest[0]!;
  let name = rest[1] ?? '';
  const subresource = verb === 'proxy' ? '' : (rest[2] ?? '');
  if (name === '' && verb === 'get') {
    verb = isTrue(query.get('watch')) ? 'watch' : 'list';
    name = selectedName(query);
  }
  if (name === '' && verb === 'delete') verb = 'deletecollection';
  const info = { isResourceRequest: true, verb, path, group, version, resource, subresource, namespace, name };
  if (pathVerb !== undefined || (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection')) return info;
  const fieldSelector = query.get('fieldSelector');
  const labelSelector = query.get('labelSelector');
  return { ...info, ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) };
}

const ROUTELESS = ['//', '/api//', '/apis//'];

/** Whether a path that is read as one of a resource leads nowhere all the same: its empty parts are no group and no version. */
export const leadsNowhere = ({ path }: RequestInfo): boolean => ROUTELESS.some((start) => path.startsWith(start));

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
    // A slash that is written as `%2F` divides, too.
    return decodeURIComponent(path).replace(/^\/+|\/+$/g, '').split('/');
  } catch {
    throw badRequest(`invalid URL escape in "${path}"`);
  }
}

function nonResource(method: string, path: string): RequestInfo {
  return { isResourceRequest: false, verb: method.toLowerCase(), path, group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
}

/** Boolean options, as Kubernetes reads them: whatever does not say no, a bare `?watch` too, is a yes (`Convert_Slice_string_To_bool`). */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

const NUMBER = /^[+-]?\d+$/;

/** A list of one object by `metadata.name` is authorised as a request for that object; where not all options can be read, none counts. */
export function selectedName(query: URLSearchParams): string {
  const fieldSelector = query.get('fieldSelector') ?? '';
  if (!fieldSelector.includes('metadata.name')) return '';
  if (['limit', 'timeoutSeconds'].some((option) => !NUMBER.test(query.get(option) || '0'))) return '';
  try {
    parseLabelSelector(query.get('labelSelector') ?? '');
    const name = parseFieldSelector(fieldSelector).find(({ field, equal }) => field === 'metadata.name' && equal)?.value ?? '';
    return validatePathSegmentName(name).length === 0 ? name : '';
  } catch (error) {
    if (error instanceof SelectorError) return '';
    throw error;
  }
}
