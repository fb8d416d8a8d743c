import { RandomInput } from '../../../api/schema/randomInput.ts';
import type { Answer } from '../../rig/apiserver.ts';
import { eventually } from '../../rig/processes.ts';
import { Differences, type Comparison } from '../oracle/comparison.ts';
import { comparable } from './exchange.ts';
import { RandomSchema } from './randomSchema.ts';
import type { Pair, Side } from './referenceServer.ts';

type Json = Record<string, unknown>;

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUPS: readonly string[] = ['b.discovery.example.com', 'a.discovery.example.com', 'discovery.example.com'];
const VERSIONS: readonly string[] = ['v1', 'v2', 'v10', 'v1beta1', 'v1beta2', 'v2alpha1', 'v11alpha2', 'foo1', 'v1beta', 'bar'];
const SEED = 20_260_103;
const KINDS = 14;

/** What is told of custom kinds: of which groups and versions they are, what they are called, and what their schemas are. */
export async function compareDiscovery(pair: Pair, seed = SEED): Promise<Comparison> {
  const told = new Told(pair);
  const random = new RandomInput(seed);
  const schemas = new RandomSchema(seed + 1);
  for (let at = 0; at < KINDS; at += 1) await define(pair, told.differences, () => definitionOf(random, schemas, at));
  const versions = GROUPS.flatMap((group) => VERSIONS.map((version) => `${group}/${version}`));
  for (const group of GROUPS) await told.compare(`/apis/${group}`);
  for (const each of versions) await told.compare(`/apis/${each}`, 'application/json', inOrder);
  for (const version of ['v2', 'v2beta1']) await told.compare('/apis', `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`, ofOurGroups);
  await told.compareUnchanged('/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  await told.compareParts('/openapi/v2', ({ definitions }) => definitions);
  for (const each of versions) await told.compareParts(`/openapi/v3/apis/${each}`, ({ components }) => (components as Json | undefined)?.['schemas']);
  await told.compare('/openapi/v3', 'application/json', ({ paths }) => Object.keys(paths as Json).filter((path) => versions.includes(path.slice('apis/'.length))).sort());
  return told.differences;
}

/** Kubernetes' server of custom resources has no kinds but those. */
const ofOurGroups = ({ items, ...list }: Json): unknown => (items ? { ...list, items: (items as { metadata: { name: string } }[]).filter(({ metadata }) => GROUPS.includes(metadata.name)) } : list);

/** The definitions of our kinds. */
function ofOurKinds(definitions: unknown): Json {
  const prefixes = GROUPS.map((group) => `${group.split('.').toReversed().join('.')}.`);
  return Object.fromEntries(Object.entries((definitions ?? {}) as Json).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))));
}

/** Documents that both give. */
class Told {
  readonly differences = new Differences();
  readonly #sides: readonly Side[];

  constructor({ gantry, kubernetes }: Pair) {
    this.#sides = [gantry, kubernetes];
  }

  async compare(path: string, accept = 'application/json', simplified: (document: Json) => unknown = (document) => document): Promise<void> {
    const [gantry, kubernetes] = await Promise.all(
      this.#sides.map(async (side) => {
        const { status, headers, text, json } = await side.request('GET', path, undefined, { accept });
        return JSON.stringify([status, headers['content-type'], json ? comparable(simplified(json as Json)) : text]);
      }),
    );
    this.differences.compare({ path, accept }, gantry, kubernetes);
  }

  /** Of a document that a client has already. */
  async compareUnchanged(path: string, accept: string): Promise<void> {
    const [gantry, kubernetes] = await Promise.all(
      this.#sides.map(async (side) => {
        const etag = String((await side.request('GET', path, undefined, { accept })).headers['etag']);
        const { status, text } = await side.request('GET', path, undefined, { accept, 'if-none-match': etag });
        return JSON.stringify([status, text]);
      }),
    );
    this.differences.compare({ path, accept, unchanged: true }, gantry, kubernetes);
  }

  /** Each definition of a document. Kubernetes' controllers take their time, so its document is read again until it has the same ones. */
  async compareParts(path: string, read: (document: Json) => unknown): Promise<void> {
    let found: readonly Json[] = [];
    await eventually(`${path} has all definitions`, 10_000, async () => {
      found = await Promise.all(this.#sides.map(async (side) => ofOurKinds(read(((await side.request('GET', path)).json ?? {}) as Json))));
      const [gantry, kubernetes] = found.map((each) => Object.keys(each).sort().join(' '));
      return gantry === kubernetes ? true : undefined;
    }).catch(() => undefined);
    const [gantry = {}, kubernetes = {}] = found;
    for (const name of new Set([...Object.keys(gantry), ...Object.keys(kubernetes)])) this.differences.compare({ path, name }, JSON.stringify(comparable(gantry[name])), JSON.stringify(comparable(kubernetes[name])));
  }
}

/** Upstream tells of kinds in the order of a map of Go's; of each, its subresources follow it. */
function inOrder(list: Json): Json {
  const resources = (list['resources'] ?? []) as readonly { readonly name: string }[];
  const kindOf = (name: string): string => name.split('/')[0]!;
  return { ...list, resources: resources.toSorted((a, b) => (kindOf(a.name) < kindOf(b.name) ? -1 : kindOf(a.name) > kindOf(b.name) ? 1 : 0)) };
}

/** What random schemas do not have: keywords that say nothing, and such as only people read. */
const CORNERS: Json = {
  said: { type: 'string', title: 'Title', example: 'e', externalDocs: { url: 'https://example.com', description: 'more' }, description: 'd' },
  nothing: { type: 'string', title: '', description: '', pattern: '', format: '', enum: [], allOf: [], anyOf: [], oneOf: [], 'x-kubernetes-validations': [], nullable: false, exclusiveMinimum: false },
  noFields: { type: 'object', properties: {}, required: [] },
  noList: { type: 'array', items: { type: 'object' }, minItems: 0, uniqueItems: false },
  no: { type: 'boolean', default: false, example: false },
  zero: { type: 'integer', minimum: 0, maximum: 0, multipleOf: 1, default: 0 },
  nil: { type: 'string', nullable: true, default: null },
  metadata: { type: 'object' },
  any: { type: 'object', additionalProperties: true },
  nullables: { type: 'object', required: ['a', 'b'], properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } } },
  inner: { not: { required: ['a'], properties: { a: { minimum: 1 } } }, anyOf: [{ properties: { a: { minLength: 1 } } }, { required: ['a'] }], type: 'object', properties: { a: { type: 'string' } } },
};

function withCorners(schema: Json): Json {
  const properties = schema['properties'] as Json;
  return { ...schema, required: ['mark'], description: 'of a kind', properties: { ...properties, corners: { type: 'object', properties: CORNERS } } };
}

/** Draws definitions until both take one. */
async function define(pair: Pair, differences: Differences, draw: () => { readonly metadata: { readonly name: string } }): Promise<void> {
  for (let attempts = 0; attempts < 20; attempts += 1) {
    const body = draw();
    const [gantry, kubernetes] = await Promise.all([pair.gantry, pair.kubernetes].map((side) => side.request('POST', DEFINITIONS, body)));
    differences.compare(body, outcome(gantry!), outcome(kubernetes!));
    if (gantry!.status !== 201 || kubernetes!.status !== 201) continue;
    for (const side of [pair.gantry, pair.kubernetes]) await settled(side, body.metadata.name);
    return;
  }
}

/** Faults have the order of Go's maps. */
function outcome({ status, json }: Answer): string {
  const causes = ((json.details?.causes ?? []) as unknown[]).map((cause) => JSON.stringify(comparable(cause)));
  return status === 201 ? 'taken' : `${status} ${causes.sort().join(' ')}`;
}

async function settled(side: Side, name: string): Promise<void> {
  await eventually(`${name} is judged`, 30_000, async () => {
    const { json } = await side.request('GET', `${DEFINITIONS}/${name}`);
    const conditions = (json.status?.conditions ?? []) as { type: string; status: string }[];
    return conditions.some(({ type, status }) => (type === 'Established' && status === 'True') || (type === 'NamesAccepted' && status === 'False')) ? true : undefined;
  });
}

function definitionOf(random: RandomInput, schemas: RandomSchema, at: number): { readonly metadata: { readonly name: string } } {
  const some = (chance: number, part: Json): Json => (random.chance(chance) ? part : {});
  const group = random.pick(GROUPS);
  const plural = `kind${at}s`;
  const kind = `${random.pick(['Kind', 'Okind'])}${at}`;
  const names = [...new Set(Array.from({ length: 1 + random.below(4) }, () => random.pick(VERSIONS)))];
  const storage = random.pick(names);
  const served = names.map(() => random.chance(0.75));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: random.pick(['Namespaced', 'Cluster']),
      names: { plural, kind, ...some(0.5, { singular: `kind${at}` }), ...some(0.3, { listKind: `${kind}Many` }), ...some(0.4, { shortNames: [`k${at}`, `a${at}`] }), ...some(0.4, { categories: ['all', 'b'] }) },
      versions: names.map((name, index) => ({
        name,
        served: served[index],
        storage: name === storage,
        schema: { openAPIV3Schema: withCorners(schemas.kind(1)) },
        ...some(0.5, { subresources: { ...some(0.7, { status: {} }), ...some(0.5, { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } }) } }),
        ...some(0.3, { selectableFields: [{ jsonPath: '.spec.replicas' }] }),
        ...some(0.2, { deprecated: true }),
      })),
    },
  } as { readonly metadata: { readonly name: string } };
}
