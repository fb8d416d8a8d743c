import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { createAuthority, issueCertificate, type KeyPair } from './certificates.ts';
import { type Dial, DialedStream, plainAgent, secureAgent } from './dial.ts';

let pair: KeyPair;
let authority: KeyPair;
const servers: Server[] = [];
const asked: string[] = [];

beforeAll(async () => {
  authority = await createAuthority('a', Date.now());
  pair = await issueCertificate(authority, { commonName: 'web', usages: ['server'], names: ['web.example'] }, Date.now());
});
afterAll(async () => {
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Whatever the host is called, it is here. */
const toHere = (port: number): Dial => (host, wanted) => {
  asked.push(`${host}:${wanted}`);
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => resolve(socket));
  });
};

const refused: Dial = () => Promise.reject(new Error('no way there'));

function get(request: http.ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    request.on('response', (response) => response.on('data', (piece: Buffer) => resolve(piece.toString())));
    request.on('error', reject);
    request.end();
  });
}

test('agents open their connections by it, and look at certificates as ever', async () => {
  const port = await listen(https.createServer({ cert: pair.certificate, key: pair.key }, (_request, response) => response.end('secret')));
  const agent = secureAgent({ ca: authority.certificate }, toHere(port));
  expect(await get(https.get({ agent, host: 'web.example', port: 4443 }))).toBe('secret');
  expect(asked).toContain('web.example:4443');
  await expect(get(https.get({ agent, host: 'other.example', port: 4443 }))).rejects.toThrow('altnames');
  await expect(get(https.get({ agent: secureAgent({}, refused), host: 'web.example' }))).rejects.toThrow('no way there');
  const plain = await listen(http.createServer((_request, response) => response.end('plain')));
  expect(await get(http.get({ agent: plainAgent({}, toHere(plain)), host: 'web.example', port: 8080 }))).toBe('plain');
});

test('HTTP/2 begins on a connection that is still being opened, with TLS and without', async () => {
  const answer = (stream: http2.ServerHttp2Stream): void => {
    stream.respond({ ':status': 200 });
    stream.end('x'.repeat(200_000));
  };
  const secure = http2.createSecureServer({ cert: pair.certificate, key: pair.key }).on('stream', answer);
  const open = http2.createServer().on('stream', answer);
  const [first, second] = [await listen(secure), await listen(open)];
  const streams = [tlsConnect({ socket: new DialedStream(toHere(first)('etcd', 2379)), ca: authority.certificate, servername: 'web.example', ALPNProtocols: ['h2'] }), new DialedStream(toHere(second)('etcd', 2379))];
  for (const stream of streams) {
    const session = http2.connect('http://web.example', { createConnection: () => stream });
    const call = session.request({ ':path': '/' });
    let size = 0;
    call.on('data', (piece: Buffer) => (size += piece.length));
    await new Promise((resolve, reject) => call.on('end', resolve).on('error', reject));
    expect(size).toBe(200_000);
    await new Promise<void>((resolve) => session.close(resolve));
  }
});

test('one that cannot be opened is destroyed, with what stood in the way', async () => {
  const stream = new DialedStream(refused('x', 1));
  await expect(new Promise((_resolve, reject) => stream.on('error', reject))).rejects.toThrow('no way there');
  expect(stream.destroyed).toBe(true);
});
