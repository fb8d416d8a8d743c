import type { V1PriorityClass } from '../../generated/types.ts';
import { priorityClass } from './priorityClass.ts';

function classOf(name: string, value: number): V1PriorityClass {
  const object: V1PriorityClass = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name, uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }, value };
  priorityClass.setDefaults?.(object);
  return object;
}
const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('priority class', () => {
  it('keeps the highest values for the cluster', () => {
    expect(texts(priorityClass.validate?.(classOf('high', 1000)))).toEqual([]);
    expect(texts(priorityClass.validate?.(classOf('system-node-critical', 2_000_001_000)))).toEqual([]);
    expect(texts(priorityClass.validate?.(classOf('high', 1_000_000_001)))).toEqual(['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']);
    const reserved = "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ";
    expect(texts(priorityClass.validate?.(classOf('system-node-critical', 7)))).toEqual([`${reserved}value of system-node-critical PriorityClass must be 2000001000`]);
    const asDefault: V1PriorityClass = { ...classOf('system-node-critical', 2_000_001_000), globalDefault: true };
    expect(texts(priorityClass.validate?.(asDefault))).toEqual([`${reserved}globalDefault of system-node-critical PriorityClass must be false`]);
    expect(texts(priorityClass.validate?.(classOf('system-mine', 1)))[0]).toMatch(/^metadata\.name: Forbidden: priority class names with 'system-' prefix are reserved/);
  });
  it('keeps its value', () => {
    expect(texts(priorityClass.validateUpdate?.(classOf('high', 2), classOf('high', 1)))).toEqual(['value: Forbidden: may not be changed in an update.']);
  });
  it('shows itself', () => {
    expect(priorityClass.columns?.map((each) => each.value(classOf('high', 7), Date.parse('2026-01-01T00:01:00Z')))).toEqual([7, false, '60s', 'PreemptLowerPriority']);
  });
});
