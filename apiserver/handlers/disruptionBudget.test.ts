import type { V1PodDisruptionBudget, V1PodDisruptionBudgetStatus } from '../../api/generated/types.ts';
import { budgetRefusal, disrupted, ignoresBudget } from './disruptionBudget.ts';

const denied = (reason: string, message: string): V1PodDisruptionBudgetStatus['conditions'] => [{ type: 'DisruptionAllowed', status: 'False', reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' }];
const budget = (status: Partial<V1PodDisruptionBudgetStatus>): V1PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'foo', namespace: 'default', generation: 1, uid: '', resourceVersion: '', creationTimestamp: '' },
  status: { observedGeneration: 1, ...status },
});

test.each<[string, Partial<V1PodDisruptionBudgetStatus>, string | undefined]>([
  ['one is left', { disruptionsAllowed: 1 }, undefined],
  ['nothing has been counted', {}, 'The disruption budget foo needs 0 healthy pods and has 0 currently'],
  ['as many as are needed', { desiredHealthy: 3, currentHealthy: 3 }, 'The disruption budget foo needs 3 healthy pods and has 3 currently'],
  ['the sync failed', { conditions: denied('SyncFailed', 'hoge') }, 'The disruption budget foo does not allow evicting pods currently because it failed sync: hoge'],
  ['more than are needed, and a reason', { currentHealthy: 4, desiredHealthy: 3, conditions: denied('bar-reason', 'hoge') }, 'The disruption budget foo does not allow evicting pods currently (bar-reason): hoge'],
  ['more than are needed, and none', { currentHealthy: 4, desiredHealthy: 3 }, 'The disruption budget foo does not allow evicting pods currently'],
  ['its spec is newer', { observedGeneration: 0, disruptionsAllowed: 1 }, 'The disruption budget foo is still being processed by the server.'],
  ['below nothing', { disruptionsAllowed: -1 }, 'pdb disruptions allowed is negative'],
])('an exhausted budget tells why: %s', (_, status, message) => {
  expect(budgetRefusal(budget(status))?.message).toBe(message);
});

const pod = (phase: string, conditions: { type: string; status: string; lastTransitionTime: string }[] = [], deletionTimestamp?: string): Parameters<typeof disrupted>[0] => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '', ...(deletionTimestamp ? { deletionTimestamp } : {}) },
  status: { phase, conditions },
});

test('only a pod that runs is under its budget', () => {
  expect(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'].filter((phase) => !ignoresBudget(pod(phase)))).toEqual(['Running', 'Unknown']);
  expect(ignoresBudget(pod('Running', [], '2026-01-01T00:00:00Z'))).toBe(true);
});

test('the condition that tells of an eviction stays at its place, with the time since when it holds', () => {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: 'a' };
  const place = (status: string): unknown => disrupted(pod('Running', [{ type: 'DisruptionTarget', status, lastTransitionTime: 'then' }, ready]), 'now').status?.conditions?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]);
  expect(place('True')).toEqual([['DisruptionTarget', 'then'], ['Ready', 'a']]);
  expect(place('False')).toEqual([['DisruptionTarget', 'now'], ['Ready', 'a']]);
  expect(disrupted(pod('Running', [ready]), 'now').status?.conditions?.[1]).toEqual({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', lastTransitionTime: 'now' });
});
