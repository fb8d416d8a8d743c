import type { V1Container, V1PodSpec } from '../generated/types.ts';
import { podLimits, podRequests } from './podResources.ts';
import { qosClassOf } from './qosClass.ts';
import { formatQuantity } from './quantity.ts';
import { formatTaint, tolerates, untoleratedTaint } from './taints.ts';

const container = (requests: Record<string, string>, more: Partial<V1Container> = {}): V1Container => ({ name: 'c', image: 'i', resources: { requests }, ...more });
const shown = (amounts: ReturnType<typeof podRequests>): Record<string, string> => Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]));

describe('podRequests', () => {
  it('takes the larger of the containers together and the largest moment of the start', () => {
    const spec: V1PodSpec = { containers: [container({ cpu: '100m', memory: '64Mi' }), container({ cpu: '200m' })], initContainers: [container({ cpu: '1', memory: '32Mi' })] };
    expect(shown(podRequests(spec))).toEqual({ cpu: '1', memory: '64Mi' });
  });
  it('counts sidecars with the containers and with the init containers after them', () => {
    const sidecar = container({ cpu: '100m' }, { restartPolicy: 'Always' });
    expect(shown(podRequests({ containers: [container({ cpu: '200m' })], initContainers: [container({ cpu: '250m' }), sidecar] }))).toEqual({ cpu: '300m' });
    expect(shown(podRequests({ containers: [container({ cpu: '200m' })], initContainers: [sidecar, container({ cpu: '250m' })] }))).toEqual({ cpu: '350m' });
  });
  it('adds overhead', () => {
    expect(shown(podRequests({ containers: [container({ cpu: '1' })], overhead: { cpu: '250m', memory: '8Mi' } }))).toEqual({ cpu: '1250m', memory: '8Mi' });
    expect(shown(podLimits({ containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }], overhead: { cpu: '250m', memory: '8Mi' } }))).toEqual({ cpu: '1250m' });
  });
});

describe('qosClassOf', () => {
  const of = (...resources: V1Container['resources'][]): string => qosClassOf({ containers: resources.map((each, index) => ({ name: `c${index}`, resources: each })) });
  it('follows requests and limits', () => {
    const full = { cpu: '1', memory: '1Gi' };
    expect(of({})).toBe('BestEffort');
    expect(of({ requests: { cpu: '0' } })).toBe('BestEffort');
    expect(of({ requests: full, limits: { cpu: '1000m', memory: '1Gi' } })).toBe('Guaranteed');
    expect(of({ requests: full, limits: full }, {})).toBe('Burstable');
    expect(of({ requests: { cpu: '1' }, limits: full })).toBe('Burstable');
    expect(of({ requests: { 'example.com/gpu': '1' } })).toBe('BestEffort');
  });
  it('follows what is said of the pod as a whole, where anything is', () => {
    const whole = (resources: V1PodSpec['resources']): string => qosClassOf({ containers: [container({ cpu: '1' })], resources });
    const full = { cpu: '1', memory: '1Gi' };
    expect([whole({ requests: full, limits: full }), whole({ requests: full }), whole({ requests: full, limits: { cpu: '1' } }), whole({ limits: { 'hugepages-2Mi': '2Mi' } }), whole({})]).toEqual(['Guaranteed', 'Burstable', 'Burstable', 'BestEffort', 'BestEffort']);
  });
});

describe('taints', () => {
  const taint = { key: 'a', value: 'b', effect: 'NoSchedule' };
  it('matches key, value, operator and effect', () => {
    expect(tolerates({ key: 'a', value: 'b' }, taint)).toBe(true);
    expect(tolerates({ key: 'a', value: 'c' }, taint)).toBe(false);
    expect(tolerates({ key: 'a', operator: 'Exists', effect: 'NoExecute' }, taint)).toBe(false);
    expect(tolerates({ operator: 'Exists' }, taint)).toBe(true);
    expect(untoleratedTaint([taint], [], ['NoSchedule'])).toBe(taint);
    expect(untoleratedTaint([taint], [], ['NoExecute'])).toBeUndefined();
    expect(formatTaint(taint)).toBe('a=b:NoSchedule');
  });
});
