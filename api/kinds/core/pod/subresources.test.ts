import type { V1Container, V1ContainerState, V1Pod, V1PodSpec, V1PodStatus } from '../../../generated/types.ts';
import { preserveObservedGeneration } from './observedGeneration.ts';
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
    ['addresses of one family', { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }, {}, ['status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family']],
    ['an address that is none', { podIPs: [{ ip: 'x' }] }, {}, ['status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    ['another class', { qosClass: 'Burstable' }, { qosClass: 'BestEffort' }, ['status.qosClass: Invalid value: "Burstable": field is immutable']],
    ['a second life', { containerStatuses: [{ ...ended, state: { running: {} } }] }, { containerStatuses: [ended] }, ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state']],
    ['a claim that it has not', { resourceClaimStatuses: [{ name: 'x' }] }, {}, ['status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`']],
    ['a user that cannot be', { containerStatuses: [{ ...ended, user: { linux: { uid: -1, gid: 0 } } }] }, {}, ['status.containerStatuses[0].linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive']],
    ['a second life of an init container', { initContainerStatuses: [{ ...ended, name: 'i', state: { running: {} } }] }, { initContainerStatuses: [{ ...ended, name: 'i' }] }, ['status.initContainerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state']],
    ['conditions of no name', { conditions: [{ type: 'a b', status: 'True', observedGeneration: -1 }] }, {}, ['status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer', expect.stringMatching(/^status\.conditions\[0\]\.Type: Invalid value: "a b": name part must consist/)]],
    ['a generation below zero', { observedGeneration: -1 }, {}, ['status.observedGeneration: Invalid value: -1: must be a non-negative integer']],
    ['a claim for devices of nobody', { extendedResourceClaimStatus: { resourceClaimName: '', requestMappings: [{ containerName: 'x', resourceName: 'r', requestName: 'q' }, { containerName: 'a', resourceName: 'r', requestName: 'Q' }] } }, {}, [
      'status.extendedResourceClaimStatus.requestMappings[0].containerName: Invalid value: "x": must match the name of an entry in spec.initContainers.name or spec.containers.name',
      'status.extendedResourceClaimStatus.requestMappings[1].resourceName: Invalid value: "r": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests',
      expect.stringMatching(/^status\.extendedResourceClaimStatus\.requestName: Invalid value: "Q": a lowercase RFC 1123 label/),
      'status.extendedResourceClaimStatus.resourceClaimName: Required value',
    ]],
  ])('refuses %s', (_, status, before, messages) => {
    expect(update(status, before)).toEqual(messages);
  });
  it('lets run again what its own rules let, whatever its pod says', () => {
    const again = (container: Partial<V1Container>, exitCode: number): string[] => {
      const pod = (state: V1ContainerState): V1Pod => podOf({ containers: [{ name: 'a', image: 'i', ...container }], restartPolicy: 'Never' }, { containerStatuses: [{ ...ended, state }] });
      return lines(definition.validateStatusUpdate?.(pod({ running: {} }), pod({ terminated: { exitCode } })) ?? []);
    };
    const rules = (action: string): Partial<V1Container> => ({ restartPolicy: 'Never', restartPolicyRules: [{ action, exitCodes: { operator: 'In', values: [42] } }] });
    expect([again({ restartPolicy: 'OnFailure' }, 1), again({ restartPolicy: 'Always' }, 0), again(rules('Restart'), 42), again(rules('RestartAllContainers'), 1)]).toEqual([[], [], [], []]);
    expect([again({ restartPolicy: 'OnFailure' }, 0), again(rules('Restart'), 1)]).toEqual([1, 1].map(() => ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state']));
  });
  it('makes no candidates of nodes for a pod that has one', () => {
    const nominated = (nodeName: string, before?: string): string[] => lines(definition.validateStatusUpdate?.(podOf({ ...spec, nodeName }, { nominatedNodeName: 'n' }), podOf({ ...spec, nodeName }, before === undefined ? {} : { nominatedNodeName: before })) ?? []);
    expect([nominated(''), nominated('m', 'n'), nominated('m')]).toEqual([[], [], ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node']]);
  });
  it('keeps the generations that a client leaves out', () => {
    const status: V1PodStatus = { conditions: [{ type: 'PodScheduled', status: 'True' }, { type: 'Ready', status: 'True' }, { type: 'Ready', status: 'False', observedGeneration: 4 }] };
    const before: V1PodStatus = { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 2 }, { type: 'PodScheduled', status: 'True', observedGeneration: 3 }] };
    preserveObservedGeneration(status, before);
    expect([status.observedGeneration, ...status.conditions!.map((each) => each.observedGeneration)]).toEqual([1, 3, 2, 4]);
  });
});
