import type { ApiRequest, ApiResponse } from '../types.ts';
import { browserFront } from './browserFront.ts';

const answered: ApiResponse = { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') };
const front = browserFront({ allowedOrigins: ['//example\\.com(:|$)', '^https://web$'], transportSecurity: ['max-age=31536000', 'includeSubDomains'] })!;
const ask = (method: string, origin?: string): Promise<ApiResponse> => front({ method, headers: { origin } } as unknown as ApiRequest, async () => answered);

test.each([
  ['https://example.com', true],
  ['https://example.com:8443', true],
  ['https://web', true],
  ['https://example.com.evil.net', false],
  ['https://example.org', false],
  [undefined, false],
])('a page of %s: %s', async (origin, isAllowed) => {
  const { status, headers } = await ask('GET', origin);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'strict-transport-security': 'max-age=31536000; includeSubDomains' });
  expect(headers['access-control-allow-origin']).toBe(isAllowed ? origin : undefined);
  expect((await ask('OPTIONS', origin)).status).toBe(isAllowed ? 204 : 200);
});

test('nothing is told where nothing is asked for', () => expect(browserFront({ allowedOrigins: [], transportSecurity: [] })).toBeUndefined());
