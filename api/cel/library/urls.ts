import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { CelList } from '../values/list.ts';
import { ValueMap } from '../values/map.ts';
import { OpaqueValue } from '../values/opaque.ts';

const FORM = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?([\s\S]*))?$/;
const HOST = /^(?:\[[^\]]*\]|[^:\s[\]]*)(?::\d*)?$/;
const ESCAPES = /%(?![0-9a-fA-F]{2})/;

class Url extends OpaqueValue {
  readonly typeName = 'kubernetes.URL';
  readonly text: string;
  readonly scheme: string;
  /** With the port, where there is one. */
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(text: string, scheme: string, host: string, path: string, query: string) {
    super();
    this.text = text;
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }

  equals(other: Url): boolean {
    return this.text === other.text;
  }
}

/** An absolute URI, or an absolute path, as of a request. */
function parseUrl(text: string): Url | undefined {
  // Control characters and spaces stand in no URL.
  // oxlint-disable-next-line no-control-regex
  if (text === '' || /[\u0000-\u0020\u007f]/.test(text)) return undefined;
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [, scheme = '', authority = '', path = '', query = ''] = parts;
  if (scheme === '' && !text.startsWith('/')) return undefined;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (!HOST.test(host) || ESCAPES.test(path) || ESCAPES.test(host)) return undefined;
  return new Url(text, scheme.toLowerCase(), host, path, query);
}

const withoutPort = ({ host }: Url): string => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
const portOf = ({ host }: Url): string => /:(\d*)$/.exec(host)?.[1] ?? '';

const escapePath = (path: string): string => path.replace(/[^A-Za-z0-9\-_.~!$&'()*+,/:;=@%[\]]/gu, (each) => encodeURIComponent(each));

function queryOf({ query }: Url): ValueMap {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) values.set(name, [...(values.get(name) ?? []), value]);
  const map = new ValueMap();
  for (const [name, texts] of values) map.add(name, new CelList(texts));
  return map;
}

/** Kubernetes' URL library. */
export const URLS: readonly Overload[] = [
  global('url', '(string) -> URL', 'string_to_url', (text: string) => parseUrl(text) ?? new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`)),
  global('isURL', '(string) -> bool', 'is_url_string', (text: string) => parseUrl(text) !== undefined),
  member('URL', 'getScheme', '() -> string', 'url_get_scheme', ({ scheme }: Url) => scheme),
  member('URL', 'getHost', '() -> string', 'url_get_host', ({ host }: Url) => host),
  member('URL', 'getHostname', '() -> string', 'url_get_hostname', withoutPort),
  member('URL', 'getPort', '() -> string', 'url_get_port', portOf),
  member('URL', 'getEscapedPath', '() -> string', 'url_get_escaped_path', ({ path }: Url) => escapePath(path)),
  member('URL', 'getQuery', '() -> map(string, list(string))', 'url_get_query', queryOf),
];
