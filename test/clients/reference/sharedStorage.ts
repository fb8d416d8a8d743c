import { type Comparison, Differences } from '../oracle/comparison.ts';
import { served } from './customResources.ts';
import { comparable } from './exchange.ts';
import type { Pair, Side } from './referenceServer.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = 'stored.example.com';
const WRITERS = ['gantry', 'kubernetes'] as const;

const definition = (writer: string): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `by${writer}s.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: `by${writer}s`, kind: `By${writer}` },
    versions: ['v1', 'v2'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'Data', type: 'string', jsonPath: '.data.metadata.name' }],
      selectableFields: [{ jsonPath: '.kindly' }],
      schema: { openAPIV3Schema: { type: 'object', properties: { data: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, kindly: { type: 'string' }, count: { type: 'integer', default: 1 } } } },
    })),
  },
});

/** That a cluster's data can be taken over: definitions and objects that either server wrote to an etcd are read and changed by the other. */
export async function compareSharedStorage(start: (flags: readonly string[]) => Promise<Pair>): Promise<Comparison> {
  const pair = await start(['--etcd-prefix=/registry']);
  try {
    const differences = new Differences();
    const alike = async (path: string): Promise<void> => {
      const [gantry, kubernetes] = await Promise.all([contents(pair.gantry, path), contents(pair.kubernetes, path)]);
      differences.compare(path, gantry, kubernetes);
    };
    for (const writer of WRITERS) {
      await pair[writer].request('POST', DEFINITIONS, definition(writer));
      const path = `/apis/${GROUP}/v1/namespaces/default/by${writer}s`;
      for (const side of WRITERS) await served(pair[side], path);
      await alike(`${DEFINITIONS}/by${writer}s.${GROUP}`);
      for (const side of WRITERS) {
        const object = { apiVersion: `${GROUP}/v1`, kind: `By${writer}`, metadata: { name: `of-${side}`, labels: { a: 'b' } }, data: { '"metadata":{': 1, list: [{ metadata: { name: '}{' } }], metadata: { name: 'x<&>é', resourceVersion: 'own' } }, kindly: 'k' };
        await pair[side].request('POST', path, object);
        await alike(`${path}/of-${side}`);
        const other = side === 'gantry' ? 'kubernetes' : 'gantry';
        await pair[other].request('PATCH', `${path}/of-${side}`, { count: 2, data: { metadata: { more: 1.5 } } }, { 'content-type': 'application/merge-patch+json' });
        await alike(`${path}/of-${side}`);
        await alike(`${path.replace('/v1/', '/v2/')}/of-${side}`);
      }
      await alike(`${path}?fieldSelector=kindly%3Dk`);
    }
    return differences;
  } finally {
    await pair.close();
  }
}

/** With the versions and names that both have in common. */
async function contents(side: Side, path: string): Promise<string> {
  const { status, json } = await side.request('GET', path);
  const { metadata } = json as { readonly metadata?: { readonly resourceVersion?: string; readonly uid?: string } };
  return JSON.stringify([status, metadata?.uid, path.includes('?') ? '' : metadata?.resourceVersion, comparable(json)]);
}
