import https from 'node:https';
import type { Figure } from './figures.ts';
import { LoadClient, latenciesWithin, quantile } from './load.ts';
import type { LoneServer } from './loneServers.ts';
import { beginWatch, openSocket } from './watchSocket.ts';

/** Of how many objects, and how they are asked for. */
interface Whole {
  readonly count: number;
  readonly page: number;
  /** For each way to ask. */
  readonly seconds: number;
}

/** Everything at once, in pages, by a label and as a streaming list; and what a get waits for meanwhile. */
export async function wholeListFigures(server: LoneServer, path: string, { count, page, seconds }: Whole): Promise<Figure[]> {
  const client = new LoadClient(server.config);
  let bytes = 0;
  const timed = async (query: string): Promise<number> => {
    const times = await latenciesWithin(seconds, 10, async () => {
      bytes = await client.call('GET', `${path}${query}`);
    });
    return quantile(times, 0.5);
  };
  const consistent = await timed('');
  const stale = await timed('?resourceVersion=0');
  const beside = await besideLists(client, path, seconds);
  client.close();
  const pages = await walk(server, path, page);
  const selected = await latenciesWithin(seconds, 5, () => server.admin('GET', `${path}?labelSelector=app%3Dother`));
  const stream = await streamed(server, path, count);
  return [
    { name: `list of all, consistent (${(bytes / 1e6).toFixed(0)} MB)`, value: consistent, unit: 'ms' },
    { name: 'list of all, resourceVersion=0 (reference: consistent)', value: stale, unit: 'ms', reference: consistent },
    { name: 'the same in megabytes', value: bytes / 1e3 / stale, unit: 'MB/s', reference: bytes / 1e3 / consistent },
    { name: 'get while two clients list all, p50', value: quantile(beside, 0.5), unit: 'ms' },
    { name: 'get while two clients list all, longest', value: Math.max(...beside), unit: 'ms' },
    { name: `list of all in pages of ${page} (reference: at once)`, value: pages.reduce((sum, each) => sum + each, 0), unit: 'ms', reference: consistent },
    { name: 'the last ten of these pages (reference: the first ten)', value: quantile(pages.slice(-10), 0.5), unit: 'ms', reference: quantile(pages.slice(0, 10), 0.5) },
    { name: 'list of all by a label that none has, the first (reference: later ones)', value: selected[0]!, unit: 'ms', reference: quantile(selected.slice(1), 0.5) },
    { name: 'streaming list of all (reference: list)', value: stream, unit: 'ms', reference: stale },
  ];
}

/** Milliseconds of gets while two other connections list everything again and again. */
async function besideLists(client: LoadClient, path: string, seconds: number): Promise<number[]> {
  const over = new AbortController();
  const lists = [0, 1].map(async () => {
    while (!over.signal.aborted) await client.call('GET', `${path}?resourceVersion=0`);
  });
  const times = await latenciesWithin(seconds, 300, () => client.call('GET', `${path}/page-0`));
  over.abort();
  await Promise.all(lists);
  return times;
}

/** Milliseconds of each page of a list, by its continue tokens. */
async function walk({ config: { servers, ca, certificate, key } }: LoneServer, path: string, limit: number): Promise<number[]> {
  const agent = new https.Agent({ keepAlive: true, ca, cert: certificate, key });
  const times: number[] = [];
  for (let token: string | undefined = ''; token !== undefined; ) {
    const began = performance.now();
    const page = await beginningOf(agent, `${servers[0]}${path}?limit=${limit}${token && `&continue=${encodeURIComponent(token)}`}`);
    times.push(performance.now() - began);
    // The list's own metadata stands before its items.
    token = /"continue":"([^"]*)"/.exec(page)?.[1];
  }
  agent.destroy();
  return times;
}

/** Reads an answer to its end, and gives its first piece. */
function beginningOf(agent: https.Agent, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { agent }, (response) => {
      let first: Buffer | undefined;
      response.on('data', (piece: Buffer) => (first ??= piece));
      response.on('error', reject);
      response.on('end', () => (response.statusCode === 200 ? resolve(first?.toString('latin1') ?? '') : reject(new Error(`${url}: ${response.statusCode}`))));
    });
    request.on('error', reject);
  });
}

/** Milliseconds until a watch with `sendInitialEvents` has brought everything. */
async function streamed(server: LoneServer, path: string, count: number): Promise<number> {
  const socket = await openSocket(server.config);
  const began = performance.now();
  let events = 0;
  await new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('a streaming list broke off')));
    beginWatch(socket, `${path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=0&allowWatchBookmarks=true`, (line) => {
      if (line.includes('k8s.io/initial-events-end')) resolve();
      else if (line.includes('"type":"ADDED"')) events += 1;
    }).catch(reject);
  });
  const took = performance.now() - began;
  socket.destroy();
  if (events < count) throw new Error(`a streaming list brought ${events} objects of ${count}`);
  return took;
}
