import type { V1Lease, V1LeaseSpec } from '../../generated/types.ts';
import { lease } from './lease.ts';

const leaseOf = (spec: V1LeaseSpec): V1Lease => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'x', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }, spec });
const errorsOf = (spec: V1LeaseSpec): string[] => (lease.validate?.(leaseOf(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('lease', () => {
  it('lasts for some time, and may have been let go', () => {
    expect(errorsOf({ holderIdentity: '', leaseDurationSeconds: 1 })).toEqual([]);
    expect(errorsOf({ leaseDurationSeconds: 0, leaseTransitions: -1 })).toEqual(['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0', 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0']);
    expect(lease.columns?.map((each) => each.value(leaseOf({ holderIdentity: 'a' }), Date.parse('2026-01-01T00:01:00Z')))).toEqual(['a', '60s']);
  });
});
