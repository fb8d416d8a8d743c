import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../process/clock.ts';
import { GrpcCode, GrpcConnection, GrpcError } from './grpcConnection.ts';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A gRPC message in its frame. */
function message(text: string): Buffer {
  const framed = Buffer.alloc(5 + text.length);
  framed.writeUInt32BE(text.length, 1);
  framed.write(text, 5);
  return framed;
}

/** As long as a busy machine may take, in milliseconds. */
const PATIENCE = 30_000;

async function connect(answer: (stream: http2.ServerHttp2Stream, path: string | undefined) => void): Promise<GrpcConnection> {
  const server = http2.createServer();
  server.on('session', (session) => closers.push(() => session.destroy()));
  server.on('stream', (received, headers) => {
    const stream = received as http2.ServerHttp2Stream;
    stream.on('error', () => undefined);
    stream.resume();
    answer(stream, headers[':path']);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const connection = new GrpcConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined, systemClock);
  closers.push(() => connection.close());
  return connection;
}

/** Answers with pieces of messages, and then with a status. */
function answering(pieces: readonly Buffer[], status: http2.OutgoingHttpHeaders = { 'grpc-status': '0' }): (stream: http2.ServerHttp2Stream) => void {
  return (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(status));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  };
}

const failureOf = async (call: Promise<unknown>): Promise<GrpcError> => {
  const error: unknown = await call.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof GrpcError) return error;
  throw new Error('it did not fail');
};

test('a call has one answer, in however many pieces it comes', async () => {
  const whole = message('hello');
  const connection = await connect(answering([whole.subarray(0, 3), whole.subarray(3, 7), whole.subarray(7)]));
  expect((await connection.call('/a/B', Buffer.from('x'), PATIENCE)).toString()).toBe('hello');
});

test('a refusal has its code and its text', async () => {
  const connection = await connect((stream) => stream.respond({ ':status': 200, 'grpc-status': '5', 'grpc-message': 'lease%20not found' }, { endStream: true }));
  const error = await failureOf(connection.call('/a/B', Buffer.from('x'), PATIENCE));
  expect([error.code, error.message, error.sent]).toEqual([GrpcCode.notFound, 'lease not found', true]);
});

test('half a message is no answer, and neither is one without a status', async () => {
  const half = await failureOf((await connect(answering([message('hello').subarray(0, 8)]))).call('/a/B', Buffer.from('x'), PATIENCE));
  expect([half.code, half.sent]).toEqual([GrpcCode.internal, true]);
  const none = await failureOf((await connect((stream) => stream.respond({ ':status': 503 }, { endStream: true }))).call('/a/B', Buffer.from('x'), PATIENCE));
  expect([none.code, none.sent]).toEqual([GrpcCode.unavailable, true]);
});

test('a call without an answer ends in time, and its connection goes on', async () => {
  const connection = await connect((stream, path) => {
    if (path === '/a/B') answering([message('b')])(stream);
  });
  const error = await failureOf(connection.call('/a/Silent', Buffer.from('x'), 300));
  expect(error.code).toBe(GrpcCode.deadlineExceeded);
  expect((await connection.call('/a/B', Buffer.from('x'), PATIENCE)).toString()).toBe('b');
});

test('each message of a stream is waited for, those that were there before its end included', async () => {
  const texts = Array.from({ length: 40 }, (_, at) => `message ${at}`);
  const connection = await connect(answering(texts.map((text) => message(text))));
  const got: string[] = [];
  const error = await new Promise<GrpcError>((resolve) => {
    connection.stream('/a/B', Buffer.from('x'), false, {
      message: async (received) => {
        await systemClock.sleep(1);
        got.push(received.toString());
      },
      end: resolve,
    });
  });
  expect(got).toEqual(texts);
  expect(error.message).toBe('the stream ended');
});

test('a stream whose message cannot be taken ends with the reason', async () => {
  const connection = await connect(answering([message('a'), message('b')]));
  const ends: GrpcError[] = [];
  await new Promise<void>((resolve) => {
    connection.stream('/a/B', Buffer.from('x'), false, {
      message: () => Promise.reject(new Error('not this one')),
      end: (error) => {
        ends.push(error);
        resolve();
      },
    });
  });
  await systemClock.sleep(20);
  expect(ends.map(({ message: text }) => text)).toEqual(['not this one']);
});

test('a stream that is cancelled ends once', async () => {
  const connection = await connect((stream) => stream.respond({ ':status': 200 }));
  const ends: GrpcError[] = [];
  const stream = connection.stream('/a/B', Buffer.from('x'), false, { message: () => undefined, end: (error) => ends.push(error) });
  await systemClock.sleep(20);
  stream.cancel();
  stream.cancel();
  connection.close();
  expect(ends).toHaveLength(1);
});

test('a stream whose request is whole says so: a server may wait for that before it answers', async () => {
  const connection = await connect((stream) => void stream.once('end', () => answering([message('piece')])(stream)));
  const got: string[] = [];
  await new Promise<GrpcError>((resolve) => {
    connection.stream('/a/B', Buffer.from('x'), true, { message: (received) => void got.push(received.toString()), end: resolve });
  });
  expect(got).toEqual(['piece']);
});
