import { ApiError, unauthorized } from '../../api/apiError.ts';
import type { ApiRequest, Authenticator, RequestInfo } from '../types.ts';
import { authenticateRequest } from './authenticateRequest.ts';

const NOWHERE: RequestInfo = { isResourceRequest: false, verb: 'get', path: '/', group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };

/** Whether a client is sent to another connection after its answer. */
async function leaves(authenticate: Authenticator['authenticate'], more: Partial<ApiRequest> = {}): Promise<boolean> {
  let left = false;
  const request = { method: 'GET', path: '/', query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0), remoteAddress: '', signal: new AbortController().signal, leave: () => (left = true), ...more };
  await authenticateRequest({ authenticate }, request, { info: NOWHERE, warn: () => undefined }).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
  });
  return left;
}

test('only who is known keeps a connection of many requests', async () => {
  expect(await leaves(async () => ({ name: 'jane', groups: ['system:authenticated'] }))).toBe(false);
  expect(await leaves(async () => undefined)).toBe(true);
  expect(await leaves(async () => ({ name: 'x', groups: ['system:unauthenticated'] }))).toBe(true);
  expect(await leaves(() => Promise.reject(unauthorized()))).toBe(true);
  expect(await leaves(async () => undefined, { clientCertificateError: 'expired' })).toBe(true);
});
