import type { V1Container, V1ContainerStatus, V1Pod, V1PodSpec, V1PodStatus } from '../../api/generated/types.ts';
import type { Container, Sandbox } from '../runtime/types.ts';
import type { StartError } from './containerStatuses.ts';
import { podStatus, type PodStatusInput } from './podStatus.ts';
import { statusPatch } from './statusPatch.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const identity = { name: 'web', namespace: 'default', uid: 'u' };
const sandbox: Sandbox = { id: 's0', pod: identity, attempt: 0, state: 'Ready', hostNetwork: false, createdAt: 0, pid: 1 };
const init = (name: string, more: Partial<V1Container> = {}): V1Container => ({ name, image: 'i', ...more });

function pod(spec: Partial<V1PodSpec> = {}, status: V1PodStatus = {}): V1Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...identity, resourceVersion: '1', creationTimestamp: '', generation: 3 }, spec: { containers: [init('a'), init('b')], restartPolicy: 'Always', ...spec }, status };
}

function container(name: string, more: Partial<Container> = {}): Container {
  return {
    id: `${name}${more.attempt ?? 0}`, sandboxId: 's0', pod: identity, name, attempt: 0, state: 'Running', image: 'i', imageId: 'docker://sha256:1', specHash: '',
    createdAt: NOW, startedAt: NOW, finishedAt: 0, exitCode: 0, reason: '', message: '', pid: 1, logPath: '', labels: {}, tty: false, mounts: [], ...more,
  };
}

const exited = (name: string, exitCode: number, more: Partial<Container> = {}): Container => container(name, { state: 'Exited', exitCode, finishedAt: NOW, reason: exitCode === 0 ? 'Completed' : 'Error', ...more });

function status(of: V1Pod, containers: readonly Container[], more: Partial<PodStatusInput> & { errors?: Record<string, StartError> } = {}): V1PodStatus {
  return podStatus({
    pod: of, runtime: { pod: identity, sandboxes: [sandbox], containers }, startErrors: new Map(Object.entries(more.errors ?? {})), probes: () => ({}), ending: false, ended: false, runtimeName: 'docker',
    podIPs: ['10.244.0.2'], hostIPs: ['10.240.0.11'], failure: undefined, now: NOW, ...more,
  });
}

const condition = (of: V1PodStatus, type: string): string => {
  const found = of.conditions?.find((each) => each.type === type);
  return [found?.status, found?.reason, found?.message].filter(Boolean).join(' | ');
};
const stateOf = (each: V1ContainerStatus | undefined): unknown => each?.state?.waiting?.reason ?? each?.state?.terminated?.reason ?? (each?.state?.running ? 'running' : undefined);

describe('phase', () => {
  test.each<[string, Partial<V1PodSpec>, Container[], string]>([
    ['nothing yet', {}, [], 'Pending'],
    ['one of two', {}, [container('a')], 'Pending'],
    ['all running', {}, [container('a'), container('b')], 'Running'],
    ['one has ended and comes back', {}, [container('a'), exited('b', 1)], 'Running'],
    ['all crash', {}, [exited('a', 1), exited('b', 1)], 'Running'],
    ['all done, OnFailure', { restartPolicy: 'OnFailure' }, [exited('a', 0), exited('b', 0)], 'Succeeded'],
    ['one failed, OnFailure', { restartPolicy: 'OnFailure' }, [exited('a', 0), exited('b', 1)], 'Running'],
    ['one failed, Never', { restartPolicy: 'Never' }, [exited('a', 0), exited('b', 1)], 'Failed'],
    ['one failed and one runs, Never', { restartPolicy: 'Never' }, [container('a'), exited('b', 1)], 'Running'],
    ['init runs', { initContainers: [init('i')] }, [container('i')], 'Pending'],
    ['init failed, Always', { initContainers: [init('i')] }, [exited('i', 1)], 'Pending'],
    ['init failed, Never', { initContainers: [init('i')], restartPolicy: 'Never' }, [exited('i', 1)], 'Failed'],
    ['init done', { initContainers: [init('i')] }, [exited('i', 0), container('a'), container('b')], 'Running'],
    ['only the sidecar is left', { initContainers: [init('s', { restartPolicy: 'Always' })], restartPolicy: 'Never' }, [container('s'), exited('a', 0), exited('b', 0)], 'Running'],
    ['the sidecar ended, too', { initContainers: [init('s', { restartPolicy: 'Always' })], restartPolicy: 'Never' }, [exited('s', 137), exited('a', 0), exited('b', 0)], 'Succeeded'],
  ])('%s: %s', (_, spec, containers, phase) => expect(status(pod(spec), containers).phase).toBe(phase));

  test('a phase that is over stays', () => expect(status(pod({}, { phase: 'Failed', reason: 'Evicted', message: 'm' }), [container('a'), container('b')])).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'm' }));
  test('the kubelet’s verdict fails the pod', () => expect(status(pod(), [container('a'), container('b')], { failure: { reason: 'DeadlineExceeded', message: 'late' } })).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' }));
  test('a deleted pod is over when all has ended', () => {
    expect(status(pod(), [exited('a', 0), exited('b', 0)], { ending: true, ended: true }).phase).toBe('Succeeded');
    expect(status(pod(), [exited('a', 0), exited('b', 143)], { ending: true, ended: true }).phase).toBe('Failed');
  });
});

describe('container states', () => {
  test('wait for their creation, or for the init containers', () => {
    expect(stateOf(status(pod(), []).containerStatuses?.[0])).toBe('ContainerCreating');
    expect(stateOf(status(pod({ initContainers: [init('i')] }), []).containerStatuses?.[0])).toBe('PodInitializing');
  });
  test('a reason why it does not start takes the place of its end, which becomes the last state', () => {
    const [a] = status(pod(), [exited('a', 7)], { errors: { a: { reason: 'CrashLoopBackOff', message: 'back-off' } } }).containerStatuses ?? [];
    expect(a).toMatchObject({ ready: false, started: false, restartCount: 0, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }, lastState: { terminated: { exitCode: 7, reason: 'Error', containerID: 'docker://a0' } } });
  });
  test('no such reason for what will not start again', () => expect(stateOf(status(pod({ restartPolicy: 'Never' }), [exited('a', 7)], { errors: { a: { reason: 'X', message: '' } } }).containerStatuses?.[0])).toBe('Error'));
  test('the run before is the last state', () => {
    const [a] = status(pod(), [container('a', { attempt: 2 }), exited('a', 137, { attempt: 1, reason: 'OOMKilled' })]).containerStatuses ?? [];
    expect(a).toMatchObject({ restartCount: 2, state: { running: { startedAt: '2026-11-21T12:00:00Z' } }, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } });
  });
  test('what the runtime has lost is told', () => {
    const before = { containerStatuses: [{ name: 'a', image: 'i', imageID: '', ready: true, restartCount: 1, containerID: 'docker://old', state: { running: {} } }] };
    expect(status(pod({ restartPolicy: 'Never' }, before), []).containerStatuses?.[0]).toMatchObject({ restartCount: 1, state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } } });
    expect(status(pod({}, before), []).containerStatuses?.[0]).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'ContainerCreating' } }, lastState: { terminated: { reason: 'ContainerStatusUnknown' } } });
  });
  test('of a pod that failed in its init containers the app waits for ever', () => {
    const of = status(pod({ initContainers: [init('i')], restartPolicy: 'Never' }), [exited('i', 1)], { ending: true, ended: true });
    expect([of.initContainerStatuses?.map(stateOf), of.containerStatuses?.map(stateOf)]).toEqual([['Error'], ['PodInitializing', 'PodInitializing']]);
  });
});

describe('readiness', () => {
  const probed = pod({ containers: [init('a', { readinessProbe: {} })] });
  test('without a probe a running container is ready', () => expect(status(pod(), [container('a')]).containerStatuses?.map(({ ready }) => ready)).toEqual([true, false]));
  test('follows the probe', () => {
    expect(status(probed, [container('a')]).containerStatuses?.[0]?.ready).toBe(false);
    expect(status(probed, [container('a')], { probes: () => ({ readiness: 'Success' }) }).containerStatuses?.[0]?.ready).toBe(true);
    expect(status(probed, [container('a')], { probes: () => ({ readiness: 'Failure' }) }).containerStatuses?.[0]?.ready).toBe(false);
  });
  test('is carried over from the status of the same container until the probe speaks', () => {
    const before = (containerID: string): V1PodStatus => ({ containerStatuses: [{ name: 'a', image: 'i', imageID: '', ready: true, started: true, restartCount: 0, containerID }] });
    expect(status({ ...probed, status: before('docker://a0') }, [container('a')]).containerStatuses?.[0]?.ready).toBe(true);
    expect(status({ ...probed, status: before('docker://other') }, [container('a')]).containerStatuses?.[0]?.ready).toBe(false);
  });
  test('waits for the startup probe', () => {
    const of = pod({ containers: [init('a', { startupProbe: {} })] });
    expect(status(of, [container('a')]).containerStatuses?.[0]).toMatchObject({ started: false, ready: false });
    expect(status(of, [container('a')], { probes: () => ({ startup: 'Success' }) }).containerStatuses?.[0]).toMatchObject({ started: true, ready: true });
  });
});

describe('conditions', () => {
  test('of a pod that comes up', () => {
    const of = status(pod({ initContainers: [init('i'), init('j')] }), [exited('i', 0), container('j')]);
    expect(condition(of, 'PodReadyToStartContainers')).toBe('True');
    expect(condition(of, 'Initialized')).toBe('False | ContainersNotInitialized | containers with incomplete status: [j]');
    expect(condition(of, 'ContainersReady')).toBe('False | ContainersNotReady | containers with unready status: [a b]');
    expect(condition(of, 'Ready')).toBe('False | ContainersNotReady | containers with unready status: [a b]');
    expect(condition(of, 'PodScheduled')).toBe('True');
    expect(of.conditions?.every(({ observedGeneration }) => observedGeneration === 3)).toBe(true);
  });
  test('of one that is done', () => {
    const of = status(pod({ restartPolicy: 'Never' }), [exited('a', 0), exited('b', 0)]);
    expect([condition(of, 'Ready'), condition(of, 'ContainersReady')]).toEqual(['False | PodCompleted', 'False | PodCompleted']);
    expect(condition(status(pod({ restartPolicy: 'Never' }), [exited('a', 1), exited('b', 0)]), 'Ready')).toBe('False | PodFailed');
  });
  test('readiness gates hold the pod back', () => {
    const of = pod({ readinessGates: [{ conditionType: 'x.example/lb' }] });
    expect(condition(status(of, [container('a'), container('b')]), 'Ready')).toBe('False | ReadinessGatesNotReady | corresponding condition of pod readiness gate "x.example/lb" does not exist.');
    const gated = { ...of, status: { conditions: [{ type: 'x.example/lb', status: 'True' }] } };
    expect(condition(status(gated, [container('a'), container('b')]), 'Ready')).toBe('True');
    expect(status(gated, [container('a'), container('b')]).conditions?.at(-1)).toEqual({ type: 'x.example/lb', status: 'True' });
  });
  test('keep their time while they do not change', () => {
    const first = status(pod(), [container('a')]);
    const later = status(pod({}, first), [container('a'), container('b')], { now: NOW + 60_000 });
    const time = (type: string): string | undefined => later.conditions?.find((each) => each.type === type)?.lastTransitionTime;
    expect([time('Initialized'), time('Ready')]).toEqual(['2026-11-21T12:00:00Z', '2026-11-21T12:01:00Z']);
  });
});

test('addresses are the sandbox’s, or the host’s on its network, and stay after the end', () => {
  expect(status(pod(), [container('a'), container('b')])).toMatchObject({ podIP: '10.244.0.2', podIPs: [{ ip: '10.244.0.2' }], hostIP: '10.240.0.11', hostIPs: [{ ip: '10.240.0.11' }] });
  expect(status(pod({ hostNetwork: true }), [container('a'), container('b')], { podIPs: [] }).podIP).toBe('10.240.0.11');
  expect(status(pod({}, { phase: 'Succeeded', podIPs: [{ ip: '10.244.0.9' }] }), [], { podIPs: [] }).podIP).toBe('10.244.0.9');
});

test('a patch holds what differs, and leaves the conditions of others alone', () => {
  const current: V1PodStatus = { phase: 'Pending', message: 'old', podIPs: [{ ip: '1' }], conditions: [{ type: 'Ready', status: 'False', reason: 'r' }, { type: 'other', status: 'True' }] };
  const wanted: V1PodStatus = { phase: 'Running', podIPs: [{ ip: '2' }], conditions: [{ type: 'Ready', status: 'True' }] };
  expect(statusPatch('u', current, wanted)).toEqual({ metadata: { uid: 'u' }, status: { phase: 'Running', message: null, podIPs: [{ ip: '2' }, { $patch: 'replace' }], conditions: [{ type: 'Ready', status: 'True', reason: null, message: null }] } });
  expect(statusPatch('u', wanted, wanted)).toBeUndefined();
});
