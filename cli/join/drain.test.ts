import type { V1Pod } from '../../api/generated/types.ts';
import { mustGo } from './drain.ts';

const pod = (metadata: Partial<V1Pod['metadata']>, phase = 'Running'): V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2030-01-01T00:00:00Z', ...metadata },
  spec: { containers: [] },
  status: { phase },
});
const owner = (kind: string) => ({ ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'x', uid: 'o', controller: true }] });

test('what would come back at once, is the node\'s own, or has ended, keeps no node from leaving', () => {
  expect(mustGo(pod({}))).toBe(true);
  expect(mustGo(pod(owner('ReplicaSet')))).toBe(true);
  expect(mustGo(pod(owner('DaemonSet')))).toBe(false);
  expect(mustGo(pod({ annotations: { 'kubernetes.io/config.mirror': 'm' } }))).toBe(false);
  expect(mustGo(pod({}, 'Succeeded'))).toBe(false);
});
