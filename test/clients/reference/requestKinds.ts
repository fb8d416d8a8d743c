import { served } from './customResources.ts';
import type { Pair, Side } from './referenceServer.ts';

const GROUP = 'requests.example.com';
export const API_VERSION = `${GROUP}/v1`;
/** Where objects of a kind in a namespace are, and those of a kind without. */
export const LOCALS = `/apis/${API_VERSION}/namespaces/default/locals`;
export const GLOBALS = `/apis/${API_VERSION}/globals`;
export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const SCHEMA = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { size: { type: 'integer' }, color: { type: 'string' }, replicas: { type: 'integer' }, parts: { type: 'array', items: { type: 'string' } }, more: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
    status: { type: 'object', properties: { phase: { type: 'string' }, replicas: { type: 'integer' } } },
  },
};

const definition = (plural: string, kind: string, scope: string): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${GROUP}` },
  spec: {
    group: GROUP,
    scope,
    names: { plural, kind, shortNames: [plural.slice(0, 2)], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: SCHEMA },
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
        selectableFields: [{ jsonPath: '.spec.color' }],
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }, { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 }],
      },
      { name: 'v2', served: false, storage: false, schema: { openAPIV3Schema: { ...SCHEMA, description: 'Another one.' } } },
    ],
  },
});

export const local = (name: string, more: object = {}, metadata: object = {}): object => ({ apiVersion: API_VERSION, kind: 'Local', metadata: { name, ...metadata }, ...more });
export const global = (name: string, more: object = {}): object => ({ apiVersion: API_VERSION, kind: 'Global', metadata: { name }, ...more });

/** Has both sides serve two kinds, of which there is nothing. */
export async function withKinds(pair: Pair): Promise<void> {
  for (const [plural, kind, scope, path] of [['locals', 'Local', 'Namespaced', LOCALS], ['globals', 'Global', 'Cluster', GLOBALS]] as const) {
    await Promise.all(
      [pair.gantry, pair.kubernetes].map(async (side) => {
        const { status, text } = await side.request('POST', DEFINITIONS, definition(plural, kind, scope));
        if (status !== 201 && status !== 409) throw new Error(`${status}: ${text}`);
        await served(side, path);
        await side.request('DELETE', path);
      }),
    );
  }
}

/** The objects of a path on both sides, as somebody puts them there whose answers are not compared. */
export async function put(pair: Pair, path: string, objects: readonly object[]): Promise<void> {
  const all = async (side: Side): Promise<void> => {
    for (const object of objects) {
      const { status, text } = await side.request('POST', path, object);
      if (status !== 201) throw new Error(`${status}: ${text}`);
    }
  };
  await Promise.all([all(pair.gantry), all(pair.kubernetes)]);
}
