import type { Comparison } from '../oracle/comparison.ts';
import { RawExchange } from './rawExchange.ts';
import type { Pair } from './referenceServer.ts';
import { API_VERSION, DEFINITIONS, global, GLOBALS, local, LOCALS, put, withKinds } from './requestKinds.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

const ACCEPTS = [
  '*/*', 'application/*', 'text/*', 'text/html', 'application/json;q=0.5,application/yaml', 'application/yaml;q=0.5,application/json;q=0.4', 'application/yaml', 'application/json;q=0', 'application/json; charset=utf-8', 'APPLICATION/JSON',
  'application/json;pretty=1', 'application/json;pretty=0', 'application/json;stream=watch', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', ';', ',', 'json', 'application/cbor',
  TABLE, `${TABLE},application/json`, TABLE.replace('v1', 'v1beta1'), TABLE.replace('v1', 'v2'), 'application/json;as=Table', 'application/json;as=Table;g=meta.k8s.io', 'application/json;as=Table;v=v1', 'application/json;as=Other;v=v1;g=meta.k8s.io', `${TABLE.replace('v1', 'v7')},application/json`,
  METADATA, METADATA_LIST, METADATA.replace('v1', 'v1beta1'), METADATA_LIST.replace('v1', 'v1beta1'), METADATA.replace('json', 'yaml'),
];

const AGENTS = ['curl/8.0', 'Wget/1.2', 'Mozilla/5.0 (X11)', 'kubectl/v1.36.0', 'my curl', 'Go-http-client/2.0'];

/** What of an answer's form a client may ask for. */
export async function compareForms(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  await put(pair, LOCALS, [local('a', { spec: { size: 1, color: 'yes', more: { text: 'a: b\n- c', number: 1.5, empty: {}, none: [], odd: '0644' } } }, { labels: { x: 'y' } }), local('b')]);
  for (const path of [LOCALS, `${LOCALS}/a`, `${LOCALS}/missing`, `${LOCALS}/a/scale`]) for (const accept of ACCEPTS) await exchange.both({ method: 'GET', path, headers: { accept } });
  for (const accept of ACCEPTS) {
    for (const path of [`${DEFINITIONS}/missing`, `/apis/${API_VERSION}/missing`]) await exchange.both({ method: 'GET', path, headers: { accept } });
    await exchange.both({ method: 'POST', path: LOCALS, headers: { accept }, body: local('c') });
    await exchange.both({ method: 'DELETE', path: `${LOCALS}/c`, headers: { accept } });
    await exchange.both({ method: 'DELETE', path: `${LOCALS}?labelSelector=none`, headers: { accept } });
  }
  for (const agent of AGENTS) for (const path of [LOCALS, `${LOCALS}/a`, `${LOCALS}/missing`, `${DEFINITIONS}/missing`]) await exchange.both({ method: 'GET', path, headers: { 'user-agent': agent } });
  for (const pretty of ['', 'true', 'false', '1', '0', 'x', 'T']) for (const path of [LOCALS, `${LOCALS}/a`, `${LOCALS}/missing`]) await exchange.both({ method: 'GET', path: `${path}?pretty=${pretty}`, headers: { 'user-agent': 'curl/8' } });
  for (const include of ['', 'None', 'Metadata', 'Object', 'other']) for (const accept of [TABLE, METADATA, 'application/json']) await exchange.both({ method: 'GET', path: `${LOCALS}?includeObject=${include}`, headers: { accept } });
  return exchange.differences;
}

const SELECTORS = ['a=b', 'a==b', 'a!=b', 'a in (b,c)', 'a notin (b)', 'a', '!a', 'a in', 'a in (', 'a=b=c', '=', ',', 'a,,b', 'a b', 'A_/b', 'a/b/c=d', 'a>1', 'a>x', 'a=b ', `a=${'x'.repeat(64)}`, `${'x'.repeat(64)}=a`, '(', 'a in (b', 'a in ()', 'a in (,)'];
const FIELDS = ['metadata.name=a', 'metadata.name!=a', 'metadata.name==a', 'metadata.namespace=default', 'spec.color=red', 'spec.size=1', 'x', 'x=', 'metadata.name=a,metadata.name=b', 'metadata.name=a,', 'metadata.name=a b', 'metadata.name=\\', 'metadata.labels=x', 'spec.color!=red', 'metadata.name=A_b', ''];
const VERSIONS = ['0', '1', '', 'x', '-1', '01', '1.5', '99999999999999999999', '999999999'];
const MATCHES = ['', 'Exact', 'NotOlderThan', 'exact', 'x'];

/** The options of lists and gets, right and faulty. */
export async function compareListOptions(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  await put(pair, LOCALS, ['a', 'b', 'c', 'd', 'e'].map((name, index) => local(name, { spec: { color: index % 2 ? 'red' : 'blue' } }, { labels: { a: index % 2 ? 'b' : 'c' } })));
  await put(pair, GLOBALS, [global('a')]);
  const get = (path: string): Promise<unknown> => exchange.both({ method: 'GET', path });
  for (const selector of SELECTORS) await get(`${LOCALS}?labelSelector=${encodeURIComponent(selector)}`);
  for (const selector of FIELDS) for (const path of [LOCALS, GLOBALS, `/apis/${API_VERSION}/locals`]) await get(`${path}?fieldSelector=${encodeURIComponent(selector)}`);
  for (const limit of ['0', '1', '2', '5', '6', '-1', 'x', '1.5', '', '+1', '99999999999999999999', '0x1', ' 1']) await get(`${LOCALS}?limit=${encodeURIComponent(limit)}`);
  for (const token of ['x', '', 'e30', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0', 'eyJ2IjoieCIsInJ2IjoxLCJzdGFydCI6ImEifQ', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhIn0', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTUsInN0YXJ0IjoiYVx1MDAwMCJ9', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTAwLCJzdGFydCI6Ii4uL2EifQ', '!!', 'bnVsbA']) {
    for (const more of ['', '&limit=1', '&resourceVersion=0', '&resourceVersion=5', '&resourceVersionMatch=Exact', '&resourceVersion=5&resourceVersionMatch=Exact']) await get(`${LOCALS}?continue=${token}${more}`);
  }
  for (const version of VERSIONS) {
    // What is to come is waited for, and then told in a time that each has of its own.
    if (version === '999999999') continue;
    for (const match of MATCHES) for (const more of ['', '&limit=2']) if (version !== '1') await get(`${LOCALS}?resourceVersion=${version}&resourceVersionMatch=${match}${more}`);
    await get(`${LOCALS}/a?resourceVersion=${version}`);
    await get(`${LOCALS}/missing?resourceVersion=${version}`);
  }
  for (const faulty of ['timeoutSeconds=x', 'timeoutSeconds=-1', 'timeoutSeconds=0', 'timeoutSeconds=1', 'allowWatchBookmarks=x', 'allowWatchBookmarks', 'watch=0', 'watch=false', 'sendInitialEvents=true', 'sendInitialEvents=false', 'sendInitialEvents=x', 'sendInitialEvents=', 'unknown=1', 'pretty=x', 'timeout=x', 'timeout=1s', 'timeout=-1s', 'timeout=0', 'timeout=5', 'shardSelector=x', 'limit=1&limit=2', 'limit=%zz', 'a=b;c', '%']) {
    for (const path of [LOCALS, `${LOCALS}/a`]) await get(`${path}?${faulty}`);
  }
  return exchange.differences;
}

/** Pages that are followed to their end. */
export async function comparePages(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  await put(pair, LOCALS, ['a', 'b', 'c', 'd', 'e'].map((name, index) => local(name, {}, { labels: { a: index % 2 ? 'b' : 'c' } })));
  for (const accept of ['application/json', TABLE, METADATA_LIST, 'application/yaml']) {
    for (const query of ['limit=2', 'limit=2&labelSelector=a%3Dc', 'limit=3&resourceVersion=0', 'limit=4']) {
      const next = { gantry: '', kubernetes: '' };
      do {
        const path = `${LOCALS}?${next.gantry === '' ? query : query.replace('&resourceVersion=0', '')}`;
        const { gantry, kubernetes } = await exchange.both({ method: 'GET', path, headers: { accept } }, (request, side) => ({ ...request, path: next[side] === '' ? path : `${path}&continue=${next[side]}` }));
        next.gantry = tokenOf(gantry.text);
        next.kubernetes = tokenOf(kubernetes.text);
      } while (next.gantry !== '' && next.kubernetes !== '');
    }
  }
  return exchange.differences;
}

const tokenOf = (text: string): string => /"?continue"?: ?"?([A-Za-z0-9_-]+)/.exec(text)?.[1] ?? '';
