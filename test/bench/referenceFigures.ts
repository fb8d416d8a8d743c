import { buildGoProgram } from '../clients/goProgram.ts';
import { startReference } from '../clients/reference/referenceServer.ts';
import type { Figure } from './figures.ts';
import { LoadClient, quantile } from './load.ts';
import { LoneServers } from './loneServers.ts';
import { type Measured, measured, measuredRows, together } from './measured.ts';
import { residentMebibytes, settledMebibytes } from './serverMemory.ts';
import { type Spread, type WatchedServer, Watching } from './watching.ts';

const ROUNDS = 4;
const COUNT = 1_000;
const LISTED = 1_000;
const LISTS = 40;
const SECONDS = 10;
const NAMESPACE = 'bench-reference';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** A kind, and where its objects are. */
interface Kind {
  readonly name: string;
  readonly path: string;
  /** Whether a put may leave out the resourceVersion. */
  readonly unconditional: boolean;
  readonly draft: (name: string) => string;
}

const text = 'x'.repeat(500);
const CONFIG_MAPS: Kind = {
  name: 'ConfigMap',
  path: `/api/v1/namespaces/${NAMESPACE}/configmaps`,
  unconditional: true,
  draft: (name) => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: text } }),
};
const CUSTOM: Kind = {
  name: 'custom resource',
  path: `/apis/bench.example.com/v1/namespaces/${NAMESPACE}/things`,
  unconditional: false,
  draft: (name) => JSON.stringify({ apiVersion: 'bench.example.com/v1', kind: 'Thing', metadata: { name }, data: { a: text } }),
};
const SCHEMA = { type: 'object', properties: { data: { type: 'object', additionalProperties: { type: 'string' } } } };
const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.bench.example.com' },
  spec: { group: 'bench.example.com', scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: SCHEMA } }] },
};

interface Measuring {
  readonly pid: number;
  readonly client: LoadClient;
}

/**
 * Gantry's API server beside Kubernetes' 1.36 generic one (`test/clients/go/server`), by turns, on one etcd: requests per second over 16 connections, and the CPU of each. Kubernetes'
 * server keeps custom resources and ConfigMaps alone and has neither kube-apiserver's other sixty kinds nor most of its admission plugins: what it needs is less than what kube-apiserver does.
 */
export async function referenceFigures(): Promise<Figure[]> {
  const program = await buildGoProgram('server');
  const lone = await LoneServers.open();
  const stops: (() => Promise<void>)[] = [];
  try {
    process.stderr.write('measuring: reference\n');
    const server = await lone.start();
    const reference = await startReference(server.config, lone.etcd.endpoints[0]!, program);
    stops.push(() => reference.stop());
    const gantry: Measuring = { pid: server.pid, client: new LoadClient(server.config) };
    const kubernetes: Measuring = { pid: reference.pid, client: new LoadClient(reference.config) };
    await server.admin('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    await settledMebibytes(server.pid);
    const idle = [residentMebibytes(server.pid), residentMebibytes(reference.pid)];
    const figures: Figure[] = [];
    for (const each of [gantry, kubernetes]) await each.client.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', JSON.stringify(CRD));
    await settledMebibytes(server.pid);
    for (const kind of [CONFIG_MAPS, CUSTOM]) figures.push(...(await kindFigures(kind, gantry, kubernetes)));
    await settledMebibytes(server.pid);
    const after = [residentMebibytes(server.pid), residentMebibytes(reference.pid)];
    figures.push(...(await watchFigures(server, { ...reference, admin: (...request) => reference.side.request(...request) })));
    const memory = (name: string, value: number, other: number): Figure => ({ name, value, unit: 'MiB', reference: other });
    figures.push(memory('memory when nothing has been asked', idle[0]!, idle[1]!), memory('memory after these requests', after[0]!, after[1]!));
    for (const { client } of [gantry, kubernetes]) client.close();
    return figures;
  } finally {
    for (const stop of stops) await stop();
    await lone.close();
  }
}

async function kindFigures(kind: Kind, gantry: Measuring, kubernetes: Measuring): Promise<Figure[]> {
  const sides = [gantry, kubernetes];
  for (const { client } of sides) {
    await measured([], SECONDS, LISTED, (index) => client.call('POST', kind.path, kind.draft(`warm-${index}`)));
    // Both learn to do it quickly: V8 compiles what is often called.
    for (let round = 0; round < 2; round += 1) for (const { run, count } of sorts(kind, `warm${round}`)) await measured([], SECONDS, count, (index) => run(client, index));
  }
  const found = new Map<string, Measured[][]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, run, count } of sorts(kind, `round${round}`)) {
      const both = found.get(name) ?? [[], []];
      found.set(name, both);
      for (const [at, { pid, client }] of sides.entries()) both[at]!.push(await measured([pid], SECONDS, count, (index) => run(client, index)));
    }
  }
  return [...found].flatMap(([name, [ours = [], theirs = []]]) => measuredRows(`${kind.name}: ${name}`, together(ours), together(theirs)));
}

/** 50 and 1,000 watchers, by turns. */
async function watchFigures(server: WatchedServer, reference: WatchedServer): Promise<Figure[]> {
  const sides = [server, reference].map((each) => new Watching(each, NAMESPACE));
  const figures: Figure[] = [];
  try {
    for (const count of [50, 1_000]) {
      const found: Spread[] = [];
      for (const side of sides) {
        await side.begin(count);
        found.push(await side.see(count));
        side.disconnect();
      }
      const [ours, theirs] = found;
      const row = (what: string, unit: string, of: (spread: Spread) => number): Figure => ({ name: `${count} watchers: ${what}`, value: of(ours!), unit, reference: of(theirs!) });
      for (const share of [0.5, 0.99]) figures.push(row(`write to receipt, p${share * 100}`, 'ms', ({ latencies }) => quantile(latencies, share)));
      figures.push(row('CPU of the server for each write', 'µs', ({ cpu }) => cpu));
    }
  } finally {
    for (const side of sides) side.disconnect();
  }
  return figures;
}

interface Sort {
  readonly name: string;
  readonly count: number;
  readonly run: (client: LoadClient, index: number) => Promise<number>;
}

/** In their order: what is created first is deleted last. */
function sorts({ path, unconditional, draft }: Kind, prefix: string): readonly Sort[] {
  const at = (index: number): string => `${path}/${prefix}-${index}`;
  const name = (index: number): string => `${prefix}-${index}`;
  const apply = (client: LoadClient, index: number): Promise<number> => client.call('PATCH', `${at(index)}?fieldManager=bench&force=true`, draft(name(index)), APPLY);
  return [
    { name: 'create', count: COUNT, run: (client, index) => client.call('POST', path, draft(name(index))) },
    { name: 'get', count: 4 * COUNT, run: (client, index) => client.call('GET', at(index % COUNT)) },
    { name: 'merge patch', count: COUNT, run: (client, index) => client.call('PATCH', at(index), `{"data":{"b":"${index}"}}`, MERGE) },
    ...(unconditional ? [{ name: 'put', count: COUNT, run: (client: LoadClient, index: number) => client.call('PUT', at(index), draft(name(index))) }] : []),
    { name: 'apply that takes over', count: COUNT, run: apply },
    { name: 'apply that changes nothing', count: COUNT, run: apply },
    { name: `list of ${LISTED}, consistent`, count: LISTS, run: (client) => client.call('GET', `${path}?limit=${LISTED}`) },
    { name: `list of ${2 * LISTED}, resourceVersion=0`, count: LISTS, run: (client) => client.call('GET', `${path}?resourceVersion=0`) },
    { name: 'delete', count: COUNT, run: (client, index) => client.call('DELETE', at(index)) },
  ];
}
