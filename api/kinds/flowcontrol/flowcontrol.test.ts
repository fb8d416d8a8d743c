import type { V1FlowSchema, V1PriorityLevelConfiguration } from '../../generated/types.ts';
import { flowSchema, priorityLevelConfiguration } from './flowcontrol.ts';

const metadata = { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

function schema(spec: V1FlowSchema['spec']): V1FlowSchema {
  const object: V1FlowSchema = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata, spec };
  flowSchema.setDefaults?.(object);
  return object;
}

function level(spec: V1PriorityLevelConfiguration['spec']): V1PriorityLevelConfiguration {
  const object: V1PriorityLevelConfiguration = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration', metadata, spec };
  priorityLevelConfiguration.setDefaults?.(object);
  return object;
}

describe('flow schema', () => {
  it('leads to a priority level', () => {
    expect(texts(flowSchema.validate?.(schema({ priorityLevelConfiguration: { name: 'global' } })))).toEqual([]);
    expect(texts(flowSchema.validate?.(schema({ priorityLevelConfiguration: { name: '' }, matchingPrecedence: 10_001 })))).toEqual([
      'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000', 'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
    ]);
    expect(flowSchema.columns?.map((each) => each.value(schema({ priorityLevelConfiguration: { name: 'global' } }), Date.parse('2026-01-01T00:01:00Z')))).toEqual(['global', '1000', '<none>', '60s', '?']);
  });
});

describe('priority level', () => {
  it('gets defaults, and limits or does not', () => {
    const queue = { limitResponse: { type: 'Queue', queuing: {} } };
    expect(level({ type: 'Limited', limited: structuredClone(queue) }).spec?.limited).toEqual({ nominalConcurrencyShares: 30, lendablePercent: 0, limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } } });
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Limited', limited: structuredClone(queue) })))).toEqual([]);
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Limited' })))).toEqual(['spec.limited: Required value: must not be empty when type is Limited']);
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Exempt', limited: structuredClone(queue) })))).toEqual(['spec.limited: Forbidden: must be nil if the type is not Limited']);
  });
});
