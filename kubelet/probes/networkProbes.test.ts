import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { probeGrpc } from './grpcProbe.ts';
import { probeHttp, probeTcp } from './networkProbes.ts';

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/slow') return;
    if (request.url === '/away') response.writeHead(302, { location: 'http://elsewhere.invalid/' });
    else if (request.url === '/moved') response.writeHead(302, { location: '/' });
    else if (request.headers['x-wanted'] !== 'yes') response.writeHead(503);
    response.end(`${request.headers.host} ${request.headers['user-agent']}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.closeAllConnections());
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What answers does so within this time however busy the machine is. */
const PATIENT = 60_000;

const http = (path: string, headers: readonly (readonly [string, string])[] = [['X-Wanted', 'yes'], ['Host', 'web.example']], timeout = PATIENT) => probeHttp({ url: new URL(`http://127.0.0.1:${port}${path}`), headers }, timeout);

jest.setTimeout(5 * PATIENT);

test('http: status, headers, redirects on the same host', async () => {
  expect(await http('/')).toEqual({ outcome: 'success', output: 'web.example kube-probe/1.36' });
  expect(await http('/moved')).toMatchObject({ outcome: 'success' });
  expect(await http('/', [])).toEqual({ outcome: 'failure', output: 'HTTP probe failed with statuscode: 503' });
  expect(await http('/away')).toMatchObject({ outcome: 'success', warning: true });
  expect(await http('/slow', [], 300)).toEqual({ outcome: 'failure', output: `Get "http://127.0.0.1:${port}/slow": context deadline exceeded (Client.Timeout exceeded while awaiting headers)` });
});

test('tcp: a connection or the refusal in Go\'s words', async () => {
  expect(await probeTcp('127.0.0.1', port, PATIENT)).toMatchObject({ outcome: 'success' });
  expect(await probeTcp('127.0.0.1', 1, PATIENT)).toEqual({ outcome: 'failure', output: 'dial tcp 127.0.0.1:1: connect: connection refused' });
  expect(await probeHttp({ url: new URL('http://127.0.0.1:1/x'), headers: [] }, PATIENT)).toEqual({ outcome: 'failure', output: 'Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused' });
});

test('grpc: the health service', async () => {
  const grpc = new GrpcServer();
  const identity = (bytes: Buffer): Buffer => bytes;
  grpc.addService(
    { Check: { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false, requestSerialize: identity, requestDeserialize: identity, responseSerialize: identity, responseDeserialize: identity } },
    { Check: (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => answer(null, Buffer.from([8, call.request.toString().endsWith('well') ? 1 : 2])) },
  );
  const at = await new Promise<number>((resolve, reject) => grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
  expect(await probeGrpc('127.0.0.1', at, 'well', PATIENT, Date.now())).toMatchObject({ outcome: 'success' });
  expect(await probeGrpc('127.0.0.1', at, 'ill', PATIENT, Date.now())).toEqual({ outcome: 'failure', output: 'service unhealthy (responded with "NOT_SERVING")' });
  grpc.forceShutdown();
});
