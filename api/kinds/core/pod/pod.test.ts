import type { V1ContainerStatus, V1Pod, V1PodSpec, V1PodStatus } from '../../../generated/types.ts';
import { pod as definition } from './pod.ts';
import { podColumns, summarizePod } from './podColumns.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const minimal: V1PodSpec = { containers: [{ name: 'c', image: 'nginx:1' }] };

function podOf(spec: V1PodSpec = minimal, status?: V1PodStatus): V1Pod {
  const pod: V1Pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: structuredClone(spec), ...(status ? { status } : {}) };
  definition.setDefaults?.(pod);
  return pod;
}

const errorsOf = (spec: V1PodSpec): string[] => (definition.validate?.(podOf(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);
const container = (more: Partial<V1PodSpec['containers'][number]>): V1PodSpec => ({ containers: [{ name: 'c', image: 'nginx:1', ...more }] });

describe('pod validation', () => {
  it('takes a minimal pod', () => {
    expect(errorsOf(minimal)).toEqual([]);
  });

  it.each<[string, V1PodSpec, string[]]>([
    ['no containers', { containers: [] }, ['spec.containers: Required value']],
    ['no image', container({ image: '' }), ['spec.containers[0].image: Required value']],
    ['a doubled name', { containers: [{ name: 'c', image: 'a' }, { name: 'c', image: 'a' }] }, ['spec.containers[1].name: Duplicate value: "c"']],
    ['more asked than allowed', container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }), ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1']],
    ['a mount without volume', container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }), ['spec.containers[0].volumeMounts[0].name: Not found: "v"']],
    ['a wrong policy', { ...minimal, restartPolicy: 'Sometimes' }, ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"']],
    ['no port number', container({ ports: [{ containerPort: 0 }] }), ['spec.containers[0].ports[0].containerPort: Required value']],
    ['a port out of range', container({ ports: [{ containerPort: 70000 }] }), ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive']],
    ['a doubled host port', container({ ports: [{ containerPort: 1, hostPort: 80 }, { containerPort: 2, hostPort: 80 }] }), ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"']],
    ['a probe without handler', container({ livenessProbe: {} }), ['spec.containers[0].livenessProbe: Required value: must specify a handler type']],
    ['a liveness probe that wants two successes', container({ livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } }), ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1']],
    ['a probe on an init container', { ...minimal, initContainers: [{ name: 'i', image: 'a', readinessProbe: { tcpSocket: { port: 1 } } }] }, ['spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always']],
    ['no DNS', { ...minimal, dnsPolicy: 'None' }, ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None']],
    ['a variable with two values', container({ env: [{ name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }), ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty']],
    ['an unknown field', container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] }), ['spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x']],
    ['two volume sources', { ...minimal, volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] }, ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type']],
    ['a short-lived token', { ...minimal, serviceAccountName: 'default', volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 60 } }] } }] }, ['spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes']],
    ['a toleration of nothing', { ...minimal, tolerations: [{ operator: 'Equal' }] }, ['spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"']],
    ['a deadline of nothing', { ...minimal, activeDeadlineSeconds: 0 }, ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive']],
    ['no topology key', { ...minimal, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: '', whenUnsatisfiable: 'DoNotSchedule' }] }, ['spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty']],
    ['an unknown resource', container({ resources: { limits: { gpu: '1' } } }), ['limits', 'requests'].flatMap((list) => ['must be a standard resource type or fully qualified', 'must be a standard resource for containers'].map((detail) => `spec.containers[0].resources.${list}[gpu]: Invalid value: "gpu": ${detail}`))],
    ['an image with a space', container({ image: ' a' }), ['spec.containers[0].image: Invalid value: " a": must not have leading or trailing whitespace']],
  ])('refuses %s', (_, spec, messages) => {
    expect(errorsOf(spec)).toEqual(messages);
  });

  it('names a label selector and weights in affinity', () => {
    const affinity = { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, podAffinityTerm: { topologyKey: 'a', labelSelector: { matchExpressions: [{ key: 'x', operator: 'In' }] } } }] } };
    expect(errorsOf({ ...minimal, affinity })).toEqual([
      'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
      "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ]);
  });
});

describe('pod updates', () => {
  const update = (change: (pod: V1Pod) => void, spec = minimal): string[] => {
    const next = podOf(spec);
    change(next);
    return (definition.validateUpdate?.(next, podOf(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);
  };

  it('may change images, tolerations and the deadline', () => {
    expect(update((pod) => (pod.spec!.containers[0]!.image = 'nginx:2'))).toEqual([]);
    expect(update((pod) => (pod.spec!.tolerations = [{ operator: 'Exists' }]))).toEqual([]);
    expect(update((pod) => (pod.spec!.activeDeadlineSeconds = 5))).toEqual([]);
  });

  it('may change nothing else', () => {
    const [error, ...others] = update((pod) => (pod.spec!.nodeName = 'n'));
    expect(others).toEqual([]);
    expect(error).toMatch(/^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,`spec\.initContainers\[\*\]\.image`,.*\n@@ -\d+,7 \+\d+,7 @@\n/);
    expect(error).toContain('\n- "NodeName": "",\n+ "NodeName": "n",\n');
    expect(update((pod) => pod.spec!.containers.push({ name: 'd', image: 'a' }))).toEqual(['spec.containers: Forbidden: pod updates may not add or remove containers']);
    expect(update((pod) => (pod.spec!.tolerations = []), { ...minimal, tolerations: [{ key: 'a', operator: 'Exists' }] })).toEqual(['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds']);
  });

  it('lets a gated pod be narrowed, and gates only be removed', () => {
    const gated = { ...minimal, schedulingGates: [{ name: 'a.b/c' }] };
    expect(update((pod) => (pod.spec!.nodeSelector = { a: 'b' }), gated)).toEqual([]);
    expect(update((pod) => (pod.spec!.schedulingGates = []), gated)).toEqual([]);
    expect(update((pod) => (pod.spec!.schedulingGates = [{ name: 'a.b/c' }, { name: 'x' }]), gated)).toEqual(["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'x'"]);
  });
});

describe('pod creation and deletion', () => {
  it('starts Pending, with its class', () => {
    const pod = podOf(container({ resources: { limits: { cpu: '1', memory: '1Gi' } } }));
    definition.prepareForCreate?.(pod);
    expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' });
  });
  it('says that gates block scheduling', () => {
    const pod = podOf({ ...minimal, schedulingGates: [{ name: 'a' }] });
    definition.prepareForCreate?.(pod);
    expect(pod.status?.conditions).toEqual([{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates', lastTransitionTime: '2026-01-01T00:00:00Z' }]);
  });
  it('goes at once where nothing runs', () => {
    expect(definition.gracePeriodSeconds?.(podOf())).toBe(0);
    expect(definition.gracePeriodSeconds?.(podOf({ ...minimal, nodeName: 'n' }))).toBe(30);
    expect(definition.gracePeriodSeconds?.(podOf({ ...minimal, nodeName: 'n', terminationGracePeriodSeconds: 0 }))).toBe(0);
    expect(definition.gracePeriodSeconds?.(podOf({ ...minimal, nodeName: 'n', terminationGracePeriodSeconds: -5 }))).toBe(1);
    expect(definition.gracePeriodSeconds?.(podOf({ ...minimal, nodeName: 'n' }, { phase: 'Failed' }))).toBe(0);
  });
  it('keeps both forms of the addresses alike', () => {
    const pod = podOf(minimal, { podIPs: [{ ip: '10.0.0.1' }] });
    definition.prepareForStatusUpdate?.(pod, podOf(), '2026-01-01T00:00:00Z');
    expect(pod.status?.podIP).toBe('10.0.0.1');
  });
});

describe('pod columns', () => {
  const status = (state: V1ContainerStatus['state'], more: Partial<V1ContainerStatus> = {}): V1ContainerStatus => ({ name: 'c', image: '', imageID: '', ready: false, restartCount: 0, state, ...more });
  const shown = (pod: V1Pod): string => {
    const { ready, total, status, restarts } = summarizePod(pod);
    return `${ready}/${total} ${status} ${restarts}`;
  };
  const init: V1PodSpec = { ...minimal, initContainers: [{ name: 'i', image: 'a' }, { name: 's', image: 'a', restartPolicy: 'Always' }] };

  it.each<[string, V1Pod]>([
    ['0/1 Pending 0', podOf(minimal, { phase: 'Pending' })],
    ['0/1 ContainerCreating 0', podOf(minimal, { phase: 'Pending', containerStatuses: [status({ waiting: { reason: 'ContainerCreating' } })] })],
    ['1/1 Running 0', podOf(minimal, { phase: 'Running', containerStatuses: [status({ running: {} }, { ready: true })] })],
    ['0/1 CrashLoopBackOff 3', podOf(minimal, { phase: 'Running', containerStatuses: [status({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3 })] })],
    ['0/1 Completed 0', podOf(minimal, { phase: 'Succeeded', containerStatuses: [status({ terminated: { exitCode: 0, reason: 'Completed' } })] })],
    ['0/1 ExitCode:3 0', podOf(minimal, { phase: 'Failed', containerStatuses: [status({ terminated: { exitCode: 3 } })] })],
    ['0/2 Init:0/2 0', podOf(init, { phase: 'Pending', initContainerStatuses: [status({ running: {} }, { name: 'i' })] })],
    ['0/2 Init:Error 0', podOf(init, { phase: 'Pending', initContainerStatuses: [status({ terminated: { exitCode: 1, reason: 'Error' } }, { name: 'i' })] })],
    [
      '2/2 Running 2',
      podOf(init, {
        phase: 'Running',
        initContainerStatuses: [status({ terminated: { exitCode: 0 } }, { name: 'i', restartCount: 5 }), status({ running: {} }, { name: 's', started: true, ready: true, restartCount: 2 })],
        containerStatuses: [status({ running: {} }, { ready: true })],
      }),
    ],
    ['0/1 SchedulingGated 0', podOf(minimal, { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] })],
    ['0/1 Evicted 0', podOf(minimal, { phase: 'Failed', reason: 'Evicted' })],
    ['0/1 Terminating 0', { ...podOf(minimal, { phase: 'Running' }), metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }],
  ])('%s', (line, pod) => {
    expect(shown(pod)).toBe(line);
  });

  it('says when the last restart was, and dashes for what is not there', () => {
    const pod = podOf(minimal, { phase: 'Running', containerStatuses: [status({ running: {} }, { restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:00:00Z' } } })] });
    const now = Date.parse('2026-01-01T00:05:00Z');
    expect(podColumns.map((each) => each.value(pod, now))).toEqual(['0/1', 'Running', '3 (5m ago)', '5m', '<none>', '<none>', '<none>', '<none>']);
  });
});
