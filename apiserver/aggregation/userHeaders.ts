import type { UserInfo } from '../types.ts';

/** Letters that may stand in the name of a header (RFC 9110's token), without `%`, by which the others are written. */
const PLAIN = /[!#$&'*+\-.^_`|~0-9a-z]/;

/** Who asks, as a front proxy tells an extension API server (`transport.SetAuthProxyHeaders`). */
export function userHeaders({ name, uid, groups, extra = {} }: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'x-remote-user': headerValue(name), ...(uid ? { 'x-remote-uid': headerValue(uid) } : {}) };
  if (groups.length > 0) headers['x-remote-group'] = groups.map(headerValue);
  for (const [key, values] of Object.entries(extra)) if (values.length > 0) headers[`x-remote-extra-${extraKey(key)}`] = values.map(headerValue);
  return headers;
}

/** `example.com/scopes` as `example.com%2fscopes`. */
export function extraKey(key: string): string {
  return [...Buffer.from(key.toLowerCase())].map((byte) => (byte < 128 && PLAIN.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)).join('');
}

/** Names are UTF-8 on the wire, one letter per byte as Node writes headers; line breaks would begin another header. */
const headerValue = (text: string): string => Buffer.from(text).toString('latin1').replaceAll(/[\r\n\0]/g, ' ');
