import { type Answer, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * A name server on port 53 for the zone `test`: each name is at 192.0.2.53; `silent.test` is never answered, `large.test` has 100
 * addresses and by UDP only the remark that it is cut.
 */
function reply(query: Buffer, overTcp: boolean): Buffer | undefined {
  const { id = 0, questions = [] } = decode(query);
  const name = questions[0]?.name ?? '';
  if (name === 'silent.test') return undefined;
  const address = (last: number): Answer => ({ type: 'A', name, ttl: 5, data: `192.0.2.${last}` });
  const answers = name === 'large.test' ? Array.from({ length: 100 }, (_, at) => address(at)) : [address(53)];
  const isCut = name === 'large.test' && !overTcp;
  const isHere = name.endsWith('.test') && questions[0]?.type === 'A';
  return encode({ type: 'response', id, flags: (isCut ? TRUNCATED_RESPONSE : 0) | (name.endsWith('.test') ? 0 : 3), questions, answers: isHere && !isCut ? answers : [] });
}

// Broken questions are passed on by the server under test; they are not this one's concern.
process.on('uncaughtException', () => undefined);
const udp = createSocket('udp4');
udp.on('message', (query, from) => {
  const bytes = reply(query, false);
  if (bytes) udp.send(bytes, from.port, from.address);
});
createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (query: Buffer) => {
    const bytes = reply(query.subarray(2), true);
    if (!bytes) return;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    socket.end(Buffer.concat([length, bytes]));
  });
}).listen(53, () => udp.bind(53, () => process.stdout.write('listening\n')));
