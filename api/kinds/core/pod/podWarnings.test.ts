import type { V1PodSpec } from '../../../generated/types.ts';
import { podWarnings, workloadWarnings } from './podWarnings.ts';

const container = { name: 'c', image: 'i' };
const warningsOf = (spec: Partial<V1PodSpec>, annotations?: Record<string, string>): string[] =>
  podWarnings({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', ...(annotations ? { annotations } : {}) }, spec: { containers: [container], ...spec } });

test.each<[string, Partial<V1PodSpec>, string[]]>([
  ['labels of nodes that have other names now', { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }, ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead']],
  ['selectors that match nothing', { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }] }, ['spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod']],
  ['volumes that nobody mounts', { volumes: [{ name: 'v', rbd: { monitors: ['a'], image: 'b' } }] }, ['spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+']],
  ['the same secret twice', { imagePullSecrets: [{ name: 'a' }, { name: 'a' }] }, ['spec.imagePullSecrets[1].name: duplicate name "a"']],
  ['parts of bytes', { containers: [{ ...container, resources: { requests: { memory: '1500m' } } }] }, ['spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an integer']],
  ['variables that hide others', { containers: [{ ...container, env: [{ name: 'A', value: '1' }, { name: 'A', value: '$(A)2' }, { name: 'A', value: '3' }] }] }, ['spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply']],
  ['ports that clash', { containers: [{ ...container, ports: [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 80, protocol: 'TCP' }, { containerPort: 80, hostPort: 80, protocol: 'TCP' }] }] }, [
    'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
    'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]',
    'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
  ]],
  ['a file in the way of a token', { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'm', items: [{ key: 'k', path: 'token' }] } }] } }] }, ['spec.volumes[0].projected.sources.configMap[0]: has duplicated path with ServiceAccountToken "token"']],
])('%s', (_, spec, texts) => {
  expect(warningsOf(spec)).toEqual(texts);
});

test('annotations that have become fields', () => {
  expect(warningsOf({}, { 'container.seccomp.security.alpha.kubernetes.io/c': 'unconfined', 'scheduler.alpha.kubernetes.io/critical-pod': '' })).toEqual([
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead',
  ]);
});

test('a workload is warned of its template when that is new, and of its name once', () => {
  const template = { spec: { containers: [container], terminationGracePeriodSeconds: -1 } };
  const object = { metadata: { name: 'a.b' }, spec: { template } };
  const text = 'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';
  expect(workloadWarnings(object, undefined, 'spec.template', template)).toEqual([expect.stringMatching(/^metadata\.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: \[a lowercase/), text]);
  expect(workloadWarnings(object, { spec: {} }, 'spec.template', template)).toEqual([text]);
  expect(workloadWarnings(object, structuredClone(object), 'spec.template', template)).toEqual([]);
});
