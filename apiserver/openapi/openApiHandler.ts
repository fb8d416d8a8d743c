import { notAcceptable, pathNotFound } from '../../api/apiError.ts';
import type { ApiRequest, ApiResponse, ConnectCall } from '../types.ts';
import type { EncodedDocument, OpenApi, OpenApiForm } from './openApi.ts';

const JSON_TYPE = 'application/json';
const V3 = '/openapi/v3';
const FOREVER = 'Fri, 01 Jan 2100 00:00:00 GMT';

/**
 * Answers `/openapi/v2`, `/openapi/v3` and what is below; throws 404 and 406. Clients keep documents by their hash, so a document that is asked for by
 * its hash may be kept forever, and one that is asked for by an old hash is redirected.
 */
export function answerOpenApi(openApi: OpenApi, request: Pick<ApiRequest, 'path' | 'query' | 'headers'>): ApiResponse {
  const path = request.path.replace(/\/$/, '');
  if (path === '/openapi/v2') {
    const form = chooseForm(request.headers['accept'], 'v2');
    return answer(request, openApi.v2(form), form, 'v2', {});
  }
  if (path === '/openapi/v3') return index(openApi);
  const form = chooseForm(request.headers['accept'], 'v3');
  const name = path.slice('/openapi/v3/'.length);
  const document = path.startsWith('/openapi/v3/') ? openApi.v3(name, form) : undefined;
  if (!document) throw pathNotFound();
  const asked = request.query.get('hash');
  if (asked !== null && asked !== document.hash) return { status: 301, headers: { location: relativeUrl(name, document.hash) }, body: Buffer.alloc(0) };
  return answer(request, document, form, 'v3', asked === null ? { 'cache-control': 'no-cache, private' } : { 'cache-control': 'public, immutable', expires: FOREVER });
}

/** As `answerOpenApi`; documents of other servers come from these. */
export async function answerOpenApiCall(openApi: OpenApi, call: ConnectCall): Promise<ApiResponse> {
  const { path } = call.request;
  const remote = path.startsWith(`${V3}/`) ? await openApi.remoteV3(path.slice(V3.length + 1), call) : undefined;
  return remote ?? answerOpenApi(openApi, call.request);
}

function index(openApi: OpenApi): ApiResponse {
  const urls = [...[...openApi.v3Index()].map(([path, hash]) => [path, relativeUrl(path, hash)] as const), ...openApi.remoteV3Index()];
  const paths = Object.fromEntries(urls.map(([path, serverRelativeURL]) => [path, { serverRelativeURL }]));
  return { status: 200, headers: { 'content-type': JSON_TYPE }, body: Buffer.from(JSON.stringify({ paths })) };
}

function relativeUrl(path: string, hash: string): string {
  return `/openapi/v3/${path}?hash=${hash}`;
}

function answer(request: Pick<ApiRequest, 'headers'>, document: EncodedDocument, form: OpenApiForm, version: 'v2' | 'v3', extra: Readonly<Record<string, string>>): ApiResponse {
  const headers = { etag: `"${document.hash}"`, vary: 'Accept', ...extra };
  if (request.headers['if-none-match'] === headers.etag) return { status: 304, headers, body: Buffer.alloc(0) };
  const type = form === 'json' ? JSON_TYPE : `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`;
  return { status: 200, headers: { ...headers, 'content-type': type }, body: document.body };
}

/** Both spellings of the protobuf type are in use: `…spec.v2@v1.0+protobuf` and `…spec.v2.v1.0+protobuf`. */
function chooseForm(accept: string | undefined, version: 'v2' | 'v3'): OpenApiForm {
  for (const clause of (accept ?? '*/*').split(',')) {
    const type = clause.split(';')[0]!.trim().toLowerCase();
    if (type === '' || type === '*/*' || type === 'application/*' || type === JSON_TYPE) return 'json';
    if (type === `application/com.github.proto-openapi.spec.${version}@v1.0+protobuf` || type === `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`) return 'protobuf';
  }
  throw notAcceptable([JSON_TYPE, `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`]);
}
