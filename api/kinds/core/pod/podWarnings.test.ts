import type { V1PodSpec } from '../../../generated/types.ts';
import { podStatusWarnings, podWarnings, templateWarnings, workloadWarnings } from './podWarnings.ts';

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
  ['names that two ports have', { initContainers: [{ ...container, name: 'i', restartPolicy: 'Always', ports: [{ containerPort: 80, protocol: 'UDP', name: 'test' }] }], containers: [{ ...container, ports: [{ containerPort: 81, protocol: 'TCP', name: 'test' }] }] }, [
    'spec.containers[0].ports[0]: duplicate port name "test" with spec.initContainers[0].ports[0], services and probes that select ports by name will use spec.initContainers[0].ports[0]',
  ]],
  ['addresses in another form', { dnsConfig: { nameservers: ['1.2.3.4', '05.06.07.08'] }, hostAliases: [{ ip: '::ffff:1.2.3.4' }, { ip: 'FD00::1' }] }, [
    'spec.dnsConfig.nameservers[1]: non-standard IP address "05.06.07.08" will be considered invalid in a future Kubernetes release: use "5.6.7.8"',
    'spec.hostAliases[0].ip: non-standard IP address "::ffff:1.2.3.4" will be considered invalid in a future Kubernetes release: use "1.2.3.4"',
    'spec.hostAliases[1].ip: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
  ]],
  ['values that no label has, where they are wished for', { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['-1'] }] } }] } } }, [
    expect.stringMatching(/^spec\.affinity\.nodeAffinity\.preferredDuringSchedulingIgnoredDuringExecution\[0\]\.preference\.matchExpressions\[0\]\.values\[0\]: -1 is invalid, a valid label must be/),
  ]],
])('%s', (_, spec, texts) => {
  expect(warningsOf(spec)).toEqual(texts);
});

test('annotations that have become fields', () => {
  expect(warningsOf({}, { 'container.seccomp.security.alpha.kubernetes.io/c': 'unconfined', 'scheduler.alpha.kubernetes.io/critical-pod': '' })).toEqual([
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead',
  ]);
});

test('of AppArmor a template is told, and a pod when its fields are made of the annotations', () => {
  const template = { metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' } }, spec: { containers: [container] } };
  const text = 'template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead';
  expect(templateWarnings('template', template)).toEqual([text]);
  expect(templateWarnings('template', { ...template, spec: { ...template.spec, securityContext: { appArmorProfile: { type: 'Unconfined' } } } })).toEqual([]);
  expect(warningsOf({}, template.metadata.annotations)).toEqual([]);
});

test('nobody is warned of the update of a pod, and of its status by addresses only', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a.b', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '' }, spec: { containers: [container], terminationGracePeriodSeconds: -1 } };
  expect(podWarnings(pod, pod)).toEqual([]);
  expect(podStatusWarnings({ ...pod, status: { podIPs: [{ ip: '1.2.3.04' }], hostIPs: [{ ip: '1.2.3.4' }, { ip: 'fd00:0::1' }] } })).toEqual([
    'status.podIPs[0].ip: non-standard IP address "1.2.3.04" will be considered invalid in a future Kubernetes release: use "1.2.3.4"',
    'status.hostIPs[1].ip: IPv6 address "fd00:0::1" should be in RFC 5952 canonical format ("fd00::1")',
  ]);
});

test('a workload is warned of its template when that is new, and of its name once', () => {
  const template = { spec: { containers: [container], terminationGracePeriodSeconds: -1 } };
  const object = { metadata: { name: 'a.b' }, spec: { template } };
  const text = 'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';
  expect(workloadWarnings(object, undefined, 'spec.template', template)).toEqual(['metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]', text]);
  expect(workloadWarnings(object, { spec: {} }, 'spec.template', template)).toEqual([text]);
  expect(workloadWarnings(object, structuredClone(object), 'spec.template', template)).toEqual([]);
});
