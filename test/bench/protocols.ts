import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import https from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { startEtcd } from '../rig/etcd.ts';
import { table } from './figures.ts';
import type { Figure } from './figures.ts';
import { CONNECTIONS, LoadClient, perSecond } from './load.ts';
import { cpuMicroseconds } from './serverCpu.ts';

/**
 * `node test/bench/protocols.ts`: what a request and a watch cost an API server over HTTP/1.1 and over HTTP/2. Requests go by 16
 * connections, or by one with 16 streams at a time; watches by one connection each, or by ten of 100 streams. Rounds of both take turns.
 */
const ROUNDS = 5;
const GETS = 3_000;
const CREATES = 500;
const LISTS = 40;
const LISTED = 1_000;
const WATCHES = 1_000;
const STREAMS = 100;
const EVENTS = 40;
const PATH = '/api/v1/namespaces/default/configmaps';

interface Client {
  call(method: string, path: string, body?: string): Promise<number>;
  close(): void;
}

/** The server's resident memory in MiB. */
const memoryOf = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'x'.repeat(500) } });
const median = (values: readonly number[]): number => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

function session({ servers, ca, certificate, key }: ClientConfig): ClientHttp2Session {
  const opened = connectHttp2(servers[0]!, { ca, cert: certificate, key, settings: { initialWindowSize: 4 * 1024 * 1024 } });
  opened.once('connect', () => opened.setLocalWindowSize(64 * 1024 * 1024));
  return opened;
}

function http2Client(config: ClientConfig): Client {
  const opened = session(config);
  return {
    call: (method, path, body = '') =>
      new Promise((resolve, reject) => {
        const stream = opened.request({ ':method': method, ':path': path, accept: 'application/json', ...(body === '' ? {} : { 'content-type': 'application/json' }) }, { endStream: body === '' });
        let bytes = 0;
        stream.on('response', (headers) => Number(headers[':status']) >= 300 && reject(new Error(`${method} ${path}: ${headers[':status']}`)));
        stream.on('data', (piece: Buffer) => (bytes += piece.length));
        stream.on('error', reject);
        stream.on('end', () => resolve(bytes));
        if (body !== '') stream.end(body);
      }),
    close: () => opened.destroy(),
  };
}

async function inTurn(count: number, one: (index: number) => Promise<unknown>): Promise<number> {
  for (let index = 0; index < count; index += 1) await one(index);
  return count;
}

/** Runs a server with an etcd of its own. */
async function withServer<T>(run: (config: ClientConfig, pid: number) => Promise<T>): Promise<T> {
  const etcd = await startEtcd();
  const server = fork(join(import.meta.dirname, 'alone.ts'), [etcd.endpoints[0]!], { execArgv: ['--expose-gc'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  try {
    return await run(await new Promise<ClientConfig>((resolve) => server.once('message', (message) => resolve(message as ClientConfig))), server.pid!);
  } finally {
    if (server.connected) server.send('stop');
    await ended;
    await etcd.close();
  }
}

async function requests(config: ClientConfig, pid: number): Promise<Figure[]> {
  const clients: Readonly<Record<string, Client>> = { 'HTTP/1.1': new LoadClient(config), 'HTTP/2': http2Client(config) };
  await perSecond(LISTED, (index) => clients['HTTP/1.1']!.call('POST', PATH, configMap(`warm-${index}`)));
  const seen = new Map<string, number[]>();
  let made = 0;
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [protocol, client] of Object.entries(clients)) {
      const measure = async (name: string, count: number, one: (index: number) => Promise<unknown>, run: typeof perSecond = perSecond): Promise<void> => {
        const before = cpuMicroseconds(pid);
        await run(count, one);
        // The first round warms up.
        if (round >= 0) seen.set(`${name}, ${protocol}`, [...(seen.get(`${name}, ${protocol}`) ?? []), (cpuMicroseconds(pid) - before) / count]);
      };
      await measure('get', GETS, (index) => client.call('GET', `${PATH}/warm-${index % LISTED}`));
      await measure('get, one after the other', GETS / 3, (index) => client.call('GET', `${PATH}/warm-${index % LISTED}`), inTurn);
      await measure('create', CREATES, () => client.call('POST', PATH, configMap(`made-${made++}`)));
      await measure(`list of ${LISTED}`, LISTS, () => client.call('GET', `${PATH}?limit=${LISTED}`));
    }
  }
  for (const client of Object.values(clients)) client.close();
  return [...seen].map(([name, values]) => ({ name: `${name}: CPU of the server each`, value: median(values), unit: 'µs' }));
}

/** Opens watches, each with a function that is told of pieces; gives a function that ends them. */
function openWatches(protocol: string, config: ClientConfig, told: () => void): () => void {
  const path = `${PATH}?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Dwatched`;
  if (protocol === 'HTTP/1.1') {
    const agent = new https.Agent({ ca: config.ca!, cert: config.certificate!, key: config.key! });
    const { hostname, port } = new URL(config.servers[0]!);
    const open = Array.from({ length: WATCHES }, () => https.get({ agent, hostname, port, path }, (response) => response.on('data', told).on('error', () => undefined)).on('error', () => undefined));
    return () => open.forEach((each) => each.destroy());
  }
  const sessions = Array.from({ length: WATCHES / STREAMS }, () => session(config));
  for (const each of sessions) for (let at = 0; at < STREAMS; at += 1) each.request({ ':path': path }).on('data', told);
  return () => sessions.forEach((each) => each.destroy());
}

async function watches(protocol: string): Promise<Figure[]> {
  return withServer(async (config, pid) => {
    const client = new LoadClient(config);
    await client.call('POST', PATH, configMap('watched'));
    await perSecond(2_000, () => client.call('GET', `${PATH}/watched`));
    await sleep(1_000);
    const before = memoryOf(pid);
    const seen = { pieces: 0 };
    const cpuBefore = cpuMicroseconds(pid);
    const end = openWatches(protocol, config, () => (seen.pieces += 1));
    const until = async (count: number): Promise<void> => {
      while (seen.pieces < count) await sleep(20);
    };
    await until(WATCHES);
    const opened = cpuMicroseconds(pid);
    await sleep(1_000);
    const held = memoryOf(pid) - before;
    const sent = cpuMicroseconds(pid);
    for (let index = 1; index <= EVENTS; index += 1) {
      await client.call('PUT', `${PATH}/watched`, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'watched' }, data: { index: String(index) } }));
      await until(WATCHES * (index + 1));
    }
    const told = cpuMicroseconds(pid);
    end();
    client.close();
    return [
      { name: `a watch, ${protocol}: memory of the server each, when opened`, value: (held * 1024) / WATCHES, unit: 'KiB' },
      { name: `a watch, ${protocol}: CPU of the server each, to open`, value: (opened - cpuBefore) / WATCHES, unit: 'µs' },
      { name: `an event for a watch, ${protocol}: CPU of the server each`, value: (told - sent) / WATCHES / EVENTS, unit: 'µs' },
    ];
  });
}

process.stderr.write(`${CONNECTIONS} requests at a time\n`);
process.stdout.write(`${table([...(await withServer(requests)), ...(await watches('HTTP/1.1')), ...(await watches('HTTP/2'))])}\n`);
process.exit(0);
