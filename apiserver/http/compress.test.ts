import { gunzipSync } from 'node:zlib';
import type { ApiResponse } from '../types.ts';
import { acceptsGzip, compressed } from './compress.ts';

const answer = (body: ApiResponse['body'], headers: Record<string, string> = {}): ApiResponse => ({ status: 200, headers, body });
const large = [Buffer.alloc(100_000, 'a'), Buffer.alloc(100_000, 'b')];

test.each([['gzip', true], ['deflate, gzip;q=0.5', true], ['gzip;q=0', false], ['x-gzip-2', false], ['', false], [undefined, false]])('Accept-Encoding: %s', (header, accepted) => expect(acceptsGzip(header)).toBe(accepted));

test('large answers are compressed for who takes that', async () => {
  const result = compressed(answer(large, { vary: 'Accept' }), 'gzip');
  expect(result.headers).toEqual({ vary: 'Accept, Accept-Encoding', 'content-encoding': 'gzip' });
  const pieces: Buffer[] = [];
  for await (const piece of result.body) pieces.push(Buffer.from(piece as Buffer));
  expect(gunzipSync(Buffer.concat(pieces)).equals(Buffer.concat(large))).toBe(true);
});

test('so are those that flow and say their length', async () => {
  async function* flow(): AsyncGenerator<Buffer> {
    yield* large;
  }
  const result = compressed(answer(flow(), { 'content-length': '200000' }), 'gzip');
  expect(result.headers).toEqual({ vary: 'Accept-Encoding', 'content-encoding': 'gzip' });
  const pieces: Buffer[] = [];
  for await (const piece of result.body) pieces.push(Buffer.from(piece as Buffer));
  expect(gunzipSync(Buffer.concat(pieces)).equals(Buffer.concat(large))).toBe(true);
});

test('small ones, watches, and what is compressed already are left as they are', () => {
  async function* flow(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(200_000);
  }
  for (const each of [answer(Buffer.alloc(1000)), answer(flow()), answer(large, { 'content-encoding': 'gzip' })]) expect(compressed(each, 'gzip')).toBe(each);
  const plain = answer(large);
  expect(compressed(plain, 'identity')).toBe(plain);
});
