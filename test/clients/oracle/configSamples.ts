import type { seededRandom } from '../../../api/schema/seededRandom.ts';

type Random = ReturnType<typeof seededRandom>;
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const CONFIG = 'apiserver.config.k8s.io/v1';
const KEY = Buffer.alloc(32, 7).toString('base64');
const issuer = (url: string): Json => ({ url, audiences: ['a', 'b'], audienceMatchPolicy: 'MatchAny' });

/** A sound file of each kind, with everything that it may have. */
export const CONFIG_FILES: Readonly<Record<string, Json>> = {
  AuthenticationConfiguration: {
    apiVersion: CONFIG,
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: { ...(issuer('https://one.example') as object), discoveryURL: 'https://one.example/discovery', egressSelectorType: 'cluster' },
        claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }, { expression: 'claims.email_verified == true', message: 'm' }],
        claimMappings: { username: { expression: 'claims.email + claims.sub' }, groups: { claim: 'groups', prefix: '' }, uid: { claim: 'sub' }, extra: [{ key: 'example.com/a', valueExpression: 'claims.a' }, { key: 'example.com/b', valueExpression: '"b"' }] },
        userValidationRules: [{ expression: "!user.username.startsWith('system:')", message: 'm' }],
      },
      { issuer: issuer('https://two.example'), claimMappings: { username: { claim: 'sub', prefix: 'two:' }, uid: { expression: 'claims.sub' } } },
    ],
    anonymous: { enabled: true, conditions: [{ path: '/healthz' }] },
  },
  AuthorizationConfiguration: {
    apiVersion: CONFIG,
    kind: 'AuthorizationConfiguration',
    authorizers: [
      { type: 'Node', name: 'node' },
      {
        type: 'Webhook',
        name: 'hook',
        webhook: {
          authorizedTTL: '30s',
          unauthorizedTTL: '1m',
          timeout: '3s',
          subjectAccessReviewVersion: 'v1',
          matchConditionSubjectAccessReviewVersion: 'v1',
          failurePolicy: 'Deny',
          cacheAuthorizedRequests: true,
          connectionInfo: { type: 'InClusterConfig' },
          matchConditions: [{ expression: "has(request.resourceAttributes) && request.resourceAttributes.namespace == 'a'" }, { expression: "!('admins' in request.groups)" }],
        },
      },
      { type: 'RBAC', name: 'rbac' },
    ],
  },
  EncryptionConfiguration: {
    apiVersion: CONFIG,
    kind: 'EncryptionConfiguration',
    resources: [
      { resources: ['secrets', 'pods.example.com'], providers: [{ aescbc: { keys: [{ name: 'a', secret: KEY }, { name: 'b', secret: KEY }] } }, { identity: {} }] },
      { resources: ['configmaps'], providers: [{ aesgcm: { keys: [{ name: 'a', secret: KEY }] } }, { secretbox: { keys: [{ name: 'a', secret: KEY }] } }, { kms: { apiVersion: 'v2', name: 'k', endpoint: 'unix:///nowhere/socket', timeout: '1s' } }] },
    ],
  },
  EgressSelectorConfiguration: {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [
      { name: 'cluster', connection: { proxyProtocol: 'Direct' } },
      { name: 'controlplane', connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: '/socket' } } } },
      { name: 'etcd', connection: { proxyProtocol: 'HTTPConnect', transport: { tcp: { url: 'http://127.0.0.1:1' } } } },
    ],
  },
  Policy: {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    metadata: { name: 'x' },
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'Metadata', users: ['u'], userGroups: ['g'], verbs: ['get'], resources: [{ group: 'apps', resources: ['deployments', 'pods/log'], resourceNames: ['x'] }], namespaces: ['n'], omitStages: ['Panic'], omitManagedFields: false },
      { level: 'None', nonResourceURLs: ['/healthz*', '/version'] },
    ],
  },
  AdmissionConfiguration: {
    apiVersion: CONFIG,
    kind: 'AdmissionConfiguration',
    plugins: [{ name: 'PodSecurity', configuration: { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration' } }, { name: 'ResourceQuota', path: 'quota.yaml' }],
  },
};

const ODD: readonly Json[] = ['', 'x', 'X Y', 'a:b', 0, 7, 1.5, -1, true, false, null, [], {}, ['x'], ['', ''], [null], [7], { x: 1 }, '5', '-1s', '10y', '1h', 'http://x', 'https://own.example', 'https://u:p@x?q#f', 'https://two.example', 'unix:///x', 'Secrets', '*', '*.*', '*.', 'events.events.k8s.io', 'v1', 'v2', 'v1beta1', 'Webhook', 'RBAC', 'Direct', 'HTTPConnect', 'cluster', 'MatchAny', 'claims.email', 'claims.', 'user.x', '1', 'true', 'request.user', 'not base64!', 'c2hvcnQ=', 'sub', 'k8s.io/x', 'Example.com/A', '/a/*b', '/a*', 'Request'];

/** The text of a file in which so many parts were changed: taken away, put twice, misnamed, or given another value. */
export function mutated(file: Json, random: Random, changes: number): string {
  let value = file;
  for (let change = 0; change < changes; change += 1) value = changed(value, random);
  const form = random();
  if (form < 0.5) return `${yaml(value, '')}\n${form < 0.05 ? 'kind: Twice\n' : ''}`;
  const text = JSON.stringify(value);
  if (form > 0.97) return text.slice(0, Math.floor(text.length * random()));
  return form > 0.93 ? text.replace(/"(\w+)":/, '"$1":"first","$1":') : text;
}

function changed(value: Json, random: Random): Json {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  if (typeof value !== 'object' || value === null || (random() < 0.15 && !('kind' in value))) return pick(ODD);
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    if (list.length === 0 || random() < 0.1) return [...list, pick(ODD)];
    const at = Math.floor(random() * list.length);
    const kind = random();
    if (kind < 0.1) return list.filter((_, index) => index !== at);
    if (kind < 0.25) return [...list, list[at]!];
    return list.map((each, index) => (index === at ? changed(each, random) : each));
  }
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  if (entries.length === 0 || random() < 0.08) return { ...(value as object), [pick(['more', 'Type', 'names', 'x.y'])]: pick(ODD) };
  // What kind of file it is stays mostly as it is.
  const [name, each] = random() < 0.97 ? pick(entries.filter(([key]) => key !== 'kind' && key !== 'apiVersion').length > 0 ? entries.filter(([key]) => (key !== 'kind' && key !== 'apiVersion') || 'endpoint' in value) : entries) : pick(entries);
  const rest = Object.fromEntries(entries.filter(([key]) => key !== name));
  const kind = random();
  if (kind < 0.15) return rest;
  if (kind < 0.2) return { ...rest, [`${name}s`]: each };
  return Object.fromEntries(entries.map(([key, old]) => [key, key === name ? changed(old, random) : old]));
}

/** Block style, with texts as JSON has them. */
function yaml(value: Json, indent: string): string {
  if (Array.isArray(value) && value.length > 0) return (value as readonly Json[]).map((each) => `\n${indent}- ${yaml(each, `${indent}  `).replace(/^\n\s*/, '')}`).join('');
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) return JSON.stringify(value);
  return Object.entries(value as Readonly<Record<string, Json>>).map(([name, each]) => `\n${indent}${JSON.stringify(name)}: ${yaml(each, `${indent}  `)}`).join('');
}
