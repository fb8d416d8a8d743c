import type { FeatureGroup } from './features.ts';
import type { Operations } from './kubernetesOperations.ts';
import { VERBS_NOT_SERVED, VERSIONS_NOT_SERVED } from './notServed.ts';
import type { ServedKind } from './servedOperations.ts';

const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** docs/compatibility.md. Pure: the same code and tables give the same page. */
export function compatibilityPage(kinds: readonly ServedKind[], kubernetes: Operations, groups: readonly FeatureGroup[]): string {
  return [
    '# Compatibility with Kubernetes 1.36',
    '',
    'Generated from the code and the tests by `node test/compatibility/main.ts`; a test of the gate fails when the page is not what the code says.',
    'Kubernetes\' side is the description that Kubernetes publishes of its API, as the pinned client library was generated from it.',
    '',
    '## Features',
    '',
    'Each row names the tests that show it: `npx jest --selectProjects rig --testPathPatterns <name>`, or `--selectProjects unit` for what stands beside the code; `npm run test:clients` for those below `clients/`.',
    '',
    ...groups.flatMap(featureTable),
    '## Kinds',
    '',
    '`all` verbs are create, delete, deletecollection, get, list, patch, update and watch. The right column is empty where every operation of Kubernetes is served.',
    '',
    ...kindTables(kinds, kubernetes),
    '## Versions that are not served',
    '',
    'None of these is served by Kubernetes 1.36 with its default settings.',
    '',
    '| group and version | resources | why not |',
    '| --- | --- | --- |',
    ...[...kubernetes]
      .filter(([version]) => !kinds.some((kind) => kind.version === version))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([version, resources]) => `| \`${version}\` | ${[...resources.keys()].filter((name) => !name.includes('/')).join(', ')} | ${VERSIONS_NOT_SERVED[version] ?? 'no reason is known'} |`),
    '',
  ].join('\n');
}

function featureTable({ title, features }: FeatureGroup): string[] {
  return [
    `### ${title}`,
    '',
    '| feature | shown by | what doesn\'t work |',
    '| --- | --- | --- |',
    ...features.map(({ name, shownBy, lacks }) => `| ${name} | ${shownBy.map((path) => `\`${shortName(path)}\``).join(', ')} | ${lacks ?? ''} |`),
    '',
  ];
}

/** As `--testPathPatterns` takes it. */
const shortName = (path: string): string => path.replace(/^test\//, '').replace(/(\.test)?\.ts$/, '');

function kindTables(kinds: readonly ServedKind[], kubernetes: Operations): string[] {
  return [...new Set(kinds.map((kind) => kind.version))].flatMap((version) => [
    `### ${version}`,
    '',
    '| kind | resource | verbs | subresources | missing |',
    '| --- | --- | --- | --- | --- |',
    ...kinds.filter((kind) => kind.version === version).map((kind) => kindRow(kind, kubernetes)),
    '',
  ]);
}

function kindRow(kind: ServedKind, kubernetes: Operations): string {
  const subresources = [...kind.subresources].map(([name, verbs]) => `${name} (${[...verbs].sort().join(', ')})`);
  const missing = missingOperations(kind, kubernetes).map((each) => `${each}: ${VERBS_NOT_SERVED[`${kind.version} ${each}`] ?? 'no reason is known'}`);
  return `| ${kind.kind} | \`${kind.plural}\`${kind.namespaced ? '' : ' (of the cluster)'} | ${verbsOf(kind.verbs)} | ${subresources.join('; ')} | ${missing.join('; ')} |`;
}

const verbsOf = (verbs: readonly string[]): string => (ALL.every((verb) => verbs.includes(verb)) && verbs.length === ALL.length ? 'all' : [...verbs].sort().join(', '));

/** Operations of Kubernetes on this kind that are not served, e.g. `pods/log get`. */
export function missingOperations(kind: ServedKind, kubernetes: Operations): string[] {
  const described = kubernetes.get(kind.version) ?? new Map<string, ReadonlySet<string>>();
  return [...described]
    .filter(([resource]) => resource === kind.plural || resource.startsWith(`${kind.plural}/`))
    .flatMap(([resource, verbs]) => {
      const served = resource === kind.plural ? kind.verbs : (kind.subresources.get(resource.slice(kind.plural.length + 1)) ?? []);
      return [...verbs].filter((verb) => !served.includes(verb)).map((verb) => `${resource} ${verb}`);
    });
}
