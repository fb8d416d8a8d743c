/** A URL as Go's `net/url` takes it apart. */
export interface GoUrl {
  readonly scheme: string;
  /** `name:password`, as it is written; absent where the URL has none. */
  readonly user?: string;
  /** With the port, where there is one. */
  readonly host: string;
  readonly escapedPath: string;
  readonly query: string;
  readonly fragment: string;
}

/** A text that is no URL; the message is Go's. */
export class GoUrlError extends Error {}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
const CONTROL_FAULT = 'net/url: invalid control character in URL';
const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):/;
const PORT = /^(?::\d*)?$/;
const IN_HOST = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\u{10ffff}]/u;
const USER = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})[\s\S]{0,2}/;
/** Characters that stand in a path as they are. */
const IN_PATH = /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]*$/;
const TO_ESCAPE = /[^A-Za-z0-9\-_.~$&+,/:;=@]/gu;

/** Reads a URL as `url.Parse` does, which takes nearly every text for one: what lacks a scheme is a path. Throws `GoUrlError`. */
export function parseGoUrl(text: string): GoUrl {
  return named(text, () => {
    const [before, fragment] = cut(text, '#');
    const url = parse(before, false);
    if (CONTROL.test(fragment)) throw new GoUrlError(CONTROL_FAULT);
    checkEscapes(fragment);
    return { ...url, fragment };
  });
}

/** Reads an absolute URL or an absolute path, as `url.ParseRequestURI` does. Throws `GoUrlError`. */
export const parseGoRequestUri = (text: string): GoUrl => named(text, () => parse(text, true));

/** Why a text is no URL; undefined where it is one. */
export function goUrlFault(text: string, parseText: (text: string) => GoUrl = parseGoUrl): string | undefined {
  try {
    parseText(text);
    return undefined;
  } catch (error) {
    if (error instanceof GoUrlError) return error.message;
    throw error;
  }
}

function named(text: string, read: () => GoUrl): GoUrl {
  try {
    return read();
  } catch (error) {
    throw error instanceof GoUrlError ? new GoUrlError(`parse ${JSON.stringify(text)}: ${error.message}`) : error;
  }
}

function parse(text: string, isRequest: boolean): GoUrl {
  if (CONTROL.test(text)) throw new GoUrlError(CONTROL_FAULT);
  if (text === '' && isRequest) throw new GoUrlError('empty url');
  if (text === '*') return { scheme: '', host: '', escapedPath: '*', query: '', fragment: '' };
  if (text.startsWith(':')) throw new GoUrlError('missing protocol scheme');
  const scheme = SCHEME.exec(text)?.[1] ?? '';
  const [rest, query] = cut(scheme === '' ? text : text.slice(scheme.length + 1), '?');
  const found = { scheme: scheme.toLowerCase(), query, fragment: '' };
  if (!rest.startsWith('/')) {
    // What has a scheme and no path is opaque.
    if (scheme !== '') return { ...found, host: '', escapedPath: '' };
    if (isRequest) throw new GoUrlError('invalid URI for request');
    if (cut(rest, '/')[0].includes(':')) throw new GoUrlError('first path segment in URL cannot contain colon');
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || (!isRequest && !rest.startsWith('///')));
  if (!hasAuthority) return { ...found, host: '', escapedPath: pathOf(rest) };
  const slash = rest.indexOf('/', 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  const host = hostOf(authority.slice(at + 1));
  if (!USER.test(user)) throw new GoUrlError('net/url: invalid userinfo');
  return { ...found, ...(at < 0 ? {} : { user }), host, escapedPath: pathOf(slash < 0 ? '' : rest.slice(slash)) };
}

/** A text before and behind a mark. */
function cut(text: string, mark: string): readonly [before: string, behind: string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function checkEscapes(text: string): void {
  const bad = BAD_ESCAPE.exec(text);
  if (bad) throw new GoUrlError(`invalid URL escape ${JSON.stringify(bad[0])}`);
}

function hostOf(host: string): string {
  const bracket = host.startsWith('[') ? host.lastIndexOf(']') : undefined;
  if (bracket === -1) throw new GoUrlError("missing ']' in host");
  const colon = bracket === undefined ? host.lastIndexOf(':') : bracket + 1;
  const port = colon < 0 ? '' : host.slice(colon);
  if (!PORT.test(port)) throw new GoUrlError(`invalid port ${JSON.stringify(port)} after host`);
  checkEscapes(host);
  // Only what is not ASCII may be escaped in a host, and a percent sign before a zone.
  const escape = /%(?!25)[0-7][0-9a-fA-F]/.exec(host);
  if (escape) throw new GoUrlError(`invalid URL escape ${JSON.stringify(escape[0])}`);
  const wrong = IN_HOST.exec(host);
  if (wrong) throw new GoUrlError(`invalid character ${JSON.stringify(wrong[0])} in host name`);
  return unescaped(host);
}

/** Escapes that stand for no text stay what they are. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function pathOf(path: string): string {
  checkEscapes(path);
  if (IN_PATH.test(path)) return path;
  return unescaped(path).toWellFormed().replace(TO_ESCAPE, (each) => encodeURIComponent(each).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`));
}

/** Names and values of a query, in order; what is not rightly escaped, or has a semicolon, is left out. */
export function queryPairs(query: string): readonly (readonly [name: string, value: string])[] {
  return query.split('&').flatMap((pair) => {
    if (pair === '' || pair.includes(';')) return [];
    const [name, value] = cut(pair, '=').map((part) => part.replaceAll('+', ' '));
    return BAD_ESCAPE.test(name!) || BAD_ESCAPE.test(value!) ? [] : [[unescaped(name!), unescaped(value!)] as const];
  });
}
