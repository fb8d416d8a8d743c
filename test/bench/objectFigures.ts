import type { Figure } from './figures.ts';
import { LoadClient, quantile } from './load.ts';
import { LoneServers, type LoneServer } from './loneServers.ts';
import { residentMebibytes, settledMebibytes } from './serverMemory.ts';
import { stockEtcd } from './stockEtcd.ts';
import { beginWatch, openSocket } from './watchSocket.ts';
import { wholeListFigures } from './wholeListFigures.ts';

const MANY = 100_000;
const PAGE = 500;
const TURNS = 300;
const SECONDS = 6;
const NAMESPACE = 'bench-objects';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { app: 'bench' } }, data: { a: 'x'.repeat(500) } });

/** What the same thing took with few objects and with many, in milliseconds. */
interface Beside {
  readonly few: readonly number[];
  readonly many: readonly number[];
}

/**
 * A server with 100,000 ConfigMaps of one namespace beside another with the 500 of one page, each on an etcd of its own: start, memory, and the latency of single
 * requests, in turns of one to each. The many are put into etcd past the API (as the API stored the first), while a server looks on.
 */
export async function objectFigures(many = MANY): Promise<Figure[]> {
  const [small, large] = [await LoneServers.open(), await LoneServers.open()];
  try {
    process.stderr.write('measuring: objects\n');
    for (const each of [small, large]) await prepare(each);
    const [few, looking] = [await small.start(), await large.start()];
    const size = await stockEtcd(large.etcd.endpoints, NAMESPACE, 'page-0', many - PAGE);
    // Answered when it has seen all of that come.
    await looking.admin('GET', `${PATH}?limit=1`);
    const [fewMemory, grown] = await Promise.all([settledMebibytes(few.pid), settledMebibytes(looking.pid)]);
    await looking.stop();

    const full = await large.start();
    const atReadiness = residentMebibytes(full.pid);
    const fullMemory = await settledMebibytes(full.pid);
    const requests = await singleRequests(few, full);
    const whole = await wholeListFigures(full, PATH, { count: many, page: PAGE, seconds: SECONDS });
    const after = await settledMebibytes(full.pid);
    const objects = `${many.toLocaleString('en')} objects`;
    return [
      { name: `process to ready, ${objects} in etcd (reference: ${PAGE})`, value: full.readyMilliseconds, unit: 'ms', reference: few.readyMilliseconds },
      { name: `memory, started with ${objects} (reference: ${PAGE})`, value: fullMemory, unit: 'MiB', reference: fewMemory },
      { name: 'memory at its readiness', value: atReadiness, unit: 'MiB', reference: fewMemory },
      { name: `memory, ${objects} came while it ran`, value: grown, unit: 'MiB', reference: fewMemory },
      { name: 'memory after all of what follows', value: after, unit: 'MiB', reference: fewMemory },
      { name: 'memory for each object (reference: its JSON)', value: ((fullMemory - fewMemory) * 2 ** 20) / many, unit: 'B', reference: size },
      ...[...requests].flatMap(([what, found]) => [0.5, 0.99].map((share): Figure => ({ name: `${what}, p${share * 100}`, value: quantile(found.many, share), unit: 'ms', reference: quantile(found.few, share) }))),
      ...whole,
    ];
  } finally {
    await small.close();
    await large.close();
  }
}

/** The page that is there from the beginning; and the compiled code is kept, so that later starts are alike. */
async function prepare(lone: LoneServers): Promise<void> {
  const first = await lone.start();
  await first.admin('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const client = new LoadClient(first.config);
  await Promise.all(Array.from({ length: PAGE }, (_, index) => client.call('POST', PATH, configMap(`page-${index}`))));
  client.close();
  await first.stop();
  await (await lone.start()).stop();
}

async function singleRequests(few: LoneServer, many: LoneServer): Promise<ReadonlyMap<string, Beside>> {
  const [fewSide, manySide] = [await sideOf(few), await sideOf(many)];
  const found = new Map<string, Beside>();
  for (const what of Object.keys(fewSide) as (keyof Side)[]) {
    if (what === 'close') continue;
    const times: { few: number[]; many: number[] } = { few: [], many: [] };
    const timed = async (side: Side, index: number): Promise<number> => {
      const began = performance.now();
      await side[what](index);
      return performance.now() - began;
    };
    for (let turn = 0, end = performance.now() + SECONDS * 1000; turn < TURNS && performance.now() < end; turn += 1) {
      times.few.push(await timed(fewSide, turn));
      times.many.push(await timed(manySide, turn));
    }
    // The first ones are slower than the rest will be.
    found.set(what, { few: times.few.slice(times.few.length / 4), many: times.many.slice(times.many.length / 4) });
  }
  fewSide.close();
  manySide.close();
  return found;
}

type Request = (index: number) => Promise<unknown>;

interface Side {
  readonly get: Request;
  readonly 'list of the first page': Request;
  readonly 'list of the first page, resourceVersion=0': Request;
  readonly create: Request;
  readonly 'create and list of a page': Request;
  readonly 'connection and start of a watch': Request;
  close(): void;
}

/** The requests, to one server. */
async function sideOf(server: LoneServer): Promise<Side> {
  const client = new LoadClient(server.config);
  const { json } = await server.admin('GET', `${PATH}?limit=1`);
  const version = String(json.metadata.resourceVersion);
  return {
    get: (index) => client.call('GET', `${PATH}/page-${index % PAGE}`),
    'list of the first page': () => client.call('GET', `${PATH}?limit=${PAGE}`),
    'list of the first page, resourceVersion=0': () => client.call('GET', `${PATH}?limit=${PAGE}&resourceVersion=0`),
    create: (index) => client.call('POST', PATH, configMap(`made-${index}`)),
    // What a list is made of may not change under it, whoever writes.
    'create and list of a page': async (index) => {
      await client.call('POST', PATH, configMap(`listed-${index}`));
      await client.call('GET', `${PATH}?limit=${PAGE}`);
    },
    'connection and start of a watch': async () => {
      const socket = await openSocket(server.config);
      await beginWatch(socket, `${PATH}?watch=true&resourceVersion=${version}`, () => undefined);
      socket.destroy();
    },
    close: () => client.close(),
  };
}
