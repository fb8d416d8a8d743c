import { delay } from '../rig/processes.ts';
import { benchDefinition, widget } from './crdSamples.ts';
import type { Figure } from './figures.ts';
import { LoadClient, latenciesWithin, quantile } from './load.ts';
import { LoneServers, type LoneServer } from './loneServers.ts';
import { measuredInTurns, measuredRows } from './measured.ts';
import { cpuMicroseconds } from './serverCpu.ts';
import { settledMebibytes } from './serverMemory.ts';

const MANY = 100;
const TIMED = 20;
const COUNT = 1000;
const LISTED = 500;
const LISTS = 60;
/** For each sort of request and kind. */
const SECONDS = 4;
const MERGE = 'application/merge-patch+json';
const LABEL = '{"metadata":{"labels":{"a":"b"}}}';
/** Within which a kind must be served. */
const PATIENCE_MS = 10_000;
const NAMESPACE = 'bench-crds';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * What CustomResourceDefinitions cost: the time from the answer to their creation until their kind is served, by the same server and by another one, with few and with
 * 100 others there; their memory; and the objects of a kind with a structural schema, and with a rule in CEL besides, beside ConfigMaps of the same size.
 */
export async function crdFigures(many = MANY): Promise<Figure[]> {
  const lone = await LoneServers.open();
  try {
    process.stderr.write('measuring: crds\n');
    const server = await lone.start();
    const other = await lone.start();
    await server.admin('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    const before = await freshMemory(lone);
    await served(server, other, 'warm', 5);
    const few = await served(server, other, 'few', TIMED);
    for (let index = 0; index < many; index += 1) await server.admin('POST', DEFINITIONS, benchDefinition(`many${index}`));
    const later = await served(server, other, 'later', TIMED);
    const defined = await freshMemory(lone);
    const all = TIMED * 2 + many + 5;
    const documents = await readDocuments(server);
    const objects = await objectFigures(server);
    const rows = (what: string, { own, others, cpu }: Served, reference?: Served): Figure[] => [
      ...quantiles(`${what}, served`, own, reference?.own),
      ...quantiles(`${what}, served by another server`, others, reference?.others),
      { name: `${what}: CPU of the server each`, value: cpu, unit: 'µs', ...(reference ? { reference: reference.cpu } : {}) },
    ];
    return [
      ...rows('new CRD', few),
      ...rows(`new CRD beside ${many} (reference: few)`, later, few),
      { name: `memory, started with ${all} CRDs (reference: none)`, value: defined, unit: 'MiB', reference: before },
      { name: 'memory for each CRD (reference: its JSON)', value: ((defined - before) * 1024) / all, unit: 'KiB', reference: JSON.stringify(benchDefinition('many0')).length / 1024 },
      { name: `OpenAPI v2 after a new CRD, ${all} CRDs`, value: documents, unit: 'ms' },
      ...objects,
    ];
  } finally {
    await lone.close();
  }
}

/** Of a server that has just been started on what there is. */
async function freshMemory(lone: LoneServers): Promise<number> {
  const fresh = await lone.start();
  const mebibytes = await settledMebibytes(fresh.pid);
  await fresh.stop();
  return mebibytes;
}

/** In milliseconds; `cpu` is what a definition costs the server that took it, in microseconds, creation and first list included. */
interface Served {
  readonly own: readonly number[];
  readonly others: readonly number[];
  readonly cpu: number;
}

/** From the answer to the creation of a definition until a list of its kind is answered with 200. */
async function served(server: LoneServer, other: LoneServer, prefix: string, count: number): Promise<Served> {
  const own: number[] = [];
  const others: number[] = [];
  const clients = [server, other].map(({ config }) => new LoadClient(config));
  for (const client of clients) await client.call('GET', '/readyz');
  const before = cpuMicroseconds(server.pid);
  for (let index = 0; index < count; index += 1) {
    const definition = benchDefinition(`${prefix}${index}`);
    const path = `/apis/${definition.spec.group}/v1/${definition.spec.names.plural}`;
    await server.admin('POST', DEFINITIONS, definition);
    const began = performance.now();
    await Promise.all(clients.map(async (client, at) => {
      while (!(await isServed(client, path))) if (performance.now() > began + PATIENCE_MS) throw new Error(`${path} is not served`);
      (at === 0 ? own : others).push(performance.now() - began);
    }));
    // Not in the midst of what the last one has set going.
    await delay(20);
  }
  for (const client of clients) client.close();
  return { own, others, cpu: (cpuMicroseconds(server.pid) - before) / count };
}

async function isServed(client: LoadClient, path: string): Promise<boolean> {
  try {
    await client.call('GET', path);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.endsWith(': 404')) return false;
    throw error;
  }
}

/** Reads what clients read of a server; gives the milliseconds of the largest document. */
async function readDocuments(server: LoneServer): Promise<number> {
  const client = new LoadClient(server.config);
  await client.call('GET', '/apis');
  await client.call('GET', '/openapi/v3');
  const began = performance.now();
  await client.call('GET', '/openapi/v2');
  const took = performance.now() - began;
  client.close();
  return took;
}

/** Objects of three kinds and one size. */
async function objectFigures(server: LoneServer): Promise<Figure[]> {
  const size = JSON.stringify(widget('structural', 'name-0')).length;
  const kinds: Readonly<Record<KindName, Kind>> = {
    ConfigMap: { path: CONFIG_MAPS, body: (name) => configMap(name, size) },
    'custom resource': await custom(server, 'structural', false),
    'custom resource with a CEL rule': await custom(server, 'ruled', true),
  };
  const client = new LoadClient(server.config);
  const figures: Figure[] = [];
  const step = async (what: string, count: number, one: (kind: Kind, index: number) => Promise<unknown>): Promise<number> => {
    const sorts = Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, (index: number) => one(kind, index)])) as Record<KindName, (index: number) => Promise<unknown>>;
    const found = await measuredInTurns([server.pid], SECONDS, count, sorts);
    for (const [name, each] of Object.entries(found)) figures.push(...(each === found.ConfigMap ? measuredRows(`${name} ${what}`, each) : measuredRows(`${name} ${what} (reference: ConfigMap)`, each, found.ConfigMap)));
    return Math.min(...Object.values(found).map(({ done }) => done));
  };
  const warm = await step('create', LISTED, ({ path, body }, index) => client.call('POST', path, body(`warm-${index}`)));
  for (const one of [
    ({ path }: Kind, index: number) => client.call('GET', `${path}/warm-${index}`),
    ({ path }: Kind, index: number) => client.call('PATCH', `${path}/warm-${index}`, LABEL, MERGE),
  ]) {
    await step('warm', warm, one);
  }
  // A server that has just started is slower than it will be.
  figures.length = 0;
  const done = await step('create', COUNT, ({ path, body }, index) => client.call('POST', path, body(`name-${index}`)));
  await step('get', 2 * COUNT, ({ path }, index) => client.call('GET', `${path}/name-${index % done}`));
  // Custom resources are looked at when they are first listed, and no more until they or their definition change.
  let reference: number | undefined;
  for (const [name, { path }] of Object.entries(kinds)) {
    const [value = Number.NaN] = await latenciesWithin(SECONDS, 1, () => client.call('GET', `${path}?limit=${LISTED}`));
    figures.push({ name: `${name}, first list of ${LISTED}${reference === undefined ? '' : ' (reference: ConfigMap)'}`, value, unit: 'ms', ...(reference === undefined ? {} : { reference }) });
    reference ??= value;
  }
  await step(`list of ${LISTED}`, LISTS, ({ path }) => client.call('GET', `${path}?limit=${LISTED}`));
  await step('merge patch', done, ({ path }, index) => client.call('PATCH', `${path}/name-${index}`, LABEL, MERGE));
  client.close();
  return figures;
}

/** Where objects of a kind are, and what one looks like. */
interface Kind {
  readonly path: string;
  readonly body: (name: string) => string;
}

type KindName = 'ConfigMap' | 'custom resource' | 'custom resource with a CEL rule';

async function custom(server: LoneServer, name: string, hasRule: boolean): Promise<Kind> {
  const definition = benchDefinition(name, hasRule);
  await server.admin('POST', DEFINITIONS, definition);
  const { group, names } = definition.spec;
  const path = `/apis/${group}/v1/namespaces/${NAMESPACE}/${names.plural}`;
  const client = new LoadClient(server.config);
  for (const end = performance.now() + PATIENCE_MS; !(await isServed(client, path)); ) if (performance.now() > end) throw new Error(`${path} is not served`);
  client.close();
  return { path, body: (object) => JSON.stringify(widget(name, object)) };
}

function configMap(name: string, size: number): string {
  const object = (data: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: data } });
  return object('x'.repeat(Math.max(0, size - object('').length)));
}

function quantiles(name: string, values: readonly number[], reference?: readonly number[]): Figure[] {
  return [
    { name: `${name}, p50`, value: quantile(values, 0.5), unit: 'ms', ...(reference ? { reference: quantile(reference, 0.5) } : {}) },
    { name: `${name}, longest`, value: Math.max(...values), unit: 'ms', ...(reference ? { reference: Math.max(...reference) } : {}) },
  ];
}
