import { eventually } from '../../rig/processes.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { BASE, CASES, type Changes } from './definitionCases.ts';
import { Exchange } from './exchange.ts';
import type { Pair } from './referenceServer.ts';

type Json = Record<string, unknown>;

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const NAME = 'cases.definitions.example.com';

/** What is said of definitions, each made anew and as an update of a valid one. */
export async function compareDefinitions(pair: Pair): Promise<Comparison> {
  const exchange = new Exchange(pair);
  for (const changes of CASES) await exchange.both({ method: 'POST', path: `${PATH}?dryRun=All`, body: changed(BASE, changes) });
  await exchange.both({ method: 'POST', path: PATH, body: BASE });
  for (const side of [pair.gantry, pair.kubernetes]) await settled(side, NAME);
  await exchange.both({ method: 'GET', path: `${PATH}/${NAME}` });
  for (const type of ['application/json;as=Table;v=v1;g=meta.k8s.io', 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io']) {
    await exchange.both({ method: 'GET', path: `${PATH}/${NAME}`, headers: { accept: type } });
  }
  for (const changes of CASES) {
    const metadata = { ...(changed(BASE, changes)['metadata'] as Json), name: NAME };
    await exchange.eachWith(
      (side) => side.request('GET', `${PATH}/${NAME}`),
      ({ json }) => ({ method: 'PUT', path: `${PATH}/${NAME}?dryRun=All`, body: { ...changed(json as Json, changes), metadata: { ...(json as { metadata: Json }).metadata, ...metadata } } }),
    );
  }
  const patch = (type: string, body: unknown): Promise<unknown> => exchange.both({ method: 'PATCH', path: `${PATH}/${NAME}?fieldManager=me`, headers: { 'content-type': `application/${type}` }, body });
  await patch('merge-patch+json', { metadata: { labels: { a: 'b' } }, spec: { conversion: { strategy: 'None' } } });
  await patch('strategic-merge-patch+json', { metadata: { annotations: { c: 'd' } } });
  await patch('json-patch+json', [{ op: 'add', path: '/metadata/labels/e', value: 'f' }]);
  await patch('apply-patch+yaml', { apiVersion: BASE['apiVersion'], kind: BASE['kind'], metadata: { name: NAME, labels: { a: 'x' } } });
  await patch('apply-patch+yaml', { apiVersion: BASE['apiVersion'], kind: BASE['kind'], metadata: { name: NAME, labels: { g: 'h' } } });
  await exchange.both({ method: 'DELETE', path: `${PATH}/${NAME}` });
  return exchange.differences;
}

/** Waits until the names of a definition are accepted and it is served. */
async function settled(side: Pair['gantry'], name: string): Promise<void> {
  await eventually(`${name} is established`, 30_000, async () => {
    const { json } = await side.request('GET', `${PATH}/${name}`);
    return (json.status?.conditions ?? []).some((each: { type: string; status: string }) => each.type === 'Established' && each.status === 'True') ? true : undefined;
  });
}

/** A copy with what `changes` says at each path. */
function changed(base: Json, changes: Changes): Json {
  const copy = structuredClone(base);
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop()!;
    let at = copy;
    for (const name of names) at = (at[name] ??= {}) as Json;
    if (value === undefined) delete at[last];
    else at[last] = structuredClone(value);
  }
  return copy;
}
