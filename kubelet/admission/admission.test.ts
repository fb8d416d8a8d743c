import type { V1Node, V1Pod, V1PodSpec } from '../../api/generated/types.ts';
import { admitPod } from './admitPod.ts';

const meta = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '' });
const node: V1Node = {
  apiVersion: 'v1', kind: 'Node', metadata: { ...meta('n1'), labels: { rack: 'r1', 'kubernetes.io/os': 'linux' } },
  spec: { taints: [{ key: 'away', effect: 'NoExecute' }, { key: 'full', effect: 'NoSchedule' }] }, status: { allocatable: { cpu: '2', memory: '1Gi', pods: '3', 'ephemeral-storage': '1G', 'x.io/gpu': '1' } },
};
const stays = [{ key: 'away', operator: 'Exists' }];
const pod = (name: string, spec: Partial<V1PodSpec> = {}, requests: Record<string, string> = {}, hostPort?: number): V1Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { ...meta(name), namespace: 'default' },
  spec: { nodeName: 'n1', tolerations: stays, containers: [{ name: 'c', resources: { requests }, ...(hostPort ? { ports: [{ containerPort: 80, hostPort }] } : {}) }], ...spec },
});
const admit = (candidate: V1Pod, ...others: V1Pod[]) => admitPod({ pod: candidate, others, node });

test('a pod that fits is admitted', () => {
  expect(admit(pod('a', { nodeSelector: { rack: 'r1' } }, { cpu: '2', memory: '1Gi', 'y.io/elsewhere': '5' }, 80), pod('b', {}, {}, 81))).toBeUndefined();
});

test.each([
  ['cpu', { cpu: '1500m' }, { cpu: '600m' }, "Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000"],
  ['memory', { memory: '1000Mi' }, { memory: '25Mi' }, "Node didn't have enough resource: memory, requested: 26214400, used: 1048576000, capacity: 1073741824"],
  ['ephemeral-storage', {}, { 'ephemeral-storage': '2G' }, "Node didn't have enough resource: ephemeral-storage, requested: 2000000000, used: 0, capacity: 1000000000"],
  ['x.io/gpu', { 'x.io/gpu': '1' }, { 'x.io/gpu': '1' }, "Node didn't have enough resource: x.io/gpu, requested: 1, used: 1, capacity: 1"],
])('what the node lacks: %s', (name, used, requested, message) => {
  expect(admit(pod('a', {}, requested), pod('b', {}, used))).toEqual({ reason: `OutOf${name}`, message });
});

test('the node takes so many pods and no more', () => {
  expect(admit(pod('a'), pod('b'), pod('c'), pod('d'))).toEqual({ reason: 'OutOfpods', message: "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3" });
});

test('host ports are taken once, by protocol and address', () => {
  const taken = { reason: 'NodePorts', message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" };
  const on = (hostIP: string, protocol = 'TCP') => pod('p', { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80, hostIP, protocol }] }] });
  expect(admit(pod('a', {}, {}, 80), pod('b', {}, {}, 80))).toEqual(taken);
  expect(admit(on('10.0.0.1'), on('10.0.0.2'))).toBeUndefined();
  expect(admit(on('10.0.0.1'), on(''))).toEqual(taken);
  expect(admit(on('', 'UDP'), on(''))).toBeUndefined();
  expect(admit(pod('a', { hostNetwork: true, containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] }), on(''))).toEqual(taken);
});

test('a pod that is not meant for this node', () => {
  expect(admit(pod('a', { nodeSelector: { rack: 'r2' } }))).toEqual({ reason: 'NodeAffinity', message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" });
  expect(admit(pod('a', { tolerations: [] }))).toEqual({ reason: 'TaintToleration', message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate" });
  expect(admit(pod('a', { os: { name: 'windows' } }))?.reason).toBe('PodOSNotSupported');
  expect(admit(pod('a', { nodeSelector: { 'kubernetes.io/os': 'windows' } }))?.reason).toBe('PodOSSelectorNodeLabelDoesNotMatch');
  const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }];
  expect(admit(pod('a', { containers: [{ name: 'c', restartPolicy: 'Never', restartPolicyRules }] }))).toEqual({ reason: 'PodFeatureUnsupported', message: 'Pod requires node features that are not available: RestartAllContainersOnContainerExits' });
  expect(admit(pod('a', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }))).toEqual({ reason: 'SysctlForbidden', message: 'forbidden sysctl: "kernel.msgmax" not allowlisted' });
});
