import type { Comparison } from '../oracle/comparison.ts';
import { RawExchange, type RawAnswer } from './rawExchange.ts';
import type { Pair, Side } from './referenceServer.ts';
import { local, LOCALS, put, withKinds } from './requestKinds.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };

/** What watches may be asked for. Not for bookmarks: the reference refuses them, since it does not learn in time that etcd can tell of progress. */
const QUERIES = [
  '', 'resourceVersion=0', 'labelSelector=l%3Dv', 'fieldSelector=metadata.name%3Da', 'fieldSelector=spec.color%3Dred',
  'sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
];
/** And what is refused at once, or begins with a refusal. */
const FAULTS = ['resourceVersion=x', 'resourceVersion=-1', 'resourceVersionMatch=Exact', 'resourceVersionMatch=NotOlderThan', 'sendInitialEvents=true', 'sendInitialEvents=true&resourceVersionMatch=Exact', 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x', 'labelSelector=%3D%3D', 'fieldSelector=x%3Dy', 'timeoutSeconds=x', 'limit=x'];

/** Watches as raw bytes, while objects come, change and go. */
export async function compareWatches(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  await put(pair, LOCALS, [local('a', { spec: { color: 'red' } }, { labels: { l: 'v' } }), local('b')]);
  for (const query of FAULTS) for (const accept of ['application/json', TABLE]) await exchange.both({ method: 'GET', path: `${LOCALS}?watch=true&${query}`, headers: { accept } });
  await exchange.both({ method: 'GET', path: `${LOCALS}/a?watch=true` });
  for (const accept of ['application/yaml', 'text/html']) await exchange.both({ method: 'GET', path: `${LOCALS}?watch=true&timeoutSeconds=1`, headers: { accept } });
  // Less at a time than a side's agent has connections.
  const watches = [
    ...QUERIES.map((query) => ({ method: 'GET', path: `${LOCALS}?watch=true&timeoutSeconds=2&${query}` })),
    ...['', 'fieldSelector=metadata.name%3Da', 'fieldSelector=spec.color%3Dred', 'labelSelector=l%3Dv'].map((query) => ({ method: 'GET', path: `${LOCALS.replace('/namespaces', '/watch/namespaces')}/a?timeoutSeconds=2&${query}` })),
    { method: 'GET', path: `${LOCALS.replace('/namespaces', '/watch/namespaces')}?timeoutSeconds=2` },
    ...[TABLE, METADATA, 'application/json;stream=watch', 'application/json;pretty=1'].flatMap((accept) => ['', 'labelSelector=l%3Dv'].map((query) => ({ method: 'GET', path: `${LOCALS}?watch=true&timeoutSeconds=2&${query}`, headers: { accept } }))),
  ];
  const answers: Promise<{ readonly gantry: RawAnswer; readonly kubernetes: RawAnswer }>[] = [];
  for (const watch of watches) answers.push(exchange.both(watch));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await Promise.all([change(pair.gantry), change(pair.kubernetes)]);
  await Promise.all(answers);
  return exchange.differences;
}

async function change(side: Side): Promise<void> {
  await side.request('POST', LOCALS, local('c', { spec: { color: 'red' } }, { labels: { l: 'v' } }));
  await side.request('PATCH', `${LOCALS}/a`, '{"spec":{"color":"blue"}}', MERGE_PATCH);
  await side.request('PATCH', `${LOCALS}/c`, '{"metadata":{"labels":null}}', MERGE_PATCH);
  await side.request('PATCH', `${LOCALS}/b`, '{"metadata":{"labels":{"l":"v"}}}', MERGE_PATCH);
  await side.request('DELETE', `${LOCALS}/a`);
  await side.request('DELETE', `${LOCALS}/b`);
}
