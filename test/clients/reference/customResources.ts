import { eventually } from '../../rig/processes.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { Exchange } from './exchange.ts';
import type { Pair } from './referenceServer.ts';

const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'firsts.reference.example.com' },
  spec: {
    group: 'reference.example.com',
    scope: 'Namespaced',
    names: { plural: 'firsts', kind: 'First' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 } } } } } } }],
  },
};
const PATH = '/apis/reference.example.com/v1/namespaces/default/firsts';

/** The first steps of a custom resource. */
export async function compareFirstSteps(pair: Pair): Promise<Comparison> {
  const exchange = new Exchange(pair);
  await exchange.both({ method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: CRD });
  for (const side of [pair.gantry, pair.kubernetes]) await served(side, PATH);
  const object = { apiVersion: 'reference.example.com/v1', kind: 'First', metadata: { name: 'a' } };
  for (const spec of [{ size: 1, more: 2 }, { size: 0 }, { size: 'x' }, undefined]) await exchange.both({ method: 'POST', path: PATH, body: { ...object, ...(spec ? { spec } : {}) } });
  for (const name of ['a', 'missing']) await exchange.both({ method: 'GET', path: `${PATH}/${name}` });
  await exchange.both({ method: 'GET', path: PATH });
  await exchange.both({ method: 'DELETE', path: `${PATH}/a` });
  return exchange.differences;
}

/** Waits until a kind is served. */
export async function served(side: Pair['gantry'], path: string): Promise<void> {
  await eventually(`${path} is served`, 30_000, async () => ((await side.request('GET', path)).status === 200 ? true : undefined));
}
