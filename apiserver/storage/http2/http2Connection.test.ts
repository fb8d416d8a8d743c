import http2 from 'node:http2';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { FrameType, frame, numberFrame, settingsFrame } from './frames.ts';
import { encodeFields } from './hpack.ts';
import { type Exchange, Http2Connection, WINDOW } from './http2Connection.ts';

const HEAD = encodeFields([[':method', 'POST'], [':scheme', 'http'], [':path', '/echo'], [':authority', 'localhost']]);
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function listen(server: net.Server | http2.Http2Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    closers.push(() => server.close());
  });
}

interface Seen {
  connection: Http2Connection;
  retiring: number;
  closed: number;
}

function connect(port: number, firstId?: number): Seen {
  const seen = { retiring: 0, closed: 0 } as Seen;
  seen.connection = new Http2Connection(net.connect(port, '127.0.0.1'), { retiring: () => (seen.retiring += 1), closed: () => (seen.closed += 1) }, firstId);
  closers.push(() => seen.connection.destroy());
  return seen;
}

interface Outcome {
  readonly status: string | undefined;
  readonly trailer: string | undefined;
  readonly body: Buffer;
  readonly error: Error | undefined;
  readonly sent: boolean;
}

/** Sends a message and waits for the end. */
function exchange(connection: Http2Connection, message: Buffer, isWhole = true, began?: (exchange: Exchange, chunks: Buffer[]) => void): Promise<Outcome> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let status: string | undefined;
    let trailer: string | undefined;
    const opened = connection.open(HEAD, message, isWhole, {
      fields: (fields) => {
        status ??= fields.get(':status');
        trailer ??= fields.get('x-end');
      },
      data: (chunk) => chunks.push(chunk),
      closed: (error, sent) => resolve({ status, trailer, body: Buffer.concat(chunks), error, sent }),
    });
    began?.(opened, chunks);
  });
}

/** Says these bytes, whatever it is told. */
function rawServer(bytes: Buffer): Promise<number> {
  return listen(net.createServer((socket) => socket.once('data', () => socket.write(bytes)).on('error', () => undefined)));
}

/** Node.js' HTTP/2 server; answers with what it is sent, and a trailer. */
async function echo(options: http2.ServerOptions = {}, respond?: (stream: http2.ServerHttp2Stream) => void): Promise<{ port: number; sessions: http2.ServerHttp2Session[] }> {
  const server = http2.createServer(options);
  const sessions: http2.ServerHttp2Session[] = [];
  server.on('session', (session) => {
    sessions.push(session);
    closers.push(() => session.destroy());
  });
  server.on('stream', (received) => {
    const stream = received as http2.ServerHttp2Stream;
    stream.on('error', () => undefined);
    if (respond) return respond(stream);
    stream.respond({ ':status': 200, 'x-long': 'y'.repeat(20_000) }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'here' }));
    stream.pipe(stream);
  });
  return { port: await listen(server), sessions };
}

test('messages of every size go there and back whole, many at a time', async () => {
  const { port } = await echo();
  const { connection } = connect(port);
  const sizes = [0, 1, 100, 16_384, 16_385, 65_535, 65_536, 200_000, 3_000_000];
  const outcomes = await Promise.all(sizes.flatMap((size) => [size, size]).map((size, at) => exchange(connection, Buffer.alloc(size, at))));
  for (const [at, outcome] of outcomes.entries()) {
    const size = sizes[Math.floor(at / 2)]!;
    expect([outcome.error, outcome.status, outcome.trailer, outcome.body.length]).toEqual([undefined, '200', 'here', size]);
    expect(outcome.body.equals(Buffer.alloc(size, at))).toBe(true);
  }
  expect(connection.size).toBe(0);
});

test('answers beyond the window, from a server that pads its frames', async () => {
  const whole = Buffer.alloc(WINDOW * 2 + 12_345, 7);
  const { port } = await echo({ paddingStrategy: http2.constants.PADDING_STRATEGY_MAX }, (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(whole);
  });
  const { connection } = connect(port);
  const [first, second] = await Promise.all([exchange(connection, Buffer.from('a')), exchange(connection, Buffer.from('b'))]);
  expect(first.body.equals(whole)).toBe(true);
  expect(second.body.equals(whole)).toBe(true);
});

test('a server that takes little at a time gets all of it in the end', async () => {
  const { port } = await echo({ settings: { initialWindowSize: 1_000, maxConcurrentStreams: 2, maxFrameSize: 20_000 } });
  const { connection } = connect(port);
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, at) => exchange(connection, Buffer.alloc(30_000, at))));
  for (const [at, outcome] of outcomes.entries()) expect(outcome.body.equals(Buffer.alloc(30_000, at))).toBe(true);
});

test('what is held back stays within the window, and goes on when it is let go', async () => {
  const whole = Buffer.alloc(WINDOW + 500_000, 1);
  const { port } = await echo({}, (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(whole);
  });
  const { connection } = connect(port);
  const outcome = await exchange(connection, Buffer.from('x'), true, (held, chunks) => {
    held.hold(true);
    const watch = setInterval(() => {
      const size = chunks.reduce((sum, { length }) => sum + length, 0);
      if (size < WINDOW) return;
      clearInterval(watch);
      setTimeout(() => {
        expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(WINDOW);
        held.hold(false);
      }, 50);
    }, 5);
  });
  expect(outcome.body.length).toBe(whole.length);
});

test('a cancelled exchange ends at once, and the others go on', async () => {
  const streams: http2.ServerHttp2Stream[] = [];
  const under: Exchange[] = [];
  const { port } = await echo({}, (stream) => {
    streams.push(stream);
    if (streams.length === 2) under[0]!.cancel();
  });
  const { connection } = connect(port);
  const outcomes = [false, true].map((isWhole) => exchange(connection, Buffer.from('x'), isWhole, (opened) => under.push(opened)));
  const cancelled = await outcomes[0]!;
  expect([cancelled.error?.message, cancelled.sent, connection.size]).toEqual(['cancelled', true, 1]);
  streams[1]!.respond({ ':status': 200 });
  streams[1]!.end('on');
  expect((await outcomes[1]!).body.toString()).toBe('on');
  expect(connection.size).toBe(0);
});

test('what is cancelled before the server is there never leaves', async () => {
  let bytes = '';
  const { promise: greeted, resolve: greet } = Promise.withResolvers<void>();
  const read = (chunk: Buffer): void => {
    bytes += chunk.toString('latin1');
    greet();
  };
  const port = await listen(net.createServer((socket) => socket.on('data', read).on('error', () => undefined).write(settingsFrame([]))));
  const { connection } = connect(port);
  const outcome = await exchange(connection, Buffer.from('secret'), true, (opened) => opened.cancel());
  expect(outcome.sent).toBe(false);
  await greeted;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(bytes).toContain('PRI * HTTP/2.0');
  expect(bytes).not.toContain('secret');
});

test('nobody there: not sent', async () => {
  const seen = connect(1);
  const outcome = await exchange(seen.connection, Buffer.from('x'));
  expect([outcome.error?.message.includes('ECONNREFUSED'), outcome.sent, seen.closed]).toEqual([true, false, 1]);
});

test('a server that winds up answers what it has begun', async () => {
  const { port, sessions } = await echo({}, (stream) => {
    stream.respond({ ':status': 200 });
    sessions[0]!.close();
    setTimeout(() => stream.end('late'), 60);
  });
  const seen = connect(port);
  expect((await exchange(seen.connection, Buffer.from('x'))).body.toString()).toBe('late');
  expect([seen.retiring, seen.closed, seen.connection.size]).toEqual([1, 1, 0]);
});

test('a reset stream and a broken connection are errors', async () => {
  const reset = await exchange(connect(await rawServer(Buffer.concat([settingsFrame([]), numberFrame(FrameType.resetStream, 1, 2)]))).connection, Buffer.from('x'));
  expect([reset.error?.message, reset.sent]).toEqual(['the stream was reset (2)', true]);
  const { port, sessions } = await echo({}, (stream) => {
    stream.respond({ ':status': 200 });
    setTimeout(() => sessions[0]!.destroy(), 30);
  });
  const broken = await exchange(connect(port).connection, Buffer.from('x'));
  expect([broken.error !== undefined, broken.sent]).toEqual([true, true]);
});

test('the last number is used, and then another connection is needed', async () => {
  const { port } = await echo();
  const seen = connect(port, 2 ** 31 - 3);
  await new Promise<void>((resolve) => seen.connection.ping(resolve));
  const outcomes = [exchange(seen.connection, Buffer.from('x'))];
  expect(seen.retiring).toBe(0);
  outcomes.push(exchange(seen.connection, Buffer.from('y')));
  expect(seen.retiring).toBe(1);
  expect((await Promise.all(outcomes)).map(({ body }) => body.toString())).toEqual(['x', 'y']);
});

test('pings are answered both ways', async () => {
  const { port, sessions } = await echo();
  const { connection } = connect(port);
  await new Promise<void>((resolve) => connection.ping(resolve));
  expect(await new Promise((resolve) => sessions[0]!.ping((error) => resolve(error)))).toBeNull();
});

test('whatever is no HTTP/2 ends the connection with an error', async () => {
  const data = (length: number): Buffer => frame(FrameType.data, 0, 1, Buffer.alloc(length));
  const streams: Record<string, Buffer> = {
    text: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    push: frame(FrameType.pushPromise, 4, 1, Buffer.alloc(10)),
    'an interrupted block': Buffer.concat([frame(FrameType.headers, 0, 1, Buffer.from([0x88])), data(1)]),
    'an end without beginning': frame(FrameType.continuation, 4, 1, Buffer.from([0x88])),
    'a table': frame(FrameType.headers, 4, 1, Buffer.from([0xbe])),
    padding: frame(FrameType.data, 8, 1, Buffer.from([9, 1])),
    window: settingsFrame([[4, 2 ** 31]]),
    'window update': numberFrame(FrameType.windowUpdate, 0, 2 ** 31 - 1),
    short: frame(FrameType.goAway, 0, 0, Buffer.alloc(2)),
    'endless fields': Buffer.concat([frame(FrameType.headers, 0, 1, Buffer.alloc(9)), ...Array.from({ length: 5 }, () => frame(FrameType.continuation, 0, 1, Buffer.alloc(16_000)))]),
    'data beyond the window': Buffer.concat(Array.from({ length: WINDOW / 16_384 + 1 }, () => data(16_384))),
  };
  for (const [name, bytes] of Object.entries(streams)) {
    const seen = connect(await rawServer(name === 'text' ? bytes : Buffer.concat([settingsFrame([]), bytes])));
    // Held: nothing is given back to the window.
    const outcome = await exchange(seen.connection, Buffer.from('x'), true, (opened) => opened.hold(true));
    expect(`${name}: ${outcome.error !== undefined} ${seen.closed}`).toBe(`${name}: true 1`);
  }
});
