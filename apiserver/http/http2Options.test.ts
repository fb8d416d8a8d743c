import { http2Options } from './http2Options.ts';

const KB = 1024;

test('unless given, a connection has 100 streams, and room for a frame of each', () => {
  const { session, windowBytes } = http2Options({});
  expect(session.settings).toEqual({ maxConcurrentStreams: 100, initialWindowSize: 256 * KB, maxFrameSize: 256 * KB, maxHeaderListSize: 1024 * KB });
  expect(windowBytes).toBe(100 * 256 * KB);
  expect(session.maxSessionMemory).toBe(53);
  expect(http2Options({ maxStreamsPerConnection: 0 })).toEqual(http2Options({}));
});

test('a window is never larger than HTTP/2 has them', () => {
  expect(http2Options({ maxStreamsPerConnection: 7 }).session.settings?.maxConcurrentStreams).toBe(7);
  expect(http2Options({ maxStreamsPerConnection: 100_000 }).windowBytes).toBe(2 ** 31 - 1);
});
