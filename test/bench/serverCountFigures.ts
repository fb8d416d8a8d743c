import type { Figure } from './figures.ts';
import { LoadClient } from './load.ts';
import { LoneServers, type LoneServer } from './loneServers.ts';
import { type Measured, measured, measuredRows, together } from './measured.ts';
import { cpuMicroseconds } from './serverCpu.ts';

const MOST = 4;
/** So many turns each number of servers gets, so that what else happens on the machine slows all of them down alike. */
const TURNS = 3;
/** In each turn, for so long at most. */
const SECONDS = 1;
const COUNT = 500;
const GETS = 1000;
const LISTS = 20;
const LISTED = 1000;
const NAMESPACE = 'bench-servers';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const LISTED_PATH = '/api/v1/namespaces/bench-listed/configmaps';

const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'x'.repeat(500) } });

/** `etcd` is its CPU for each request, in microseconds. */
interface Step extends Measured {
  readonly etcd: number;
}

/** What was measured with some number of servers, turn by turn, by what was done. */
type Found = Map<string, Step[]>;

/**
 * The API figures with one to four API servers on one etcd, the 16 connections spread over them; the reference is one server in the same run. The servers that do not
 * count in a turn are stopped meanwhile. CPU is that of all servers together: every server takes in what the others write.
 */
export async function serverCountFigures(): Promise<Figure[]> {
  const lone = await LoneServers.open();
  try {
    process.stderr.write('measuring: servers\n');
    const servers: LoneServer[] = [];
    while (servers.length < MOST) servers.push(await lone.start());
    await prepare(servers[0]!);
    for (const [number, server] of servers.entries()) await warm(server, number);
    const clients = servers.map((server, at) => new LoadClient({ ...server.config, servers: servers.slice(0, at + 1).flatMap(({ config }) => config.servers) }));
    const found = servers.map((): Found => new Map());
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const [at, client] of clients.entries()) {
        await choose(servers, at + 1);
        await measure(client, { servers: servers.slice(0, at + 1).map(({ pid }) => pid), etcd: lone.etcd.member.pid }, `turn-${turn}-${at}`, found[at]!);
      }
    }
    for (const client of clients) client.close();
    await choose(servers, MOST);
    return found.flatMap((each, at) => [...each].flatMap(([what, steps]) => rowsOf(what, at + 1, steps, at === 0 ? undefined : found[0]!.get(what))));
  } finally {
    await lone.close();
  }
}

async function prepare(server: LoneServer): Promise<void> {
  for (const name of [NAMESPACE, 'bench-listed']) await server.admin('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const client = new LoadClient(server.config);
  await measured([], 30, LISTED, (index) => client.call('POST', LISTED_PATH, configMap(`listed-${index}`)));
  client.close();
}

/** A server that has just started is slower than it will be. */
async function warm(server: LoneServer, number: number): Promise<void> {
  const client = new LoadClient(server.config);
  const found: Found = new Map();
  for (const turn of [0, 1]) await measure(client, { servers: [server.pid], etcd: server.pid }, `warm-${number}-${turn}`, found);
  client.close();
}

/** Lets the first servers run, up to what the others have written, and stops the rest. */
async function choose(servers: readonly LoneServer[], count: number): Promise<void> {
  for (const [at, { pid }] of servers.entries()) process.kill(pid, at < count ? 'SIGCONT' : 'SIGSTOP');
  for (const server of servers.slice(0, count)) await server.admin('GET', `${PATH}?limit=1`);
}

/** Each sort of request for a while. */
async function measure(client: LoadClient, pids: { readonly servers: readonly number[]; readonly etcd: number }, prefix: string, found: Found): Promise<void> {
  const name = (index: number): string => `${prefix}-${index}`;
  const step = async (what: string, count: number, one: (index: number) => Promise<unknown>): Promise<number> => {
    const before = cpuMicroseconds(pids.etcd);
    const result = await measured(pids.servers, SECONDS, count, one);
    found.set(what, [...(found.get(what) ?? []), { ...result, etcd: (cpuMicroseconds(pids.etcd) - before) / result.done }]);
    return result.done;
  };
  const done = await step('create', COUNT, (index) => client.call('POST', PATH, configMap(name(index))));
  await step('get', GETS, (index) => client.call('GET', `${PATH}/${name(index % done)}`));
  await step(`list of ${LISTED}`, LISTS, () => client.call('GET', LISTED_PATH));
  await step('merge patch', done, (index) => client.call('PATCH', `${PATH}/${name(index)}`, `{"data":{"b":"${index}"}}`, 'application/merge-patch+json'));
  await step('put', done, (index) => client.call('PUT', `${PATH}/${name(index)}`, configMap(name(index))));
  await step('delete', done, (index) => client.call('DELETE', `${PATH}/${name(index)}`));
}

function rowsOf(what: string, count: number, found: readonly Step[], one: readonly Step[] | undefined): Figure[] {
  const name = `${count === 1 ? '1 server' : `${count} servers`}: ${what}`;
  const etcd = (steps: readonly Step[]): number => steps.reduce((sum, step) => sum + step.etcd * step.done, 0) / steps.reduce((sum, step) => sum + step.done, 0);
  return [
    ...measuredRows(name, together(found), one && together(one)),
    { name: `${name}: CPU of etcd each`, value: etcd(found), unit: 'µs', ...(one ? { reference: etcd(one) } : {}) },
  ];
}
