import type { Request } from './exchange.ts';
import { gate, gatesPath, GROUP } from './gates.ts';
import type { Pair } from './referenceServer.ts';

/** Namespaces whose requests are written down in their own way. */
export const LEVELS = ['metadata', 'request', 'response', 'owners', 'silent', 'late'] as const;

const inNamespace = (...namespaces: string[]): object => ({ resources: [{ group: GROUP }], namespaces });

export const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitManagedFields: true,
  rules: [
    { level: 'None', nonResourceURLs: ['/healthz*'] },
    { level: 'RequestResponse', users: ['heard'], omitStages: ['RequestReceived'] },
    { level: 'Metadata', ...inNamespace('metadata') },
    { level: 'Request', ...inNamespace('request') },
    { level: 'RequestResponse', ...inNamespace('response') },
    { level: 'RequestResponse', omitManagedFields: false, ...inNamespace('owners') },
    { level: 'None', ...inNamespace('silent') },
    { level: 'RequestResponse', omitStages: ['RequestReceived', 'ResponseStarted'], ...inNamespace('late') },
    { level: 'Request', verbs: ['list', 'watch'], resources: [{ group: GROUP, resources: ['gates'] }] },
    { level: 'RequestResponse', resources: [{ group: GROUP, resources: ['gates/scale', '*/status'] }] },
    { level: 'Metadata', userGroups: ['system:unauthenticated'] },
    { level: 'RequestResponse', nonResourceURLs: ['/version', '/apis*', '/nothing'] },
    { level: 'Metadata' },
  ],
};

/** Nothing yet; webhooks and policies come here. */
export async function prepareAudited(_pair: Pair): Promise<void> {}

const json = (type: string): Record<string, string> => ({ 'content-type': `application/${type}` });

/** The life of a Gate in a namespace, with what can go wrong in it. */
function lifeIn(namespace: string): Request[] {
  const path = gatesPath('v1', namespace);
  const one = `${path}/a`;
  const body = gate('a');
  const yaml = `apiVersion: ${GROUP}/v1\nkind: Gate\nmetadata: {name: yaml, labels: {case: yaml}}\nspec: {replicas: 2, odd: 1}\n`;
  return [
    { method: 'POST', path, body },
    { method: 'POST', path, body },
    { method: 'POST', path: `${path}?dryRun=All&fieldManager=me&fieldValidation=Strict&pretty=true`, body: gate('b') },
    { method: 'POST', path: `${path}?fieldValidation=Strict`, body: { ...gate('b'), more: 1 } },
    { method: 'POST', path, body: gate('b', { replicas: -1 }) },
    { method: 'POST', path, body: gate('b', { replicas: 'x' }) },
    { method: 'POST', path, body: { ...gate('c'), more: { a: 1 }, metadata: { generateName: 'c-', labels: { a: 'b' } } } },
    { method: 'POST', path, body: '{"broken' },
    { method: 'POST', path, body: '' },
    { method: 'POST', path, body: { kind: 'Other', apiVersion: 'v1' } },
    { method: 'POST', path, body: { ...gate('d'), metadata: { name: 'd', namespace: 'other' } } },
    { method: 'POST', path: gatesPath('v2', namespace), body: { ...gate('e'), apiVersion: `${GROUP}/v2` } },
    { method: 'POST', path, body: yaml, headers: json('yaml') },
    { method: 'POST', path, body: 'x', headers: json('odd') },
    { method: 'GET', path: one },
    { method: 'GET', path: `${one}?pretty=1&resourceVersion=0`, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } },
    { method: 'GET', path: one, headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } },
    { method: 'GET', path: one, headers: { accept: 'application/yaml' } },
    { method: 'HEAD', path: one },
    { method: 'GET', path: `${path}/missing` },
    { method: 'GET', path: `${path}?labelSelector=case%3Da&limit=1` },
    { method: 'GET', path: `${path}?labelSelector=%21%21` },
    { method: 'GET', path, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
    { method: 'GET', path, headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' } },
    { method: 'GET', path: `${path}?watch=1&timeoutSeconds=1&resourceVersion=0` },
    { method: 'GET', path: `${path}?watch=1&resourceVersion=odd` },
    { method: 'PUT', path: one, body: gate('a', { replicas: 3 }) },
    { method: 'PUT', path: one, body: gate('a', { replicas: 3 }, 'other') },
    { method: 'PUT', path: one, body: gate('a', {}, 'a', { resourceVersion: '1' }) },
    { method: 'PUT', path: `${path}/n`, body: gate('n', {}, 'n') },
    { method: 'PATCH', path: one, body: { spec: { replicas: 4 } }, headers: json('merge-patch+json') },
    { method: 'PATCH', path: one, body: { spec: { replicas: -4 } }, headers: json('merge-patch+json') },
    { method: 'PATCH', path: one, body: [{ op: 'replace', path: '/spec/text', value: 'p' }], headers: json('json-patch+json') },
    { method: 'PATCH', path: one, body: [{ op: 'test', path: '/spec/text', value: 'q' }], headers: json('json-patch+json') },
    { method: 'PATCH', path: one, body: {}, headers: json('strategic-merge-patch+json') },
    { method: 'PATCH', path: one, body: {}, headers: json('json') },
    { method: 'PATCH', path: `${path}/applied?fieldManager=me&force=true`, body: { apiVersion: `${GROUP}/v1`, kind: 'Gate', metadata: { name: 'applied' }, spec: { text: 'x' } }, headers: json('apply-patch+yaml') },
    { method: 'PATCH', path: `${path}/applied`, body: { apiVersion: `${GROUP}/v1`, kind: 'Gate', metadata: { name: 'applied' } }, headers: json('apply-patch+yaml') },
    { method: 'PATCH', path: `${path}/missing`, body: {}, headers: json('merge-patch+json') },
    { method: 'GET', path: `${one}/status` },
    { method: 'PATCH', path: `${one}/status`, body: { status: { phase: 'x' } }, headers: json('merge-patch+json') },
    { method: 'PUT', path: `${one}/status`, body: gate('a', {}, 'a') },
    { method: 'GET', path: `${one}/scale` },
    { method: 'PUT', path: `${one}/scale`, body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a', namespace }, spec: { replicas: 5 } } },
    { method: 'PATCH', path: `${one}/scale`, body: { spec: { replicas: 6 } }, headers: json('merge-patch+json') },
    { method: 'GET', path: `${one}/odd` },
    { method: 'DELETE', path: `${path}/missing` },
    { method: 'DELETE', path: `${one}?dryRun=All` },
    { method: 'DELETE', path: one, body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' } },
    { method: 'DELETE', path: `${path}?labelSelector=case%3Dyaml` },
    { method: 'DELETE', path, body: { propagationPolicy: 'Orphan' } },
    { method: 'GET', path: one, headers: { 'impersonate-user': 'nobody', 'impersonate-group': 'system:masters', 'impersonate-extra-a': 'b', 'impersonate-uid': '5' } },
    { method: 'GET', path: one, headers: { 'impersonate-group': 'system:masters' } },
  ];
}

/** The requests, in their order: the namespaces one after the other, and what belongs to none. */
export function auditedRequests(): Request[] {
  const path = gatesPath();
  return [
    // A watch lasts a second.
    ...['metadata', 'request'].flatMap((namespace) => lifeIn(namespace).filter(({ path: each }) => !each.includes('timeoutSeconds'))),
    ...lifeIn('response'),
    ...['owners', 'silent', 'late'].flatMap((namespace) => lifeIn(namespace).filter((_, at) => at % 4 === 0)),
    { method: 'GET', path: `/apis/${GROUP}/v1/gates` },
    { method: 'GET', path: `/apis/${GROUP}/v1/gates?watch=true&timeoutSeconds=1` },
    { method: 'POST', path, body: gate('z') },
    { method: 'PATCH', path: `${path}/z/scale`, body: { spec: { replicas: 6 } }, headers: json('merge-patch+json') },
    { method: 'PATCH', path: `${path}/z/status`, body: { status: { phase: 'x' } }, headers: json('merge-patch+json') },
    { method: 'GET', path: '/version' },
    { method: 'GET', path: '/version?a=b&a=c' },
    { method: 'GET', path: '/healthz' },
    { method: 'GET', path: '/readyz' },
    { method: 'GET', path: '/nothing' },
    { method: 'GET', path: '/metrics2' },
    { method: 'GET', path: `/apis/${GROUP}` },
    { method: 'GET', path: `/apis/${GROUP}/v3/namespaces/x/gates` },
    { method: 'GET', path: `/apis/${GROUP}/v1/namespaces/x/odds` },
    { method: 'POST', path, body: gate('imp'), headers: { 'impersonate-user': 'heard', 'impersonate-group': 'system:masters' } },
    { method: 'GET', path: '/version', headers: { 'user-agent': 'a'.repeat(2000) } },
    { method: 'GET', path: '/version', headers: { 'x-forwarded-for': '10.0.0.1, odd, 10.0.0.2', 'x-real-ip': '10.0.0.3' } },
    { method: 'GET', path: '/version', headers: { authorization: 'Bearer odd' } },
  ];
}
