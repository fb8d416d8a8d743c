import { validateHeaderValue } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { ApiRequest } from '../types.ts';
import { parametersOf, splitTarget } from './requestTarget.ts';

/** What the pipeline is told of a stream's headers: pseudo-headers become method, target and Host (RFC 9113, 8.3.1). */
export function requestHead(headers: IncomingHttpHeaders): Pick<ApiRequest, 'method' | 'path' | 'query' | 'rawQuery' | 'headers'> {
  const { path, query } = splitTarget(headers[':path']);
  const plain: Record<string, string | undefined> = {};
  // Only `set-cookie` is ever a list, and no client sends it.
  for (const name of Object.keys(headers)) if (!name.startsWith(':')) plain[name] = headers[name] as string | undefined;
  const authority = headers[':authority'];
  if (authority !== undefined) plain['host'] = authority;
  return { method: headers[':method'] ?? 'GET', path, query: parametersOf(query), rawQuery: query, headers: plain };
}

/** What concerns a connection of HTTP/1.1 has no place on a stream (RFC 9113, 8.2.2); an answer that was passed on may have it. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'te']);

/** The headers that begin an answer. Throws for a value that may not stand in one: Node looks after that on HTTP/1.1 only. `length`: undefined where it is not known. */
export function answerHead(status: number, headers: Readonly<Record<string, string>>, length?: number): OutgoingHttpHeaders {
  const head: OutgoingHttpHeaders = { ':status': status };
  for (const name of Object.keys(headers)) {
    if (OF_CONNECTIONS.has(name)) continue;
    const value = headers[name]!;
    validateHeaderValue(name, value);
    head[name] = value;
  }
  if (length !== undefined) head['content-length'] = length;
  return head;
}
