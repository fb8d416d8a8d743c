import { answerHead, requestHead } from './http2Head.ts';

test('pseudo-headers become method, target and Host; the others stay as they are', () => {
  const { method, path, query, headers } = requestHead({ ':method': 'PATCH', ':path': '/api/v1/pods?watch=1&a=b%2Fc', ':authority': 'api.example:6443', ':scheme': 'https', accept: 'application/json', 'user-agent': 'x' });
  expect({ method, path, headers }).toEqual({ method: 'PATCH', path: '/api/v1/pods', headers: { accept: 'application/json', 'user-agent': 'x', host: 'api.example:6443' } });
  expect([...query]).toEqual([['watch', '1'], ['a', 'b/c']]);
});

test('Host stands where there is no authority; CONNECT has no path', () => {
  expect(requestHead({ ':method': 'GET', ':path': '*', host: 'h' })).toMatchObject({ path: '/*', headers: { host: 'h' } });
  expect(requestHead({ ':method': 'CONNECT', ':authority': 'h:1' })).toMatchObject({ method: 'CONNECT', path: '/', headers: { host: 'h:1' } });
});

test('what concerns a connection of HTTP/1.1 is left out of an answer', () => {
  const headers = { connection: 'close', 'keep-alive': 'timeout=5', 'proxy-connection': 'x', 'transfer-encoding': 'chunked', upgrade: 'h2c', te: 'trailers', 'retry-after': '1', warning: '299 - "ü"' };
  expect(answerHead(429, headers, 7)).toEqual({ ':status': 429, 'retry-after': '1', warning: '299 - "ü"', 'content-length': 7 });
  expect(answerHead(200, {})).toEqual({ ':status': 200 });
});

test.each(['a\0b', 'a\r\nb: c', 'Ā'])('%j may not stand in a header', (value) => expect(() => answerHead(200, { warning: value })).toThrow('Invalid character in header content ["warning"]'));
