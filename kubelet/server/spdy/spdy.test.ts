import { Duplex } from 'node:stream';
import { controlFrame, dataFrame, FRAME, type Frame, FrameReader } from './frames.ts';
import { decodePairs, encodePairs, HeaderCodec } from './headerBlock.ts';
import { SpdyConnection } from './spdyConnection.ts';

test('frames that are cut anywhere are read whole', () => {
  const bytes = Buffer.concat([controlFrame(FRAME.ping, 0, [7]), dataFrame(3, Buffer.from('hello'), true)]);
  const reader = new FrameReader();
  const frames: Frame[] = [];
  for (const byte of bytes) frames.push(...reader.push(Buffer.of(byte)));
  expect(frames).toEqual([
    { kind: 'control', type: FRAME.ping, flags: 0, body: Buffer.from([0, 0, 0, 7]) },
    { kind: 'data', stream: 3, fin: true, data: Buffer.from('hello') },
  ]);
});

test('what is not SPDY/3 is refused', () => {
  expect(() => new FrameReader().push(Buffer.from('GET / HTTP/1.1'))).toThrow(RangeError);
});

test('header blocks of one connection share their compression', async () => {
  const [pack, unpack] = [new HeaderCodec('pack'), new HeaderCodec('unpack')];
  const all: Record<string, string>[] = [{ streamtype: 'stdin' }, { streamtype: 'data', port: '8080', requestid: '0' }, {}];
  for (const headers of all) {
    expect(decodePairs(await unpack.transform(await pack.transform(encodePairs(headers))))).toEqual(headers);
  }
  pack.close();
  unpack.close();
});

test('a stream is answered, echoes and ends', async () => {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const socket = new Duplex({
    read: () => undefined,
    write(data: Buffer, _, done) {
      frames.push(...reader.push(data));
      if (frames.some((frame) => frame.kind === 'data' && frame.fin)) end();
      done();
    },
  });
  const running = new SpdyConnection(socket).run((stream) => {
    expect(stream.headers['streamtype']).toBe('data');
    stream.pipe(stream);
  });
  const block = await new HeaderCodec('pack').transform(encodePairs({ streamType: 'data' }));
  socket.push(Buffer.concat([controlFrame(FRAME.synStream, 0, [1, 0], Buffer.concat([Buffer.alloc(2), block])), dataFrame(1, Buffer.from('hello'), true)]));
  await ended;
  socket.push(null);
  await running;
  expect(frames[0]).toMatchObject({ kind: 'control', type: FRAME.synReply });
  const data = frames.filter((frame) => frame.kind === 'data');
  expect(data).toEqual([{ kind: 'data', stream: 1, fin: false, data: Buffer.from('hello') }, { kind: 'data', stream: 1, fin: true, data: Buffer.alloc(0) }]);
});
