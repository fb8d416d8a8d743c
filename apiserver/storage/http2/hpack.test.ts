import http2 from 'node:http2';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { FrameReader, FrameType } from './frames.ts';
import { decodeFields, encodeFields, HpackError } from './hpack.ts';

/** The first block of fields that Node.js' HTTP/2 (nghttp2) sends for a request with these fields, to a server that allows no table. */
async function blockOfNode(fields: http2.OutgoingHttpHeaders): Promise<Buffer> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on('error', () => undefined);
  try {
    return await new Promise<Buffer>((resolve) => {
      server.once('connection', (socket) => {
        const reader = new FrameReader();
        let preface = 24;
        // A table of no bytes.
        socket.write(Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]));
        socket.on('error', () => undefined);
        socket.on('data', (chunk: Buffer) => {
          const rest = chunk.subarray(preface);
          preface -= chunk.length - rest.length;
          reader.take(rest, (type, _flags, _id, payload) => {
            if (type === FrameType.headers) resolve(Buffer.from(payload));
          });
        });
      });
      session.once('remoteSettings', () => session.request(fields).on('error', () => undefined));
    });
  } finally {
    session.destroy();
    server.close();
  }
}

test('reads what nghttp2 writes, each character in its Huffman code', async () => {
  const printable = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at));
  const fields = { ':method': 'POST', ':path': '/some/where', 'x-often': 'a'.repeat(40), 'grpc-status': '13', ...Object.fromEntries(printable.map((character, at) => [`x-${at}`, `e${character}eeeeeeeee${character}e`])) };
  const block = await blockOfNode(fields);
  expect(block.length).toBeLessThan(2300);
  const decoded = decodeFields(block);
  for (const [name, value] of Object.entries(fields)) expect(`${name}: ${decoded.get(name)}`).toBe(`${name}: ${value}`);
});

test('reads what it writes itself', () => {
  const fields: [string, string][] = [[':method', 'POST'], [':scheme', 'https'], [':path', `/${'p'.repeat(300)}`], ['te', 'trailers'], ['content-type', 'application/grpc']];
  expect([...decodeFields(encodeFields(fields))]).toEqual(fields);
});

test('refuses tables, and what is no block', () => {
  for (const block of [[0xbe], [0x80], [0x3f, 0xe1, 0x1f], [0x00, 0x05, 0x61], [0x40], [0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f], [0x00, 0x81, 0xff, 0x00], [0x04, 0x84, 0xff, 0xff, 0xff, 0xff]]) {
    expect(() => decodeFields(Uint8Array.from(block))).toThrow(HpackError);
  }
  expect([...decodeFields(Uint8Array.from([0x20, 0x88]))]).toEqual([[':status', '200']]);
});
