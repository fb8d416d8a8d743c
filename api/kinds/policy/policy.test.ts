import type { V1PodDisruptionBudget, V1PodDisruptionBudgetSpec } from '../../generated/types.ts';
import { podDisruptionBudget } from './podDisruptionBudget.ts';

const metadata = { name: 'x', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const budget = (spec: V1PodDisruptionBudgetSpec): V1PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec });
const errorsOf = (spec: V1PodDisruptionBudgetSpec): string[] => (podDisruptionBudget.validate?.(budget(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('pod disruption budget', () => {
  it('is valid, or not', () => {
    expect(errorsOf({ minAvailable: '50%', selector: {} })).toEqual([]);
    expect(errorsOf({ minAvailable: 1, maxUnavailable: 1 })).toEqual(['spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set']);
    expect(errorsOf({ maxUnavailable: '101%' })).toEqual(['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%']);
    expect(errorsOf({ minAvailable: -1 })).toEqual(['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']);
    expect(errorsOf({ unhealthyPodEvictionPolicy: 'Never' })).toEqual(['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"']);
  });
  it('has conditions in the common form', () => {
    const good = { type: 'DisruptionAllowed', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'SufficientPods', message: '' };
    const object = { ...budget({}), status: { currentHealthy: 0, desiredHealthy: -1, disruptionsAllowed: 0, expectedPods: 0, conditions: [good, { ...good, status: '', reason: 'not a reason' }] } };
    expect((podDisruptionBudget.validateStatusUpdate?.(object, object) ?? []).map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'status.conditions[1].type: Duplicate value: "DisruptionAllowed"', 'status.conditions[1].status: Unsupported value: "": supported values: "False", "True", "Unknown"',
      expect.stringMatching(/^status\.conditions\[1\]\.reason: Invalid value: "not a reason": a condition reason must start with alphabetic character/), 'status.desiredHealthy: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });
  it('shows itself', () => {
    expect(podDisruptionBudget.columns?.map((each) => each.value({ ...budget({ minAvailable: 2 }), status: { disruptionsAllowed: 1 } } as V1PodDisruptionBudget, Date.parse('2026-01-01T00:01:00Z')))).toEqual(['2', 'N/A', 1, '60s']);
  });
});
