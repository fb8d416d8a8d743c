import type { RandomInput } from '../../../api/schema/randomInput.ts';
import type { Call } from '../fuzzCase.ts';
import { collectionOf, stored, type Surface } from './surface.ts';

const PARTS = ['api', 'apis', 'v1', 'apps', 'namespaces', 'default', 'pods', 'configmaps', 'watch', 'proxy', 'status', 'log', 'exec', 'portforward', 'attach', 'openapi', 'v2', 'v3', 'metrics', 'healthz', 'livez', '..', '.', '', '%2F', '%2e%2e', '%zz', '%ff', '%00', 'constructor', '__proto__', 'a%20b', '%C3%A9', ';a', 'a:b'];
const SELECTORS = ['a', 'a=b', 'a in (b,c)', 'a notin ()', '!a', 'a,b,', 'a==', '=', ',', 'a in', 'a in (', 'constructor', 'a=constructor', 'é=1', 'a/b/c=d', 'a>1', 'a<9999999999999999999999', '\\', 'metadata.name=a', 'metadata.name!=a,metadata.namespace=b', 'spec.nodeName=\\,', 'status.phase=x', 'constructor=1', 'metadata.name'];
const QUERIES = ['limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'labelSelector', 'fieldSelector', 'timeoutSeconds', 'watch', 'allowWatchBookmarks', 'sendInitialEvents', 'timeout', 'pretty', 'dryRun', 'fieldValidation', 'propagationPolicy', 'gracePeriodSeconds', 'force', 'fieldManager', 'includeObject', 'export', 'container', 'command', 'stdin', 'tty', 'ports', 'follow', 'tailLines', 'sinceTime', 'path', 'constructor'];
const TOKENS = ['', 'x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2t1YmVybmV0ZXMuZGVmYXVsdC5zdmMiLCJhdWQiOnt9LCJleHAiOiJ4In0.AAAA', `${'e30.'.repeat(500)}x`, 'abcdef.0123456789abcdef', '\u00e9', 'eyJhbGciOlsxXSwia2lkIjp7fX0.W10.AA'];
const ACCEPTS = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf;stream=watch', 'application/json;as=Table;v=v1;g=meta.k8s.io', 'application/json;as=constructor;v=v1;g=meta.k8s.io', 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', 'text/html', '*/*;q=x', 'application/json;q=0', ';;;,,,', 'a/b;c="\\"', 'application/cbor', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'];
const REVIEWS: readonly (readonly [string, (input: RandomInput) => unknown])[] = [
  ['/apis/authentication.k8s.io/v1/tokenreviews', (input) => ({ spec: { token: input.pick(TOKENS), audiences: input.pick([undefined, ['a'], []]) } })],
  ['/apis/authorization.k8s.io/v1/subjectaccessreviews', (input) => ({ spec: { user: input.pick(['a', '', 'constructor']), groups: input.pick([undefined, ['system:masters'], ['']]), extra: input.pick([undefined, { constructor: ['a'] }, JSON.parse('{"__proto__":["a"]}')]), [input.pick(['resourceAttributes', 'nonResourceAttributes'])]: input.pick([{}, { verb: '*', resource: 'pods', fieldSelector: { rawSelector: input.pick(SELECTORS) } }, { labelSelector: { requirements: [{ key: 'a', operator: input.pick(['In', 'constructor', '']), values: ['b'] }] } }, { path: '/%zz', verb: 'get' }]) } })],
  ['/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', (input) => ({ spec: { namespace: input.pick(['default', '', 'constructor', 'a/b']) } })],
  ['/apis/authentication.k8s.io/v1/selfsubjectreviews', () => ({})],
];

/** Everything around a body: paths, queries, selectors, continue tokens, media types, impersonation, tokens, and the reviews that take such things. */
export const requests: Surface = {
  name: 'requests',
  generate: (input) => ({ calls: Array.from({ length: 4 }, () => (input.chance(0.2) ? reviewed(input) : asked(input))) }),
};

function reviewed(input: RandomInput): Call {
  const [path, body] = input.pick(REVIEWS);
  return { method: 'POST', path, body: body(input), headers: { 'content-type': 'application/json', ...identity(input) } };
}

function asked(input: RandomInput): Call {
  const definition = input.pick(stored);
  const path = input.chance(0.4) ? `/${Array.from({ length: input.below(9) }, () => input.pick(PARTS)).join('/')}` : `${collectionOf(definition)}${input.pick(['', '', '/a', '/constructor', '/a/status', '/a%2Fb'])}`;
  const query = Array.from({ length: input.below(4) }, () => `${input.pick(QUERIES)}=${encodeURIComponent(valueOf(input))}`);
  // A watch ends by itself: the test waits for its end.
  const bounded = [...query, 'timeoutSeconds=1'].sort((a) => (a.startsWith('timeoutSeconds') ? -1 : 1));
  return {
    method: input.pick(['GET', 'GET', 'GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT']),
    path: `${path}?${input.chance(0.05) ? '%zz&%ff=%&=&&' : ''}${bounded.filter((each, at) => at === 0 || !each.startsWith('timeoutSeconds')).join('&')}`,
    headers: { accept: input.pick(ACCEPTS), ...identity(input), ...(input.chance(0.1) ? { 'if-none-match': input.pick(['"x"', '*', 'W/"']), 'accept-encoding': input.pick(['gzip;q=x', 'constructor', '*']) } : {}) },
  };
}

function valueOf(input: RandomInput): string {
  switch (input.below(4)) {
    case 0:
      return input.pick(SELECTORS);
    case 1:
      return input.pick(['0', '1', '-1', '9223372036854775808', '1e9', 'true', 'false', 'All', 'Exact', 'NotOlderThan', 'Strict', '', 'Background', '\u0000', 'é']);
    case 2:
      return input.mangled(JSON.stringify({ v: 'meta.k8s.io/v1', rv: input.value(1), start: input.pick(['a\u0000', '../x', '', 7]) })).toString('base64url');
    default:
      return input.word('ab=!<>(), in.-_\\/%"\'');
  }
}

function identity(input: RandomInput): Record<string, string> {
  const headers: Record<string, string> = {};
  if (input.chance(0.2)) headers['authorization'] = `${input.pick(['Bearer ', 'bearer  ', 'Basic ', ''])}${input.pick(TOKENS)}`;
  if (input.chance(0.2)) headers['impersonate-user'] = input.pick(['a', 'system:serviceaccount:default:default', 'system:serviceaccount:', '\u00e9', 'system:anonymous', '']);
  if (input.chance(0.1)) headers['impersonate-group'] = input.pick(['g', 'system:masters', '']);
  if (input.chance(0.1)) headers[`impersonate-extra-${input.pick(['a', 'constructor', '__proto__', '%zz', '%5f%5fproto%5f%5f', ''])}`] = 'x';
  if (input.chance(0.1)) headers['impersonate-uid'] = input.pick(['u', '']);
  return headers;
}
