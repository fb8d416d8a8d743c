import { RandomInput } from '../../../api/schema/randomInput.ts';
import { eventually } from '../../rig/processes.ts';
import { Differences, type Comparison } from '../oracle/comparison.ts';
import { comparable } from './exchange.ts';
import type { Pair, Side } from './referenceServer.ts';

type Json = Record<string, unknown>;

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = 'conflicts.example.com';
const SEED = 20_260_104;
const STEPS = 40;
/** Few names, so that definitions get into each other's way. */
const PLURALS: readonly string[] = ['ones', 'twos', 'threes'];
const RESOURCES: readonly string[] = ['ones', 'twos', 'one', 'two', 'o', 't'];
const KINDS: readonly string[] = ['One', 'Two', 'OneList', 'TwoList', 'Three'];

/** Definitions that want the same names, made, changed and deleted in random order: which of them are accepted, and what is served meanwhile. */
export async function compareNameConflicts(pair: Pair, seed = SEED): Promise<Comparison> {
  const differences = new Differences();
  const random = new RandomInput(seed);
  const both = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<void> => {
    const [gantry, kubernetes] = await Promise.all([pair.gantry, pair.kubernetes].map((side) => side.request(method, path, body, headers)));
    const told = ({ status, json }: NonNullable<typeof gantry>): string => (status < 300 ? 'taken' : `${status} ${json?.message}`);
    differences.compare({ method, path, body }, told(gantry!), told(kubernetes!));
  };
  for (let step = 0; step < STEPS; step += 1) {
    const plural = random.pick(PLURALS);
    const names = namesOf(random, plural);
    const path = `${DEFINITIONS}/${plural}.${GROUP}`;
    await random.pick([
      () => both('POST', DEFINITIONS, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.${GROUP}` }, spec: { group: GROUP, scope: 'Namespaced', names: { plural, ...names }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] } }),
      () => both('PATCH', path, { spec: { names } }, { 'content-type': 'application/merge-patch+json' }),
      () => both('DELETE', path),
    ])();
    const [gantry, kubernetes] = await alike(pair);
    differences.compare({ step, after: `${plural} ${JSON.stringify(names)}` }, gantry, kubernetes);
  }
  for (const side of [pair.gantry, pair.kubernetes]) for (const plural of PLURALS) await side.request('DELETE', `${DEFINITIONS}/${plural}.${GROUP}`);
  return differences;
}

function namesOf(random: RandomInput, plural: string): Json {
  const some = (chance: number, part: () => Json): Json => (random.chance(chance) ? part() : {});
  return {
    kind: random.pick(KINDS),
    ...some(0.5, () => ({ singular: random.pick(RESOURCES) })),
    ...some(0.5, () => ({ listKind: random.pick(KINDS) })),
    ...some(0.5, () => ({ shortNames: [...new Set([random.pick(RESOURCES), random.pick(RESOURCES)])] })),
    ...some(0.2, () => ({ shortNames: [plural] })),
    ...some(0.3, () => ({ categories: ['all'] })),
  };
}

/** What both say once they have settled: of all definitions, and of what is served. Kubernetes' controllers take their time, so what it says is asked again until it is what Gantry says. */
async function alike(pair: Pair): Promise<[string, string]> {
  let found: [string, string] = ['', ''];
  await eventually('both say the same', 3_000, async () => {
    found = await Promise.all([seen(pair.gantry), seen(pair.kubernetes)]);
    return found[0] === found[1] ? true : undefined;
  }).catch(() => undefined);
  return found;
}

async function seen(side: Side): Promise<string> {
  const { json } = await side.request('GET', DEFINITIONS);
  const definitions = (json.items as { metadata: { name: string }; spec: { group: string; names: Json }; status?: Json }[]).filter(({ spec }) => spec.group === GROUP);
  const served = await side.request('GET', `/apis/${GROUP}/v1`);
  const resources = ((served.json?.resources ?? []) as { name: string }[]).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const lists = await Promise.all(PLURALS.map(async (plural) => (await side.request('GET', `/apis/${GROUP}/v1/${plural}`)).json?.kind as string));
  return JSON.stringify(comparable([definitions.map(({ metadata, spec, status }) => [metadata.name, spec.names, status]), served.status, resources, lists]));
}
