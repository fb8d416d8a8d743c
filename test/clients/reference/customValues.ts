import { eventually } from '../../rig/processes.ts';
import { RandomInput } from '../../../api/schema/randomInput.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { type Answers, comparable, describe, Exchange } from './exchange.ts';
import { RandomSchema } from './randomSchema.ts';
import { odd, textOf, valueOf } from './randomValue.ts';
import type { Pair } from './referenceServer.ts';

type Json = Record<string, unknown>;

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = 'values.example.com';
const OBJECTS = 12;
/** Of the schemas. Others still find differences in corners: times that a client gives, a JSON patch that copies nothing. */
const SEEDS: readonly number[] = [11];
/** Of schemas and objects to which several managers apply, too. */
const APPLIED_SEEDS: readonly number[] = [4];

/** Upstream stops at the first field that is not declared, in the order of Go's maps: which one it is, and what was found before, is another one each time. */
const UNDECLARED = 'field not declared in schema';

/** A patched object in a message, which upstream shows with the fields that a patch adds in the order of the patch. */
const DOCUMENT = /Invalid value: "\{.*\}\n?": /s;

/**
 * What has no order that is the same each time. Faults come in that of Go's maps, which is another one each time, and so do they in a message; one that several checks find is there several times. Owners of fields
 * are in the order of their times, which are whole seconds: whether two are of the same second is each run's own.
 */
const UNORDERED: ReadonlySet<string> = new Set(['causes', 'managedFields']);

function unordered(value: unknown, name = ''): unknown {
  // When an object was created, and how long ago.
  if (name === 'cells') return (value as unknown[]).map((cell) => (typeof cell === 'string' ? cell.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z$|^\d+s$/, '<time>') : cell));
  if (Array.isArray(value)) return UNORDERED.has(name) ? [...new Set(value.map((each) => JSON.stringify(unordered(each))).sort())] : value.map((each) => unordered(each));
  if (name === 'message' && typeof value === 'string') return value.includes(UNDECLARED) ? UNDECLARED : value.replace(DOCUMENT, 'Invalid value: <document>: ').split(/\n *|, |[[\]]/).sort().join(', ');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unordered(each, key)]));
}

/** Objects that nearly fit random schemas, through every way in and out of the server. */
export async function compareCustomValues(pair: Pair, seeds: readonly number[] = SEEDS, applies = false, exchange = new Exchange(pair, (answer, earlier) => describe(answer, earlier, (value) => unordered(comparable(value))))): Promise<Comparison> {
  const kinds = seeds.map((seed) => new KindOfValues(seed, exchange, pair, applies));
  for (const kind of kinds) await kind.define();
  for (const kind of kinds) await kind.live();
  return exchange.differences;
}

/** As `compareCustomValues`, with server-side apply by several managers. */
export const compareAppliedValues = (pair: Pair): Promise<Comparison> => compareCustomValues(pair, APPLIED_SEEDS, true);

const COLUMNS = ['string', 'integer', 'number', 'boolean', 'date'].flatMap((type) => ['.spec.a', '.spec.size', '.spec.b', '.metadata.creationTimestamp', '.status.replicas', '.spec.missing'].map((jsonPath, at) => ({ name: `${type}${at}`, type, jsonPath, ...(at === 1 ? { priority: 1 } : {}) })));
const PATHS = ['.spec', '.spec.a[0]', '.spec.a[*]', '.spec.a[0].name', ".metadata.labels['x']", '.metadata.labels.a', '.spec..a', '.metadata.managedFields[*].manager', ".spec['some-name']", '.spec.b.size'];

class KindOfValues {
  readonly #random: RandomInput;
  readonly #schemas: RandomSchema;
  readonly #exchange: Exchange;
  readonly #pair: Pair;
  readonly #kind: string;
  readonly #plural: string;
  readonly #path: string;
  readonly #versions: readonly string[];
  readonly #applies: boolean;
  #schema: Json;
  #turn = 1;
  #replicas = 1_000;

  constructor(seed: number, exchange: Exchange, pair: Pair, applies: boolean) {
    this.#applies = applies;
    this.#random = new RandomInput(seed);
    this.#schemas = new RandomSchema(seed + 1_000_000);
    this.#exchange = exchange;
    this.#pair = pair;
    this.#kind = `Value${seed}`;
    this.#plural = `value${seed}s`;
    this.#path = `/apis/${GROUP}/v1/namespaces/default/${this.#plural}`;
    this.#versions = this.#random.chance(0.4) ? ['v1', 'v2'] : ['v1'];
    this.#schema = this.#schemas.kind(1);
  }

  get #name(): string {
    return `${this.#plural}.${GROUP}`;
  }

  #spec(): Json {
    const columns = [...COLUMNS, ...PATHS.map((jsonPath, at) => ({ name: `path${at}`, type: 'string', jsonPath }))];
    return {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: this.#plural, singular: this.#kind.toLowerCase(), kind: this.#kind, listKind: `${this.#kind}List` },
      conversion: { strategy: 'None' },
      versions: this.#versions.map((name) => ({
        name,
        served: true,
        storage: name === 'v1',
        schema: { openAPIV3Schema: this.#schema },
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' } },
        additionalPrinterColumns: columns,
        selectableFields: [{ jsonPath: '.spec.replicas' }],
      })),
    };
  }

  /** Draws schemas until both take one. */
  async define(): Promise<void> {
    for (;;) {
      const body = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: this.#name }, spec: this.#spec() };
      const { gantry, kubernetes } = await this.#quietly('POST', DEFINITIONS, body);
      if (gantry.status === 201 && kubernetes.status === 201) break;
      for (const [side, { status }] of [[this.#pair.gantry, gantry], [this.#pair.kubernetes, kubernetes]] as const) if (status === 201) await side.request('DELETE', `${DEFINITIONS}/${this.#name}`);
      this.#schema = this.#schemas.kind(1);
    }
    await this.#inForce();
  }

  /** The same objects under another schema. */
  async #redefine(): Promise<void> {
    const before = this.#schema;
    this.#turn += 1;
    for (;;) {
      this.#schema = this.#schemas.kind(this.#turn);
      const { gantry, kubernetes } = await this.#quietly('PATCH', `${DEFINITIONS}/${this.#name}`, { spec: { versions: this.#spec()['versions'] } }, { 'content-type': 'application/merge-patch+json' });
      if (gantry.status === 200 && kubernetes.status === 200) break;
      this.#schema = before;
    }
    await this.#inForce();
  }

  /** Both say the same of a definition, but that is for others to compare in full. */
  async #quietly(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answers> {
    const [gantry, kubernetes] = await Promise.all([this.#pair.gantry, this.#pair.kubernetes].map((side) => side.request(method, path, body, headers)));
    const told = (answer: typeof gantry): string => (answer!.status < 300 ? 'taken' : `${answer!.status} ${(answer!.json as { message?: string }).message}`);
    this.#exchange.differences.compare({ method, path, body }, told(gantry), told(kubernetes));
    return { gantry: gantry!, kubernetes: kubernetes! };
  }

  /** Waits until the turn's schema is in force at both. */
  async #inForce(): Promise<void> {
    const body = { apiVersion: `${GROUP}/v1`, kind: this.#kind, metadata: { name: 'probe' }, mark: this.#turn - 0.5 };
    for (const side of [this.#pair.gantry, this.#pair.kubernetes]) {
      await eventually(`${this.#name} is served by its new schema`, 30_000, async () => ((await side.request('POST', `${this.#path}?dryRun=All`, body)).text.includes(`supported values: \\"${this.#turn}\\"`) ? true : undefined));
    }
  }

  async live(): Promise<void> {
    for (let at = 0; at < OBJECTS; at += 1) await this.#object(`object-${at}`);
    await this.#lists();
    await this.#redefine();
    await this.#lists();
    for (let at = 0; at < OBJECTS; at += 1) await this.#change(`object-${at}`);
    await this.#lists();
    await this.#both('DELETE', this.#path);
  }

  #objectOf(name: string, more: Json = {}): Json {
    const random = this.#random;
    const { spec, status, mark: _mark, ...own } = this.#schema['properties'] as Record<string, Json>;
    const parts = { spec: spec!, ...(random.chance(0.5) ? { status: status! } : {}), ...own };
    const fields = Object.entries(parts).filter(() => random.chance(0.9)).map(([key, schema]): [string, unknown] => [key, valueOf(random, schema)]);
    if (random.chance(0.05)) fields.push([random.pick(['unknown', 'spec']), odd(random, 2)]);
    const metadata = random.chance(0.25) ? this.#metadata(name) : { name };
    return { apiVersion: `${GROUP}/${random.pick(this.#versions)}`, kind: this.#kind, ...Object.fromEntries(fields), metadata: { ...metadata, ...more } };
  }

  #metadata(name: string): Json {
    return {
      name,
      ...this.#random.pick<Json>([
        { labels: { a: 'b', 'x/y': '' } },
        { labels: { 'a b': 'c' } },
        { labels: { a: 1 } },
        { labels: null, annotations: { x: 'y' }, unknown: 1 },
        { annotations: { 'a b': 'c' } },
        { finalizers: ['example.com/x', 'y'] },
        { finalizers: ['a b'] },
        { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '1' }] },
        { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: '', uid: '' }] },
        { ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'x', uid: '1', controller: true, blockOwnerDeletion: true }, { apiVersion: 'v1', kind: 'A', name: 'y', uid: '2', controller: true }] },
        { managedFields: [{ manager: 'x', operation: 'Update', apiVersion: `${GROUP}/v1`, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': {} }, time: '2026-01-01T00:00:00Z' }] },
        { managedFields: [{ manager: 'x', operation: 'Other' }] },
        { managedFields: [] },
        { managedFields: null },
        { generation: 7, selfLink: 'x', creationTimestamp: '2020-01-01T00:00:00Z', deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 3 },
        { creationTimestamp: 'not a time' },
        { creationTimestamp: null, labels: {}, annotations: {}, finalizers: [], ownerReferences: [] },
        { namespace: 'other' },
        { namespace: 'default', generateName: 'x-' },
        { name: 'Not A Name' },
        { name: '' },
        { name: 5 },
        { name: null },
        { generation: '1' },
        { generation: 1.5 },
        { labels: [] },
        { finalizers: 'x' },
      ]),
    };
  }

  #query(): string {
    const { chance, pick } = { chance: (p: number) => this.#random.chance(p), pick: <T>(from: readonly T[]) => this.#random.pick(from) };
    const parts = [...(chance(0.5) ? [`fieldValidation=${pick(['Strict', 'Warn', 'Ignore'])}`] : []), ...(chance(0.15) ? ['dryRun=All'] : []), ...(chance(0.3) ? [`fieldManager=${pick(['one', 'two'])}`] : [])];
    return parts.length > 0 ? `?${parts.join('&')}` : '';
  }

  #both(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, earlier?: Answers): Promise<Answers> {
    return this.#exchange.both({ method, path, ...(body === undefined ? {} : { body: method === 'PATCH' && !String(headers['content-type']).includes('apply') ? textOf(body, '') : textOf(body), headers: { 'content-type': 'application/json', ...headers } }), ...(body === undefined ? { headers } : {}) }, earlier);
  }

  /** The address in the version of a body. */
  #at(body: Json, name = ''): string {
    return `${this.#path.replace('/v1/', `/${String(body['apiVersion']).split('/')[1]}/`)}${name && `/${name}`}`;
  }

  async #object(name: string): Promise<void> {
    for (let attempts = 0; attempts < 4; attempts += 1) {
      const body = this.#objectOf(name);
      const { gantry } = await this.#both('POST', this.#at(body) + this.#query(), body);
      if (gantry.status === 201) break;
    }
    await this.#both('GET', `${this.#path}/${name}`);
    await this.#change(name);
  }

  async #change(name: string): Promise<void> {
    const random = this.#random;
    for (let steps = 0; steps < 6; steps += 1) {
      const now = await this.#both('GET', `${this.#path}/${name}`);
      const subresource = random.pick(['', '', '', '/status', '/scale']);
      const writes = [() => this.#update(name, subresource, now), () => this.#mergePatch(name, subresource), () => this.#jsonPatch(name, subresource)];
      await random.pick(this.#applies ? [...writes, () => this.#apply(name, subresource), () => this.#apply(name, subresource), () => this.#apply(name, subresource)] : writes)();
    }
    await this.#both('GET', `${this.#path}/${name}`);
    if (this.#versions.length > 1) await this.#both('GET', `${this.#path.replace('/v1/', '/v2/')}/${name}`);
  }

  /**
   * Another number each time: of an update that does not change them, upstream splits the entry of who owns the replicas in two of the same identity, of which it forgets one at the next
   * write. Sometimes a number that is refused.
   */
  #nextReplicas(): number {
    this.#replicas += 1;
    return this.#random.chance(0.1) ? -1 : this.#replicas;
  }

  async #update(name: string, subresource: string, now: Answers): Promise<void> {
    const random = this.#random;
    if (subresource === '/scale') {
      const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name, namespace: 'default', ...(random.chance(0.5) ? { resourceVersion: '<resourceVersion>' } : {}) }, spec: { replicas: this.#nextReplicas() } };
      await this.#both('PUT', `${this.#path}/${name}/scale${this.#query()}`, scale, {}, now);
      return;
    }
    const body = this.#objectOf(name, random.chance(0.9) ? { resourceVersion: '<resourceVersion>', ...(random.chance(0.5) ? { uid: '<uid>' } : {}) } : {});
    await this.#both('PUT', this.#at(body, name) + subresource + this.#query(), body, {}, now);
  }

  async #mergePatch(name: string, subresource: string): Promise<void> {
    const { metadata, apiVersion: _apiVersion, kind: _kind, ...fields } = this.#objectOf(name);
    const random = this.#random;
    if (subresource === '/scale') {
      await this.#both('PATCH', `${this.#path}/${name}/scale${this.#query()}`, { spec: { replicas: this.#nextReplicas() } }, { 'content-type': 'application/merge-patch+json' });
      return;
    }
    const patch = random.chance(0.7) ? Object.fromEntries(Object.entries(fields).filter(() => random.chance(0.5))) : { ...fields, metadata };
    await this.#both('PATCH', `${this.#path}/${name}${subresource}${this.#query()}`, patch, { 'content-type': 'application/merge-patch+json' });
  }

  async #apply(name: string, subresource: string): Promise<void> {
    const random = this.#random;
    const { metadata, ...fields } = this.#objectOf(name);
    const { apiVersion, kind, ...own } = fields;
    const configuration = { apiVersion, kind, metadata: random.chance(0.8) ? { name } : metadata, ...Object.fromEntries(Object.entries(own).filter(() => random.chance(0.7))) };
    const query = [`fieldManager=${random.pick(['one', 'two', 'three'])}`, ...(random.chance(0.4) ? ['force=true'] : []), ...(random.chance(0.1) ? ['dryRun=All'] : []), ...(random.chance(0.3) ? [`fieldValidation=${random.pick(['Strict', 'Warn', 'Ignore'])}`] : [])];
    await this.#both('PATCH', `${this.#at(configuration, name)}${subresource === '/scale' ? '' : subresource}?${query.join('&')}`, configuration, { 'content-type': 'application/apply-patch+yaml' });
  }

  async #jsonPatch(name: string, subresource: string): Promise<void> {
    const random = this.#random;
    // Of the scale, see `nextReplicas`.
    if (subresource === '/scale') return;
    const body = this.#objectOf(name);
    const part = random.pick(['spec', 'status']);
    const fields = Object.entries((body[part] ?? {}) as Json);
    const operations = fields.filter(() => random.chance(0.4)).map(([key, value]) => ({ op: 'add', path: `/${part}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, value }));
    const more = random.pick<readonly Json[]>([[], [{ op: 'add', path: '/spec', value: body['spec'] ?? null }], [{ op: 'remove', path: '/spec/a' }], [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }], [{ op: 'test', path: '/spec/replicas', value: 1 }], [{ op: 'copy', from: '/spec', path: '/status' }], [{ op: 'add', path: '/unknown', value: 1 }]]);
    await this.#both('PATCH', `${this.#path}/${name}${subresource}${this.#query()}`, [...more, ...operations], { 'content-type': 'application/json-patch+json' });
  }

  async #lists(): Promise<void> {
    for (const version of this.#versions) await this.#both('GET', this.#path.replace('/v1/', `/${version}/`));
    await this.#both('GET', this.#path, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    await this.#both('GET', `${this.#path}/object-1`, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    await this.#both('GET', `${this.#path}/object-1/scale`);
    await this.#both('GET', `${this.#path}?fieldSelector=spec.replicas%3D1`);
  }
}
