import { builtinDefinitions } from '../../api/kinds/index.ts';
import { kindLookup } from '../../api/kinds/lookup.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { updateStrategy } from './updateStrategy.ts';

const kinds = kindLookup(builtinDefinitions);
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };

/** The metadata after a write of the status that sends other labels and annotations, and no owners. */
function afterStatusWrite(group: string, plural: string): unknown {
  const definition = kinds.byPlural(group, 'v1', plural)!;
  const previous: KubeObject = { apiVersion: 'v1', kind: definition.kind, metadata: { name: 'a', uid: '1', resourceVersion: '1', creationTimestamp: '', labels: { a: 'old' }, ownerReferences: [owner] } };
  const object: IncomingObject = { apiVersion: 'v1', kind: definition.kind, metadata: { name: 'a', labels: { a: 'new' }, annotations: { b: 'new' } } };
  updateStrategy('status')!.prepare(definition, object, previous, '');
  const { labels, annotations, ownerReferences } = object.metadata;
  return { labels: labels?.['a'], annotated: annotations !== undefined, owned: ownerReferences !== undefined };
}

test.each([
  ['apps', 'statefulsets', { labels: 'new', annotated: true, owned: false }],
  ['apps', 'deployments', { labels: 'old', annotated: true, owned: false }],
  ['', 'pods', { labels: 'new', annotated: true, owned: true }],
  ['storage.k8s.io', 'volumeattachments', { labels: 'old', annotated: false, owned: true }],
  ['flowcontrol.apiserver.k8s.io', 'flowschemas', { labels: 'old', annotated: false, owned: true }],
])('what a write of the status changes of the metadata: %s %s', (group, plural, expected) => {
  expect(afterStatusWrite(group, plural)).toEqual(expected);
});
