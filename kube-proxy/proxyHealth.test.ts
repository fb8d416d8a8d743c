import type { V1Node } from '../api/generated/types.ts';
import { type Clock, systemClock } from '../process/clock.ts';
import { ProxyHealth } from './proxyHealth.ts';

const node: V1Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', uid: 'a', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' } };
let time = 0;
const clock: Clock = { ...systemClock, now: () => time, monotonic: () => time };
const statuses = (health: ProxyHealth): unknown[] => ['/healthz', '/livez'].map((path) => health.answer(path)?.status);

test('a change that waits too long makes it unhealthy until it is written', () => {
  const health = new ProxyHealth(clock, 1000);
  health.queued();
  time += 999;
  health.queued();
  expect(statuses(health)).toEqual([200, 200]);
  time += 1;
  expect([health.isHealthy, ...statuses(health)]).toEqual([false, 503, 503]);
  health.updated();
  expect([health.isHealthy, ...statuses(health)]).toEqual([true, 200, 200]);
});

test('a node that is going takes no new connections, but the proxy lives', () => {
  const health = new ProxyHealth(clock, 1000);
  expect(statuses(health)).toEqual([200, 200]);
  health.sawNode({ ...node, spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] } });
  expect(statuses(health)).toEqual([503, 200]);
  expect(health.answer('/healthz')?.body).toContain('"nodeEligible": false');
  health.sawNode(node);
  expect(statuses(health)).toEqual([200, 200]);
  health.sawNode({ ...node, metadata: { ...node.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  expect(statuses(health)).toEqual([503, 200]);
  health.sawNode(undefined);
  expect(statuses(health)).toEqual([503, 200]);
  expect(health.answer('/metrics')).toBeUndefined();
});
