import type { KubeObject } from '../meta.ts';
import { builtinDefinitions } from './index.ts';

const objectOf = (kind: string, fields: object): KubeObject => ({ apiVersion: '', kind, metadata: { name: 'a', uid: '', resourceVersion: '', creationTimestamp: '' }, ...fields });
const definition = (kind: string): (typeof builtinDefinitions)[number] => builtinDefinitions.find((each) => each.kind === kind)!;
const annotated = (annotations?: object): object => ({ metadata: { name: 'a', uid: '', resourceVersion: '', creationTimestamp: '', ...(annotations ? { annotations } : {}) } });
const old = 'deprecated since v1.14; use "kubernetes.io/arch" instead';
const form = (text: string): string => `IPv6 address "${text}" should be in RFC 5952 canonical format ("2001:db8::1")`;

// Strategies that say something of an object beyond its pod template.
test.each<[string, object, string[]]>([
  ['ServiceAccount', annotated(), []],
  ['ServiceAccount', annotated({ 'kubernetes.io/enforce-mountable-secrets': 'true' }), ['metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets']],
  ['Node', { spec: { configSource: {}, externalID: 'x' } }, ['spec.configSource: the feature is no longer supported', 'spec.externalID: this field is deprecated, and is unused by Kubernetes']],
  ['RuntimeClass', { handler: 'h', scheduling: { nodeSelector: { 'beta.kubernetes.io/arch': 'x', b: 'c' } } }, [`scheduling.nodeSelector: ${old}`]],
  ['CSIStorageCapacity', { nodeTopology: { matchLabels: { 'beta.kubernetes.io/arch': 'x' }, matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] } }, [`nodeTopology.matchExpressions[0].key: beta.kubernetes.io/arch is ${old}`, `nodeTopology.matchLabels.beta.kubernetes.io/arch: ${old}`]],
  ['Endpoints', { subsets: [{ addresses: [{ ip: '2001:db8::1' }], notReadyAddresses: [{ ip: '2001:db8:0::1' }] }] }, [`subsets[0].notReadyAddresses[0].ip: ${form('2001:db8:0::1')}`]],
])('warnings of a new %s: %j', (kind, fields, texts) => {
  expect(definition(kind).warnings?.(objectOf(kind, fields)) ?? []).toEqual(texts);
});

test.each<[string, object, string[]]>([
  ['Pod', { status: { podIPs: [{ ip: '10.0.0.1' }, { ip: '2001:DB8::1' }], hostIPs: [{ ip: '2001:DB8::1' }] } }, [`status.podIPs[1].ip: ${form('2001:DB8::1')}`, `status.hostIPs[0].ip: ${form('2001:DB8::1')}`]],
  ['Service', { status: { loadBalancer: { ingress: [{ hostname: 'a' }, { ip: '2001:DB8::1' }] } } }, [`status.loadBalancer.ingress[1]: ${form('2001:DB8::1')}`]],
  ['Ingress', { status: { loadBalancer: { ingress: [{ ip: '2001:DB8::1' }] } } }, [`status.loadBalancer.ingress[0]: ${form('2001:DB8::1')}`]],
])('warnings of a status of %s', (kind, fields, texts) => {
  expect(definition(kind).statusWarnings?.(objectOf(kind, fields))).toEqual(texts);
});

test('the mark of an account is warned of once, and a change of a pod never', () => {
  const marked = objectOf('ServiceAccount', annotated({ 'kubernetes.io/enforce-mountable-secrets': 'true' }));
  expect(definition('ServiceAccount').warnings?.(marked, marked)).toEqual([]);
  const pod = objectOf('Pod', { spec: { containers: [], nodeSelector: { 'beta.kubernetes.io/arch': 'x' } } });
  expect([definition('Pod').warnings?.(pod), definition('Pod').warnings?.(pod, pod)]).toEqual([[`spec.nodeSelector[beta.kubernetes.io/arch]: ${old}`], []]);
});
