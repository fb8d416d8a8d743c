/** One request about a large object. */
export interface LargeRequest {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  /** What it is answered with. */
  readonly status: number;
}

const NAMESPACE = '/api/v1/namespaces/default';
const GROUP = 'turns.example.com';
const CUSTOM = `/apis/${GROUP}/v1/namespaces/default`;
/** Of a map whose object is a little below what etcd takes, with the owners of its fields. */
const MANY = 30_000;
/** Of what is refused: 2.5 MB. */
const FAULTS = 200_000;

const named = <T>(count: number, value: (index: number) => T, name = 'key'): Record<string, T> => Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, value(index)]));
const list = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => item(index));

const configMap = (name: string, data: Record<string, string>): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const pod = (name: string, spec: object): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'a', image: 'b' }], ...spec } });
const custom = (name: string, kind: string, spec: unknown): object => ({ apiVersion: `${GROUP}/v1`, kind, metadata: { name }, spec });

/** Every way to write an object, and to read it. */
function lifeOf(what: string, collection: string, name: string, object: object, changed: object, field: string): LargeRequest[] {
  const path = `${collection}/${name}`;
  const strategic = collection.startsWith('/api/');
  return [
    { name: `${what}: create`, method: 'POST', path: collection, body: object, status: 201 },
    { name: `${what}: get`, method: 'GET', path, status: 200 },
    { name: `${what}: put`, method: 'PUT', path, body: changed, status: 200 },
    { name: `${what}: JSON patch of one field`, method: 'PATCH', path, body: [{ op: 'add', path: field, value: 'YWFh' }], type: 'application/json-patch+json', status: 200 },
    { name: `${what}: merge patch of the whole`, method: 'PATCH', path, body: object, type: 'application/merge-patch+json', status: 200 },
    ...(strategic ? [{ name: `${what}: strategic patch of the whole`, method: 'PATCH', path, body: changed, type: 'application/strategic-merge-patch+json', status: 200 }] : []),
    { name: `${what}: apply`, method: 'PATCH', path: `${path}?fieldManager=bench&force=true`, body: object, type: 'application/apply-patch+yaml', status: 200 },
    { name: `${what}: apply again, changed`, method: 'PATCH', path: `${path}?fieldManager=bench&force=true`, body: changed, type: 'application/apply-patch+yaml', status: 200 },
    { name: `${what}: label`, method: 'PATCH', path, body: { metadata: { labels: { a: 'b' } } }, type: 'application/merge-patch+json', status: 200 },
    { name: `${what}: list`, method: 'GET', path: collection, status: 200 },
    { name: `${what}: table`, method: 'GET', path: collection, accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', status: 200 },
    { name: `${what}: list with a selector`, method: 'GET', path: `${collection}?labelSelector=a`, status: 200 },
    { name: `${what}: list as protobuf`, method: 'GET', path: collection, accept: 'application/vnd.kubernetes.protobuf, application/json', status: 200 },
    { name: `${what}: watch`, method: 'GET', path: `${collection}?watch=true&timeoutSeconds=1`, status: 200 },
    { name: `${what}: deletecollection`, method: 'DELETE', path: collection, status: 200 },
  ];
}

const metadataOf = (name: string, metadata: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata } });

const refused = (what: string, path: string, body: object): LargeRequest => ({ name: `refused: ${what}`, method: 'POST', path, body, status: 422 });

/** A kind whose fields are of every sort. */
export function definition(): object {
  const text = { type: 'string' };
  const item = { type: 'object', properties: { name: text, value: { type: 'string', default: 'x' } }, required: ['name'] };
  const properties = {
    plain: { type: 'array', items: item },
    keyed: { type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
    set: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    map: { type: 'object', additionalProperties: text },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } };
  const names = { plural: 'turns', singular: 'turn', kind: 'Turn' };
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `turns.${GROUP}` }, spec: { group: GROUP, scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema }] } };
}

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

function largeDefinition(): object {
  const group = 'large.example.com';
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: named(15_000, () => ({ type: 'string', maxLength: 10 })) } } } };
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `larges.${group}` }, spec: { group, scope: 'Namespaced', names: { plural: 'larges', singular: 'large', kind: 'Large' }, versions: [{ name: 'v1', served: true, storage: true, schema }] } };
}

/** The requests, in the order in which they are made. */
export function largeRequests(): LargeRequest[] {
  const configMaps = `${NAMESPACE}/configmaps`;
  const pods = `${NAMESPACE}/pods`;
  const turns = `${CUSTOM}/turns`;
  const items = (count: number, value: string): object[] => list(count, (index) => ({ name: `item${index}`, value }));
  const customs = (what: string, spec: (value: string) => object, field: string): LargeRequest[] => lifeOf(what, turns, 'large', custom('large', 'Turn', spec('a')), custom('large', 'Turn', spec('b')), field);
  return [
    ...lifeOf(`ConfigMap of ${MANY} keys`, configMaps, 'large', configMap('large', named(MANY, () => 'a')), configMap('large', named(MANY, () => 'b')), '/data/more'),
    { name: 'ConfigMap of 80000 keys: create', method: 'POST', path: configMaps, body: configMap('larger', named(80_000, () => '')), status: 201 },
    ...lifeOf('Secret of 20000 keys', `${NAMESPACE}/secrets`, 'large', { ...configMap('large', named(20_000, () => 'YWFh')), kind: 'Secret' }, { ...configMap('large', named(20_000, () => 'YmJi')), kind: 'Secret' }, '/data/more'),
    ...lifeOf('20000 labels', configMaps, 'labels', metadataOf('labels', { labels: named(20_000, () => 'a') }), metadataOf('labels', { labels: named(20_000, () => 'b') }), '/metadata/labels/more'),
    { name: '15000 finalizers: create', method: 'POST', path: configMaps, body: metadataOf('finalizers', { finalizers: list(15_000, (index) => `example.com/f${index}`) }), status: 201 },
    { name: '5000 ownerReferences: create', method: 'POST', path: configMaps, body: metadataOf('owners', { ownerReferences: list(5_000, (index) => ({ apiVersion: 'v1', kind: 'Node', name: `n${index}`, uid: `u${index}` })) }), status: 201 },
    ...lifeOf('Pod of 5000 tolerations', pods, 'large', pod('large', { tolerations: list(5_000, (index) => ({ key: `key${index}`, operator: 'Exists', effect: 'NoExecute' })) }), pod('large', { tolerations: list(5_001, (index) => ({ key: `key${index}`, operator: 'Exists', effect: 'NoExecute' })) }), '/metadata/annotations').filter(({ name }) => /create|get|label|list|watch|deletecollection/.test(name)),
    { name: 'Pod of 8000 env: create', method: 'POST', path: pods, body: pod('env', { containers: [{ name: 'a', image: 'b', env: list(8_000, (index) => ({ name: `E${index}`, value: 'x' })) }] }), status: 201 },
    { name: 'Pod of 1500 containers: create', method: 'POST', path: pods, body: pod('containers', { containers: list(1_500, (index) => ({ name: `c${index}`, image: 'b' })) }), status: 201 },
    { name: 'Pod of 5000 volumes: create', method: 'POST', path: pods, body: pod('volumes', { volumes: list(5_000, (index) => ({ name: `v${index}`, emptyDir: {} })) }), status: 201 },
    ...customs('custom, 12000 items', (value) => ({ plain: items(12_000, value) }), '/spec/plain/0/value'),
    ...customs('custom, keyed list of 5000', (value) => ({ keyed: items(5_000, value) }), '/spec/keyed/0/value'),
    ...customs('custom, set of 15000', (value) => ({ set: list(15_000, (index) => `${value}${index}`) }), '/spec/set/0'),
    ...customs('custom, map of 20000', (value) => ({ map: named(20_000, () => value) }), '/spec/map/more'),
    ...customs('custom, free of 20000', (value) => ({ free: named(20_000, () => value) }), '/spec/free/more'),
    { name: 'Service of 5000 ports: create', method: 'POST', path: `${NAMESPACE}/services`, body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'large' }, spec: { ports: list(5_000, (index) => ({ name: `p${index}`, port: index + 1 })) } }, status: 201 },
    { name: 'EndpointSlice of 1000: create', method: 'POST', path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', body: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', metadata: { name: 'large' }, endpoints: list(1_000, (index) => ({ addresses: list(40, (each) => `10.${each}.${index >> 8}.${index & 255}`) })) }, status: 201 },
    { name: 'Role of 8000 rules: create', method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'large' }, rules: list(8_000, (index) => ({ apiGroups: [''], resources: [`r${index}`], verbs: ['get'] })) }, status: 201 },
    { name: 'CRD of 15000 properties: create', method: 'POST', path: DEFINITIONS, body: largeDefinition(), status: 201 },
    refused('100000 tolerations', pods, pod('bad', { tolerations: list(FAULTS / 2, () => ({ effect: 'x' })) })),
    refused('100000 env', pods, pod('bad', { containers: [{ name: 'a', image: 'b', env: list(FAULTS / 2, () => ({ name: '=' })) }] })),
    refused('100000 labels', configMaps, metadataOf('bad', { labels: named(FAULTS / 2, () => '!', '-') })),
    refused('200000 finalizers', configMaps, metadataOf('bad', { finalizers: list(FAULTS, (index) => `-${index}`) })),
    refused('100000 annotations', configMaps, metadataOf('bad', { annotations: named(FAULTS / 2, () => '', '-') })),
    refused('150000 keys', configMaps, configMap('bad', named(150_000, () => '', '!'))),
    refused('custom, 100000 items', turns, custom('bad', 'Turn', { plain: list(FAULTS / 2, () => ({ name: 1 })) })),
    refused('custom, keyed list of 100000', turns, custom('bad', 'Turn', { keyed: list(FAULTS / 2, () => ({ name: 'a' })) })),
    refused('custom, set of 300000', turns, custom('bad', 'Turn', { set: list(300_000, () => 'a') })),
  ];
}
