import { goPattern } from '../../api/patterns/goPattern.ts';
import type { ApiRequest, ApiResponse } from '../types.ts';

/** What browsers are told; nothing where both are empty. */
export interface BrowserConfig {
  /** `--cors-allowed-origins`: patterns of origins whose pages may use the API. */
  readonly allowedOrigins: readonly string[];
  /** `--strict-transport-security-directives`. */
  readonly transportSecurity: readonly string[];
}

/** What stands before the pipeline: it answers a request itself, or adds headers to its answer. */
export type Front = (request: ApiRequest, answer: () => Promise<ApiResponse>) => Promise<ApiResponse>;

const CROSS_ORIGIN = {
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers': 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date, Warning',
  'access-control-allow-credentials': 'true',
};

/** Kubernetes' filters `WithCORS` and `WithHSTS`; undefined where there is nothing to tell. */
export function browserFront({ allowedOrigins, transportSecurity }: BrowserConfig): Front | undefined {
  if (allowedOrigins.length === 0 && transportSecurity.length === 0) return undefined;
  const patterns = allowedOrigins.map((text) => goPattern(text));
  const always: Readonly<Record<string, string>> = transportSecurity.length === 0 ? {} : { 'strict-transport-security': transportSecurity.join('; ') };
  return async (request, answer) => {
    const origin = request.headers['origin'] ?? '';
    const isAllowed = origin !== '' && patterns.some((pattern) => pattern.test(origin));
    const told = isAllowed ? { ...always, 'access-control-allow-origin': origin, ...CROSS_ORIGIN } : always;
    // A browser asks beforehand, and without credentials.
    if (isAllowed && request.method === 'OPTIONS') return { status: 204, headers: told, body: Buffer.alloc(0) };
    const response = await answer();
    return { ...response, headers: { ...response.headers, ...told } };
  };
}
