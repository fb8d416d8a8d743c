import type { RandomInput } from '../../../api/schema/randomInput.ts';
import type { RawCall } from '../fuzzCase.ts';
import type { Surface } from './surface.ts';

const WATCH = '/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=1';
const STREAMS = ['/api/v1/namespaces/default/pods/none/exec?command=a&stdin=true&stdout=true', '/api/v1/namespaces/default/pods/none/portforward?ports=80', '/api/v1/namespaces/default/pods/none/attach?stdout=true'];
const PROTOCOLS = ['', 'v4.channel.k8s.io', 'v5.channel.k8s.io', 'SPDY/3.1+portforward.k8s.io', 'base64.binary.k8s.io', 'binary.k8s.io', 'base64url.bearer.authorization.k8s.io.eA', 'constructor', 'a,b,,', '\u00e9'];

/** Bytes below HTTP: requests that are none, frames of HTTP/2, WebSocket and SPDY that are wrong, upgrades to what is not there. */
export const frames: Surface = {
  name: 'frames',
  generate: (input) => {
    const raw: RawCall = input.chance(0.3) ? { socket: http2(input), protocol: 'h2' } : { socket: input.pick([webSocket, webSocket, spdy, http])(input) };
    return { calls: [raw, { method: 'GET', path: '/readyz' }] };
  },
};

function webSocket(input: RandomInput): string[] {
  const key = input.chance(0.9) ? 'dGhlIHNhbXBsZSBub25jZQ==' : input.pick(['x', '']);
  const protocol = input.pick(PROTOCOLS);
  const path = input.chance(0.7) ? WATCH : input.pick(STREAMS);
  const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${input.pick(['websocket', 'WebSocket', 'h2c'])}\r\nSec-WebSocket-Version: ${input.pick(['13', '13', '8', 'x'])}\r\nSec-WebSocket-Key: ${key}\r\n${protocol === '' ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`}\r\n`;
  return [head, ...Array.from({ length: input.below(6) }, () => frame(input))];
}

/** A frame of a client: sound, too long, not masked, with reserved bits, cut off. */
export function frame(input: RandomInput): string {
  const payload = input.bytes(40);
  const opcode = input.pick([0, 1, 2, 8, 9, 10, 3, 15]);
  const length = input.pick([payload.length, payload.length, payload.length, 126, 127, 0]);
  const extended = length === 126 ? Buffer.from([0xff, 0xff]) : length === 127 ? Buffer.from([input.pick([0, 0x7f, 0xff]), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) : Buffer.alloc(0);
  const isMasked = input.chance(0.85);
  const head = Buffer.from([(input.chance(0.8) ? 0x80 : 0) | (input.chance(0.1) ? 0x70 : 0) | opcode, (isMasked ? 0x80 : 0) | (length & 0x7f)]);
  return Buffer.concat([head, extended, isMasked ? Buffer.from([0, 0, 0, 0]) : Buffer.alloc(0), payload]).toString('latin1');
}

function spdy(input: RandomInput): string[] {
  const head = `POST ${input.pick(STREAMS)} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${input.pick(['SPDY/3.1', 'SPDY/3.1', 'SPDY/2', 'constructor'])}\r\nX-Stream-Protocol-Version: ${input.pick(PROTOCOLS)}\r\n\r\n`;
  const frames = Array.from({ length: input.below(5) }, () => Buffer.concat([Buffer.from([0x80, 3, 0, input.below(12), input.below(256), 0, 0, input.below(60)]), input.bytes(60)]).toString('latin1'));
  return [head, ...frames];
}

function http(input: RandomInput): string[] {
  const line = `${input.pick(['GET', 'POST', 'PRI', 'CONNECT', 'constructor', '\u0000', 'TRACE'])} ${input.pick(['/', '*', '/api', 'https://b/api', '//', '/%', 'a', `/${'a'.repeat(20_000)}`, '/api/v1/namespaces/default/configmaps'])} HTTP/${input.pick(['1.1', '1.0', '2.0', '9'])}\r\n`;
  const headers = Array.from({ length: input.below(6) }, () => input.pick(['Host: a', 'Host: a\r\nHost: b', 'Content-Length: 5', 'Content-Length: -1', 'Content-Length: 99999999999999', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, x', 'Expect: 100-continue', 'Content-Encoding: gzip', 'Connection: close', 'Upgrade: x', ' folded: x', 'no colon', `X: ${'a'.repeat(5_000)}`, 'Content-Type: application/json', '__proto__: x', '\u00e9: \u00ff', 'Trailer: x']));
  const body = input.pick(['', '{}', '5\r\n{"a":\r\n0\r\n\r\n', 'ffffffffffffffff\r\n', '0;x=y\r\nA: b\r\n\r\n', 'zz\r\n', '\u001f\u008b\u0008\u0000']);
  return [line, `${headers.join('\r\n')}\r\n\r\n`, body, ...(input.chance(0.3) ? [input.bytes(200).toString('latin1')] : [])];
}

/** Header fields as HPACK's literals without an index, sound or not. */
function fields(input: RandomInput): Buffer {
  const pairs: [string, string][] = [[':method', input.pick(['GET', 'POST', 'CONNECT', ''])], [':scheme', 'https'], [':path', input.pick([WATCH, '/readyz', '', '*', '/api/v1/namespaces/default/configmaps'])], [':authority', 'a']];
  const more: [string, string][] = Array.from({ length: input.below(4) }, () => [input.pick(['content-type', 'content-length', ':path', 'Host', 'connection', 'te', 'x', '', '__proto__', 'upgrade']), input.pick(['application/json', '-1', 'x', 'a'.repeat(126), '\u0000'])]);
  const literal = (text: string): Buffer => Buffer.concat([Buffer.of(text.length & 0x7f), Buffer.from(text, 'latin1')]);
  return Buffer.concat([...pairs.filter(() => input.chance(0.95)), ...more].map(([name, value]) => Buffer.concat([Buffer.of(0), literal(name), literal(value)])));
}

const H2_TYPES = { data: 0, headers: 1, priority: 2, reset: 3, settings: 4, push: 5, ping: 6, goaway: 7, window: 8, continuation: 9 } as const;

function http2(input: RandomInput): string[] {
  const frames: Buffer[] = [];
  const add = (type: number, flags: number, stream: number, payload: Buffer): void => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(input.chance(0.95) ? payload.length : input.below(2 ** 24), 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    frames.push(head, payload);
  };
  add(H2_TYPES.settings, 0, 0, input.chance(0.8) ? Buffer.alloc(0) : input.bytes(30));
  // Streams that are opened and reset at once, by the hundred.
  const opened = input.chance(0.15) ? 300 : 1 + input.below(6);
  for (let at = 0; at < opened; at += 1) {
    const stream = 2 * at + 1;
    add(H2_TYPES.headers, input.pick([4, 5, 5, 0, 1, 0x2c]), stream, input.chance(0.9) ? fields(input) : input.bytes(60));
    if (opened > 10) add(H2_TYPES.reset, 0, stream, Buffer.from([0, 0, 0, 8]));
    else if (input.chance(0.6)) add(input.chance(0.8) ? input.pick(Object.values(H2_TYPES)) : input.below(256), input.below(256), input.pick([0, 1, stream, 2, 2 ** 31 - 1]), input.pick([Buffer.alloc(4), Buffer.from('{}'), Buffer.from([0x7f, 0xff, 0xff, 0xff]), input.bytes(20), Buffer.alloc(8)]));
  }
  return ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ...Array.from({ length: Math.ceil(frames.length / 20) }, (_, at) => Buffer.concat(frames.slice(at * 20, at * 20 + 20)).toString('latin1'))];
}
