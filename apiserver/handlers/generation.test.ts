import { builtinDefinitions } from '../../api/kinds/index.ts';
import type { KubeObject } from '../../api/meta.ts';
import { raisesGeneration } from './update.ts';

const object = (metadata: object, content: object = {}): KubeObject => ({ apiVersion: '', kind: '', metadata: { name: 'a', uid: '', resourceVersion: '', creationTimestamp: '', ...metadata }, ...content });
const before = object({}, { spec: { replicas: 1 }, value: 1, ports: [], status: { replicas: 1 } });

const changes: Readonly<Record<string, KubeObject>> = {
  spec: { ...before, spec: { replicas: 2 }, value: 2, ports: [{}] } as KubeObject,
  status: { ...before, status: { replicas: 2 } } as KubeObject,
  labels: { ...before, metadata: { ...before.metadata, labels: { a: 'b' } } },
  annotations: { ...before, metadata: { ...before.metadata, annotations: { a: 'b' } } },
};

test.each<[string, string[], string[]]>([
  ['ConfigMap', [], []],
  ['ReplicaSet', ['spec'], ['spec']],
  ['Deployment', ['spec', 'annotations'], ['spec']],
  ['EndpointSlice', ['spec', 'labels'], ['spec']],
  ['PriorityClass', [], []],
])('what counts the generation of %s on: by itself %j, by a subresource %j', (kind, main, subresource) => {
  const definition = builtinDefinitions.find((each) => each.kind === kind)!;
  const raising = (isMain: boolean): string[] => Object.keys(changes).filter((name) => raisesGeneration(definition, isMain, changes[name]!, before));
  expect([raising(true), raising(false)]).toEqual([main, subresource]);
});

test.each([[true, true], [false, false]])('an empty list that comes counts where the resource is custom: %s', (isCustom, raises) => {
  const deployment = builtinDefinitions.find(({ kind }) => kind === 'Deployment')!;
  const definition = isCustom ? { ...deployment, custom: { definition: '', schema: {}, published: '', terminating: false, servesStorage: true, selectablePaths: [] } } : deployment;
  expect(raisesGeneration(definition, true, object({}, { spec: { list: [] } }), object({}, { spec: {} }))).toBe(raises);
});
