import { once } from 'node:events';
import { Duplex } from 'node:stream';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { RandomInput } from '../../../api/schema/randomInput.ts';
import { systemClock } from '../../../process/clock.ts';
import { silentLogger } from '../../../process/log.ts';
import { controlFrame, dataFrame, FRAME } from '../spdy/frames.ts';
import { encodePairs, HeaderCodec } from '../spdy/headerBlock.ts';
import { SUCCESS } from './exitStatus.ts';
import type { PodDialer } from './podDialer.ts';
import { servePortForward } from './portForward.ts';
import { parseSizes, type RemoteStreams } from './remoteCommand.ts';
import { spdyCommand } from './spdyCommand.ts';
import { COMMAND_PROTOCOLS, webSocketCommand } from './webSocketCommand.ts';
import { webSocketPortForward } from './webSocketPortForward.ts';

/** Whatever a client sends on the streams of exec, attach and port-forward, the kubelet goes on: an exception in a handler would end the test's process. */
const SEED = 20_261_121;
const OPTIONS = { stdin: true, stdout: true, stderr: true, tty: true };
const logger = silentLogger;
/** Port 1 takes everything and says nothing; nothing else is there. */
const dialer: PodDialer = {
  dial: async (port) => {
    if (port !== 1) throw new Error('connection refused');
    return new Duplex({ read: () => undefined, write: (_data, _encoding, done) => done() }) as Awaited<ReturnType<PodDialer['dial']>>;
  },
  close: () => undefined,
};
const target = { dialer, pod: 'p', uid: 'u', logger };

let server: WebSocketServer;
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

/** Both ends of a connection. */
async function connected(): Promise<readonly [here: WebSocket, there: WebSocket]> {
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('error', () => undefined).on('message', () => undefined);
  await once(client, 'open');
  return [(await accepted)[0], client];
}

function message(input: RandomInput): Buffer {
  if (input.chance(0.1)) return Buffer.alloc(0);
  const channel = input.pick([0, 1, 3, 4, 4, 255, 255, 48, 52, 99]);
  const content = input.pick(['', '{"Width":80,"Height":24}', '{"Width":-1', '\u0000', '}'.repeat(50), 'YQ==', '!!', input.word('{}":,WidthHeig0123')]);
  return Buffer.concat([Buffer.of(channel), Buffer.from(content)]);
}

const drained = async (streams: RemoteStreams): Promise<void> => {
  streams.stdin?.resume();
  for await (const size of streams.sizes) if (typeof size.width !== 'number') throw new Error('no size');
};

test('messages of commands', async () => {
  const input = new RandomInput(SEED);
  for (let round = 0; round < 25; round += 1) {
    const [socket, client] = await connected();
    const streams = webSocketCommand(socket, input.pick(Object.keys(COMMAND_PROTOCOLS)), OPTIONS);
    const done = drained(streams);
    for (let count = input.below(12); count > 0; count -= 1) client.send(message(input), { binary: input.chance(0.8) });
    client.close();
    await Promise.all([done, streams.closed]);
    await streams.end(SUCCESS);
    expect(streams.stdin?.readableEnded).toBe(true);
  }
});

test('messages of forwarded ports', async () => {
  const input = new RandomInput(SEED);
  for (let round = 0; round < 12; round += 1) {
    const [socket, client] = await connected();
    const served = webSocketPortForward(socket, input.chance(0.5), input.pick([[1], [1, 2], [0, 70_000, NaN], []]), target);
    for (let count = input.below(12); count > 0; count -= 1) client.send(message(input));
    client.close();
    await served;
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  }
});

test('frames of SPDY', async () => {
  const input = new RandomInput(SEED);
  for (let round = 0; round < 25; round += 1) {
    const socket = new Duplex({ read: () => undefined, write: (_data, _encoding, done) => done() });
    socket.on('error', () => undefined);
    const isForward = input.chance(0.5);
    const served = isForward ? servePortForward(socket, target) : spdyCommand(socket, input.pick(['v4.channel.k8s.io', 'channel.k8s.io']), OPTIONS, systemClock, logger).then(drained, () => undefined);
    const pack = new HeaderCodec('pack');
    for (let count = input.below(10); count > 0; count -= 1) socket.push(await spdyFrame(input, pack));
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.push(null);
    await served;
    expect(socket.destroyed).toBe(true);
    pack.close();
  }
});

async function spdyFrame(input: RandomInput, pack: HeaderCodec): Promise<Buffer> {
  const stream = input.pick([1, 3, 5, 0, 2 ** 31 - 1]);
  switch (input.below(4)) {
    case 0: {
      const headers = { streamtype: input.pick(['error', 'stdin', 'stdout', 'stderr', 'resize', 'data', 'constructor', '__proto__']), port: input.pick(['1', '2', 'x', '']), requestid: input.pick(['0', 'constructor']) };
      return controlFrame(FRAME.synStream, input.below(2), [stream, 0], Buffer.concat([Buffer.alloc(2), await pack.transform(encodePairs(headers))]));
    }
    case 1:
      return dataFrame(stream, input.chance(0.3) ? Buffer.from('{"Width":1,"Height":1}'.repeat(20)) : input.bytes(100), input.chance(0.3));
    case 2:
      return controlFrame(input.below(12), input.below(256), [stream], input.bytes(40));
    default:
      return input.mangled(controlFrame(FRAME.ping, 0, [stream]).toString('latin1'));
  }
}

test('sizes of terminals: of any text, in no time', () => {
  const input = new RandomInput(SEED);
  for (let round = 0; round < 1_000; round += 1) {
    const { sizes, rest } = parseSizes(input.word('{}":,WidthHeig0123 ', 60));
    expect(sizes.every(({ width, height }) => Number.isFinite(width) && Number.isFinite(height)) && rest.length <= 1_024).toBe(true);
  }
  const began = process.cpuUsage().user;
  parseSizes('}'.repeat(1 << 20));
  expect(process.cpuUsage().user - began).toBeLessThan(5_000_000);
});
