import type { V1PodDisruptionBudget, V1PodDisruptionBudgetSpec } from '../../generated/types.ts';
import { podDisruptionBudget } from './podDisruptionBudget.ts';

const metadata = { name: 'x', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const budget = (spec: V1PodDisruptionBudgetSpec): V1PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec });
const errorsOf = (spec: V1PodDisruptionBudgetSpec): string[] => (podDisruptionBudget.validate?.(budget(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('pod disruption budget', () => {
  it('is valid, or not', () => {
    expect(errorsOf({ minAvailable: '50%', selector: {} })).toEqual([]);
    expect(errorsOf({ minAvailable: 1, maxUnavailable: 1 })).toEqual(['spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set']);
    expect(errorsOf({ maxUnavailable: '101%' })).toEqual(['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%']);
    expect(errorsOf({ minAvailable: -1 })).toEqual(['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']);
    expect(errorsOf({ unhealthyPodEvictionPolicy: 'Never' })).toEqual(['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"']);
  });
  it('shows itself', () => {
    expect(podDisruptionBudget.columns?.map((each) => each.value({ ...budget({ minAvailable: 2 }), status: { disruptionsAllowed: 1 } } as V1PodDisruptionBudget, Date.parse('2026-01-01T00:01:00Z')))).toEqual(['2', 'N/A', 1, '60s']);
  });
});
