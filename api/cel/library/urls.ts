import { GoUrlError, parseGoRequestUri, parseGoUrl, queryPairs } from '../../values/goUrl.ts';
import type { GoUrl } from '../../values/goUrl.ts';
import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { CelList } from '../values/list.ts';
import { ValueMap } from '../values/map.ts';
import { OpaqueValue } from '../values/opaque.ts';

class Url extends OpaqueValue {
  readonly typeName = 'kubernetes.URL';
  readonly text: string;
  readonly url: GoUrl;

  constructor(text: string, url: GoUrl) {
    super();
    this.text = text;
    this.url = url;
  }

  equals(other: Url): boolean {
    return this.text === other.text;
  }
}

function parseUrl(text: string): Url | CelError {
  try {
    parseGoRequestUri(text);
    return new Url(text, parseGoUrl(text));
  } catch (error) {
    if (error instanceof GoUrlError) return new CelError(`URL parse error during conversion from string: ${error.message}`);
    throw error;
  }
}

const withoutPort = ({ url }: Url): string => url.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
const portOf = ({ url }: Url): string => /:(\d*)$/.exec(url.host)?.[1] ?? '';

function queryOf({ url }: Url): ValueMap {
  const values = new Map<string, string[]>();
  for (const [name, value] of queryPairs(url.query)) {
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  const map = new ValueMap();
  for (const [name, texts] of values) map.add(name, new CelList(texts));
  return map;
}

/** Kubernetes' URL library. */
export const URLS: readonly Overload[] = [
  global('url', '(string) -> URL', 'string_to_url', parseUrl),
  global('isURL', '(string) -> bool', 'is_url_string', (text: string) => parseUrl(text) instanceof Url),
  member('URL', 'getScheme', '() -> string', 'url_get_scheme', ({ url }: Url) => url.scheme),
  member('URL', 'getHost', '() -> string', 'url_get_host', ({ url }: Url) => url.host),
  member('URL', 'getHostname', '() -> string', 'url_get_hostname', withoutPort),
  member('URL', 'getPort', '() -> string', 'url_get_port', portOf),
  member('URL', 'getEscapedPath', '() -> string', 'url_get_escaped_path', ({ url }: Url) => url.escapedPath),
  member('URL', 'getQuery', '() -> map(string, list(string))', 'url_get_query', queryOf),
];
