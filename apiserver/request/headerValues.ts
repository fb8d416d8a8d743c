import type { ApiRequest } from '../types.ts';

/** All values of a header, each as it was sent. `name` in lower case. */
export function headerValues({ headers, rawHeaders }: Pick<ApiRequest, 'headers' | 'rawHeaders'>, name: string): readonly string[] {
  const joined = headers[name];
  if (joined === undefined) return [];
  if (!rawHeaders) return [joined];
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) if (rawHeaders[at]!.toLowerCase() === name) values.push(rawHeaders[at + 1]!);
  return values;
}

/** `%`-encoded bytes of a header's name decoded; what cannot be stays as it is. */
export function decodeHeaderName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    if (error instanceof URIError) return name;
    throw error;
  }
}
