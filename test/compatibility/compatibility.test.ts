import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { FEATURES } from './featureTable.ts';
import { kubernetesOperations } from './kubernetesOperations.ts';
import { VERBS_NOT_SERVED, VERSIONS_NOT_SERVED } from './notServed.ts';
import { compatibilityPage, missingOperations } from './page.ts';
import { servedKinds } from './servedOperations.ts';

const kubernetes = kubernetesOperations();
const kinds = servedKinds();

test('Kubernetes\' operations are read as they are', () => {
  expect([...kubernetes.get('v1')!.get('pods')!].sort()).toEqual(['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']);
  expect([...kubernetes.get('v1')!.get('namespaces/finalize')!]).toEqual(['update']);
  expect([...kubernetes.get('apps/v1')!.get('deployments/scale')!].sort()).toEqual(['get', 'patch', 'update']);
});

test('every version that is not served has its reason, and none that is served', () => {
  const notServed = [...kubernetes.keys()].filter((version) => !kinds.some((kind) => kind.version === version));
  expect(Object.keys(VERSIONS_NOT_SERVED).sort()).toEqual(notServed.sort());
});

test('every operation of Kubernetes on a kind that is served is served, or has its reason', () => {
  const missing = kinds.flatMap((kind) => missingOperations(kind, kubernetes).map((each) => `${kind.version} ${each}`));
  expect(missing.sort()).toEqual(Object.keys(VERBS_NOT_SERVED).sort());
  for (const [version, resources] of kubernetes) {
    if (VERSIONS_NOT_SERVED[version] !== undefined) continue;
    const unknown = [...resources.keys()].filter((name) => !kinds.some((kind) => kind.version === version && kind.plural === name.split('/')[0]));
    expect({ version, unknown }).toEqual({ version, unknown: [] });
  }
});

test('nothing is served that Kubernetes does not describe', () => {
  const more = kinds.flatMap((kind) => {
    const served = [[kind.plural, kind.verbs] as const, ...[...kind.subresources].map(([name, verbs]) => [`${kind.plural}/${name}`, verbs] as const)];
    return served.flatMap(([resource, verbs]) => verbs.filter((verb) => !kubernetes.get(kind.version)?.get(resource)?.has(verb)).map((verb) => `${kind.version} ${resource} ${verb}`));
  });
  expect(more).toEqual([]);
});

test('every test that a feature names is there', () => {
  const named = FEATURES.flatMap(({ features }) => features.flatMap(({ shownBy }) => shownBy));
  expect(named.filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
});

test('docs/compatibility.md is what the code says', () => {
  expect(readFileSync(join(repositoryRoot, 'docs/compatibility.md'), 'utf8')).toBe(compatibilityPage(kinds, kubernetes, FEATURES));
});
