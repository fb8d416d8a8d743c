import type { V1Container, V1Pod, V1PodSpec } from '../api/generated/types.ts';
import type { BackoffEntry } from './backoff.ts';
import { computePodActions, type PodActions } from './computePodActions.ts';
import type { ProbeResults } from './probes/types.ts';
import type { Container, RuntimePod, Sandbox } from './runtime/types.ts';
import { specHash } from './specHash.ts';

const NOW = 1_000_000;
const identity = { name: 'web', namespace: 'default', uid: 'u' };

function pod(spec: Partial<V1PodSpec> = {}): V1Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...identity, resourceVersion: '1', creationTimestamp: '' }, spec: { containers: [{ name: 'a', image: 'i' }, { name: 'b', image: 'i' }], restartPolicy: 'Always', ...spec } };
}

const sandbox = (attempt = 0, state: Sandbox['state'] = 'Ready'): Sandbox => ({ id: `s${attempt}`, pod: identity, attempt, state, hostNetwork: false, createdAt: attempt, pid: 1 });

function container(name: string, more: Partial<Container> = {}): Container {
  return {
    id: `${name}${more.attempt ?? 0}`, sandboxId: 's0', pod: identity, name, attempt: 0, state: 'Running', image: 'i', imageId: '', specHash: specHash({ name, image: 'i' }),
    createdAt: 0, startedAt: 0, finishedAt: 0, exitCode: 0, reason: '', message: '', pid: 1, logPath: '', labels: {}, tty: false, mounts: [], ...more,
  };
}

const exited = (name: string, exitCode: number, more: Partial<Container> = {}): Container => container(name, { state: 'Exited', exitCode, finishedAt: NOW - 1000, ...more });

function actions(of: V1Pod, containers: readonly Container[], more: { sandboxes?: readonly Sandbox[]; address?: boolean; probes?: Record<string, ProbeResults>; backoff?: Record<string, BackoffEntry> } = {}): PodActions {
  const runtime: RuntimePod = { pod: identity, sandboxes: more.sandboxes ?? [sandbox()], containers };
  return computePodActions({ pod: of, runtime, sandboxHasAddress: more.address ?? true, probes: (name) => more.probes?.[name] ?? {}, backoff: new Map(Object.entries(more.backoff ?? {})), now: NOW });
}

/** In short: what is done, e.g. `kill sandbox1 +a#0`. */
function brief(result: PodActions): string {
  return [
    ...(result.killPod ? ['killPod'] : []),
    ...(result.createSandbox ? [`sandbox${result.sandboxAttempt}`] : []),
    ...result.kill.map(({ name }) => `-${name}`),
    ...result.start.map((start) => `+${start.container.name}#${start.attempt}`),
    ...result.backedOff.map((each) => `wait ${each.container.name}`),
  ].join(' ');
}

const sidecar: V1Container = { name: 'side', image: 'i', restartPolicy: 'Always' };
const init = (name: string): V1Container => ({ name, image: 'i' });

describe('the sandbox', () => {
  test('a new pod gets one, and its containers', () => expect(brief(actions(pod(), [], { sandboxes: [] }))).toBe('killPod sandbox0 +a#0 +b#0'));
  test('one that has died is made anew with all containers', () =>
    expect(brief(actions(pod(), [exited('a', 137), exited('b', 137)], { sandboxes: [sandbox(0, 'NotReady')] }))).toBe('killPod sandbox1 +a#1 +b#1'));
  test('one without an address is made anew', () => expect(brief(actions(pod(), [], { address: false }))).toBe('killPod sandbox1 +a#0 +b#0'));
  test('two that run at once are both replaced', () => expect(brief(actions(pod(), [], { sandboxes: [sandbox(1), sandbox(0)] }))).toBe('killPod sandbox2 +a#0 +b#0'));
  test('one on the wrong network is replaced', () => expect(brief(actions(pod({ hostNetwork: true }), []))).toBe('killPod sandbox1 +a#0 +b#0'));
  test('with a policy of Never the pod that ran is only ended', () =>
    expect(brief(actions(pod({ restartPolicy: 'Never' }), [exited('a', 0), container('b')], { sandboxes: [sandbox(0, 'NotReady')] }))).toBe('killPod'));
  test('with OnFailure what has succeeded is not run again', () =>
    expect(brief(actions(pod({ restartPolicy: 'OnFailure' }), [exited('a', 0), exited('b', 1)], { sandboxes: [sandbox(0, 'NotReady')] }))).toBe('killPod sandbox1 +b#1'));
  test('a pod whose containers are all done gets none', () =>
    expect(brief(actions(pod({ restartPolicy: 'OnFailure' }), [exited('a', 0), exited('b', 0)], { sandboxes: [sandbox(0, 'NotReady')] }))).toBe(''));
  test('init containers begin again in a new one', () =>
    expect(brief(actions(pod({ initContainers: [init('one')] }), [exited('one', 0), exited('a', 137), exited('b', 137)], { sandboxes: [sandbox(0, 'NotReady')] }))).toBe('killPod sandbox1 +one#1'));
});

describe('app containers', () => {
  test('all running: nothing to do', () => expect(brief(actions(pod(), [container('a'), container('b')]))).toBe(''));
  test('one is missing', () => expect(brief(actions(pod(), [container('a')]))).toBe('+b#0'));
  test.each([
    ['Always', 0, '+b#1'],
    ['Always', 1, '+b#1'],
    ['OnFailure', 0, ''],
    ['OnFailure', 1, '+b#1'],
    ['Never', 1, ''],
  ])('with %s, one that exited with %i: %s', (restartPolicy, exitCode, expected) => expect(brief(actions(pod({ restartPolicy }), [container('a'), exited('b', exitCode)]))).toBe(expected));
  test('one that was created and not started is started', () => expect(brief(actions(pod(), [container('a'), container('b', { state: 'Created' })]))).toBe('+b#1'));
  test('the newest run counts, and the attempt is one more than the highest', () => expect(brief(actions(pod(), [container('a'), exited('b', 1, { attempt: 4 }), exited('b', 1, { attempt: 3 })]))).toBe('+b#5'));
  test('the attempt goes on from the status where the runtime has lost every run', () => {
    const of = pod();
    of.status = { containerStatuses: [{ name: 'b', image: 'i', imageID: '', ready: false, restartCount: 2, containerID: 'docker://x' }] };
    expect(brief(actions(of, [container('a')]))).toBe('+b#3');
  });
  test('all done for good: the pod is ended', () => expect(brief(actions(pod({ restartPolicy: 'Never' }), [exited('a', 0), exited('b', 1)]))).toBe('killPod'));
  test('an own policy comes before the pod’s', () => {
    const of = pod({ restartPolicy: 'Never', containers: [init('a'), { ...init('b'), restartPolicy: 'OnFailure' }] });
    expect(brief(actions(of, [container('a'), exited('b', 1)]))).toBe('+b#1');
  });
  test('a rule on exit codes restarts what the policy would not', () => {
    const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
    const of = pod({ restartPolicy: 'Never', containers: [init('a'), { ...init('b'), restartPolicy: 'Never', restartPolicyRules: rules }] });
    expect(brief(actions(of, [container('a'), exited('b', 42)]))).toBe('+b#1');
    expect(brief(actions(of, [container('a'), exited('b', 43)]))).toBe('');
  });
  test('a new image restarts only the container that has it', () => {
    const result = actions(pod({ containers: [{ name: 'a', image: 'new' }, init('b')] }), [container('a'), container('b')]);
    expect(brief(result)).toBe('-a +a#1');
    expect(result.kill[0]?.message).toBe('Container a definition changed, will be restarted');
  });
});

describe('probes', () => {
  test('a failed liveness probe restarts', () => {
    const result = actions(pod(), [container('a'), container('b')], { probes: { a: { liveness: 'Failure' } } });
    expect(brief(result)).toBe('-a +a#1');
    expect(result.kill[0]).toMatchObject({ reason: 'LivenessProbe', message: 'Container a failed liveness probe, will be restarted' });
  });
  test('a failed startup probe restarts', () => expect(actions(pod(), [container('a'), container('b')], { probes: { a: { startup: 'Failure' } } }).kill[0]?.message).toBe('Container a failed startup probe, will be restarted'));
  test('with Never it is ended and stays so', () => {
    const result = actions(pod({ restartPolicy: 'Never' }), [container('a'), container('b')], { probes: { a: { liveness: 'Failure' } } });
    expect(brief(result)).toBe('-a');
    expect(result.kill[0]?.message).toBe('Container a failed liveness probe');
  });
  test('an unknown result does nothing', () => expect(brief(actions(pod(), [container('a'), container('b')], { probes: { a: { liveness: 'Unknown', readiness: 'Failure' } } }))).toBe(''));
});

describe('back-off', () => {
  const entry = { delay: 10_000, updatedAt: NOW - 2000 };
  test('what failed lately waits', () => {
    const result = actions(pod(), [container('a'), exited('b', 1)], { backoff: { b: entry } });
    expect(brief(result)).toBe('wait b');
    expect(result.backedOff[0]).toMatchObject({ delay: 10_000, retryAt: NOW + 9000 });
  });
  test('after the time it is started', () => expect(brief(actions(pod(), [container('a'), exited('b', 1, { finishedAt: NOW - 10_000 })], { backoff: { b: entry } }))).toBe('+b#1'));
  test('a long good run is forgiven', () => expect(brief(actions(pod(), [container('a'), exited('b', 1)], { backoff: { b: { delay: 300_000, updatedAt: NOW - 700_000 } } }))).toBe('+b#1'));
  test('other containers do not wait with it', () => expect(brief(actions(pod(), [exited('b', 1)], { backoff: { b: entry } }))).toBe('+a#0 wait b'));
});

describe('init containers', () => {
  const spec = { initContainers: [init('one'), init('two')] };
  test('begin with the first', () => expect(brief(actions(pod(spec), []))).toBe('+one#0'));
  test('wait while one runs', () => expect(brief(actions(pod(spec), [container('one')]))).toBe(''));
  test('go on with the next', () => expect(brief(actions(pod(spec), [exited('one', 0)]))).toBe('+two#0'));
  test('after the last the app starts', () => expect(brief(actions(pod(spec), [exited('one', 0), exited('two', 0)]))).toBe('+a#0 +b#0'));
  test('one that failed is tried again', () => expect(brief(actions(pod(spec), [exited('one', 1)]))).toBe('+one#1'));
  test('with Never its failure ends the pod', () => expect(brief(actions(pod({ ...spec, restartPolicy: 'Never' }), [exited('one', 1)]))).toBe('killPod'));
  test('are done once the app has started, whatever became of them', () => expect(brief(actions(pod(spec), [container('a'), exited('b', 1)]))).toBe('+b#1'));
  test('of an earlier sandbox do not count', () =>
    expect(brief(actions(pod(spec), [exited('one', 0), exited('a', 1), exited('b', 1)], { sandboxes: [sandbox(1), sandbox(0, 'NotReady')] }))).toBe('+one#1'));
});

describe('sidecars', () => {
  const spec = { initContainers: [sidecar, init('one')] };
  test('start before what comes after them', () => expect(brief(actions(pod(spec), []))).toBe('+side#0'));
  test('let the next begin when they run', () => expect(brief(actions(pod(spec), [container('side')]))).toBe('+one#0'));
  test('with a startup probe hold it up until that succeeds', () => {
    const of = pod({ initContainers: [{ ...sidecar, startupProbe: {} }, init('one')] });
    expect(brief(actions(of, [container('side')]))).toBe('');
    expect(brief(actions(of, [container('side')], { probes: { side: { startup: 'Success' } } }))).toBe('+one#0');
  });
  test('are restarted even where the pod’s policy is Never', () => expect(brief(actions(pod({ ...spec, restartPolicy: 'Never' }), [exited('side', 0), exited('one', 0), container('a'), container('b')]))).toBe('+side#1'));
  test('end with the app', () => expect(brief(actions(pod({ ...spec, restartPolicy: 'Never' }), [container('side'), exited('one', 0), exited('a', 0), exited('b', 0)]))).toBe('killPod'));
  test('that fail their liveness probe are restarted', () => expect(brief(actions(pod(spec), [container('side'), exited('one', 0), container('a'), container('b')], { probes: { side: { liveness: 'Failure' } } }))).toBe('-side +side#1'));
});

test('an ephemeral container starts once, and even while the pod initializes', () => {
  const of = pod({ initContainers: [init('one')], ephemeralContainers: [{ name: 'debug', image: 'i' }] });
  expect(brief(actions(of, [container('one')]))).toBe('+debug#0');
  expect(brief(actions(of, [container('one'), exited('debug', 1)]))).toBe('');
});
