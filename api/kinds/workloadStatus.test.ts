import { deployment } from './apps/deployment.ts';
import { statefulSet } from './apps/statefulSet.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const withStatus = (status: object): { apiVersion: string; kind: string; metadata: typeof metadata } => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, status } as { apiVersion: string; kind: string; metadata: typeof metadata });
const lines = (errors: readonly { readonly field: string; readonly message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

test('no part of the replicas is more than the whole', () => {
  expect(lines(deployment.validateStatusUpdate?.(withStatus({ replicas: 1, updatedReplicas: 2, readyReplicas: 0, availableReplicas: 1, unavailableReplicas: -1 }), withStatus({})))).toEqual([
    'status.unavailableReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
  ]);
});

test('collisions are never forgotten', () => {
  expect(lines(statefulSet.validateStatusUpdate?.(withStatus({ collisionCount: 1 }), withStatus({ collisionCount: 2 })))).toEqual(['status.collisionCount: Invalid value: 1: cannot be decremented']);
});
