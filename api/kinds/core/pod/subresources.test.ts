import type { V1Pod, V1PodSpec, V1PodStatus } from '../../../generated/types.ts';
import { pod as definition } from './pod.ts';
import { validateEphemeralContainersUpdate, validatePodResize } from './validateSubresources.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function podOf(spec: V1PodSpec, status?: V1PodStatus, annotations?: Record<string, string>): V1Pod {
  const pod: V1Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ...(annotations ? { annotations } : {}) }, spec: structuredClone(spec), ...(status ? { status } : {}) };
  definition.setDefaults?.(pod);
  return pod;
}

const lines = (errors: readonly { readonly field: string; readonly message: string }[]): string[] => errors.map(({ field, message }) => `${field}: ${message}`);

describe('resize', () => {
  const spec: V1PodSpec = {
    containers: [{ name: 'a', image: 'i', resources: { requests: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' }, limits: { cpu: '2' } } }, { name: 'b', image: 'i' }],
    initContainers: [{ name: 'init', image: 'i', resources: { requests: { cpu: '1' } } }],
  };
  const resize = (change: (spec: V1PodSpec) => void, status?: V1PodStatus, annotations?: Record<string, string>): string[] => {
    const next = podOf(spec, status, annotations);
    change(next.spec!);
    return lines(validatePodResize(next, podOf(spec, status, annotations)));
  };
  const resources = (of: V1PodSpec, index = 0): NonNullable<V1PodSpec['containers'][number]['resources']> => of.containers[index]!.resources!;

  it('changes cpu and memory', () => {
    expect(resize((now) => (resources(now).requests!['cpu'] = '1500m'))).toEqual([]);
    expect(resize((now) => (resources(now, 1).limits = { cpu: '1' }))).toEqual([]);
  });
  it.each<[string, (spec: V1PodSpec) => void, string[]]>([
    ['takes nothing away', (now) => delete resources(now).limits, ['spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed']],
    ['changes no other resource', (now) => (resources(now).requests!['ephemeral-storage'] = '2Gi'), ['spec: Forbidden: only cpu and memory resources are mutable']],
    ['renames nothing', (now) => (now.containers[1]!.name = 'c'), ['spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize']],
    ['adds nothing', (now) => now.containers.push({ ...now.containers[0]!, name: 'c' }), ['spec.containers: Forbidden: containers may not be added or removed on resize']],
  ])('%s', (_, change, messages) => {
    expect(resize(change)).toEqual(messages);
  });
  it('is for pods of the API whose nodes can', () => {
    expect(resize(() => undefined, undefined, { 'kubernetes.io/config.mirror': 'x' })).toEqual(['[]: Forbidden: static pods cannot be resized']);
    expect(resize(() => undefined, { containerStatuses: [{ name: 'a', image: '', imageID: '', ready: true, restartCount: 0, state: { running: {} } }] })).toEqual(['spec: Forbidden: Pod running on node without support for resize']);
    expect(resize((now) => {
      for (const each of [...now.containers, ...now.initContainers!]) each.resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
    })).toContain('spec: Invalid value: "": Pod QOS Class may not change as a result of resizing');
  });
});

describe('containers for debugging', () => {
  const spec: V1PodSpec = { containers: [{ name: 'a', image: 'i' }], ephemeralContainers: [{ name: 'd', image: 'i' }] };
  it('come, but do not go or change', () => {
    const update = (ephemeralContainers: V1PodSpec['ephemeralContainers']): string[] => lines(validateEphemeralContainersUpdate(podOf({ ...spec, ephemeralContainers }), podOf(spec)));
    expect(update([{ name: 'd', image: 'i' }, { name: 'e', image: 'i' }])).toEqual([]);
    expect(update([])).toEqual(['spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed\n']);
    expect(update([{ name: 'd', image: 'j' }])).toEqual([expect.stringMatching(/^spec\.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be changed\n/)]);
  });
  it('are not added by an update of the pod', () => {
    const next = podOf({ ...spec, ephemeralContainers: [...spec.ephemeralContainers!, { name: 'e', image: 'i' }] });
    expect(lines(definition.validateUpdate?.(next, podOf(spec)) ?? [])).toEqual([expect.stringMatching(/^spec: Forbidden: pod updates may not change fields other than/)]);
  });
});

describe('status', () => {
  const spec: V1PodSpec = { containers: [{ name: 'a', image: 'i' }], restartPolicy: 'Never' };
  const ended = { name: 'a', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 1 } } };
  const update = (status: V1PodStatus, before: V1PodStatus = {}): string[] => lines(definition.validateStatusUpdate?.(podOf(spec, status), podOf(spec, before)) ?? []);
  it.each<[string, V1PodStatus, V1PodStatus, string[]]>([
    ['addresses of one family', { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }, {}, ['status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family']],
    ['an address that is none', { podIPs: [{ ip: 'x' }] }, {}, ['status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    ['another class', { qosClass: 'Burstable' }, { qosClass: 'BestEffort' }, ['status.qosClass: Invalid value: "Burstable": field is immutable']],
    ['a second life', { containerStatuses: [{ ...ended, state: { running: {} } }] }, { containerStatuses: [ended] }, ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state']],
    ['a claim that it has not', { resourceClaimStatuses: [{ name: 'x' }] }, {}, ['status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`']],
    ['a user that cannot be', { containerStatuses: [{ ...ended, user: { linux: { uid: -1, gid: 0 } } }] }, {}, ['status.containerStatuses[0].linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive']],
  ])('refuses %s', (_, status, before, messages) => {
    expect(update(status, before)).toEqual(messages);
  });
});
