import type { V1FlowSchema } from '../../api/generated/types.ts';
import type { RequestInfo, UserInfo } from '../types.ts';
import { allocate, levelLimits } from './concurrency.ts';
import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from './defaultFlows.ts';
import { distinguisherOf, flowMatcher } from './flowMatcher.ts';
import { danglingCondition, isKept } from './keepFlowObjects.ts';
import { SeatDemand } from './seatDemand.ts';
import { dealHand } from './shuffleSharding.ts';
import { seatsOf } from './workEstimate.ts';

const request = (verb: string, path: Partial<RequestInfo>): RequestInfo => ({ isResourceRequest: true, verb, path: '/x', group: '', version: 'v1', resource: '', subresource: '', namespace: '', name: '', ...path });
const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] });
const schemas = ([...mandatorySchemas(), ...suggestedSchemas()] as V1FlowSchema[]).toSorted((a, b) => a.spec!.matchingPrecedence! - b.spec!.matchingPrecedence!);
const classified = (info: RequestInfo, who: UserInfo): string => schemas.find((each) => flowMatcher(each)(info, who))!.metadata.name;

const lease = request('update', { group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-node-lease', name: 'n1' });
const node = user('system:node:n1', 'system:nodes');

test.each([
  ['an administrator', request('list', { resource: 'pods' }), user('admin', 'system:masters'), 'exempt'],
  ['a probe', request('get', { isResourceRequest: false, path: '/readyz' }), { name: 'system:anonymous', groups: ['system:unauthenticated'] }, 'probes'],
  ['another path', request('get', { isResourceRequest: false, path: '/version' }), user('jane'), 'global-default'],
  ['the lease of a node', lease, node, 'system-node-high'],
  ['the status of a node', request('patch', { resource: 'nodes', subresource: 'status', name: 'n1' }), node, 'system-node-high'],
  ['what else a node does', request('list', { resource: 'pods' }), node, 'system-nodes'],
  ['a leader', { ...lease, namespace: 'kube-system' }, user('system:kube-scheduler'), 'system-leader-election'],
  ['the scheduler', request('list', { resource: 'pods' }), user('system:kube-scheduler'), 'kube-scheduler'],
  ['endpoints', request('update', { resource: 'endpoints', namespace: 'default', name: 'web' }), user('system:serviceaccount:kube-system:endpoint-controller', 'system:serviceaccounts'), 'endpoint-controller'],
  ['a controller', request('list', { resource: 'pods' }), user('system:serviceaccount:kube-system:job-controller', 'system:serviceaccounts'), 'kube-system-service-accounts'],
  ['an operator', request('list', { resource: 'pods' }), user('system:serviceaccount:apps:operator', 'system:serviceaccounts'), 'service-accounts'],
  ['a person', request('list', { resource: 'pods' }), user('jane'), 'global-default'],
])('%s', (_, info, who, expected) => expect(classified(info, who)).toBe(expected));

test('flows are told apart by user or by namespace', () => {
  const of = (type?: string): string => distinguisherOf({ spec: { priorityLevelConfiguration: { name: 'x' }, ...(type ? { distinguisherMethod: { type } } : {}) } })(request('get', { namespace: 'a' }), user('jane'));
  expect([of('ByUser'), of('ByNamespace'), of()]).toEqual(['jane', 'a', '']);
});

test('all seats of the server are shared by the shares, as Kubernetes has it for 600', () => {
  const levels = [...mandatoryLevels(), ...suggestedLevels()].map(({ spec }) => {
    const part = spec!.limited ?? spec!.exempt!;
    return { isExempt: spec!.type === 'Exempt', shares: part.nominalConcurrencyShares!, lendablePercent: part.lendablePercent!, borrowingLimitPercent: undefined };
  });
  expect(levelLimits(levels, 600).map(({ nominal, lower }) => [nominal, lower])).toEqual([[0, 0], [13, 13], [74, 50], [98, 73], [25, 25], [98, 49], [245, 24], [49, 24]]);
});

test('what is not used is lent, within the bounds', () => {
  const idle = { lower: 10, upper: 100, target: 10 };
  const busy = { lower: 50, upper: 100, target: 300 };
  expect(allocate(100, [idle, busy])).toEqual([10, 90]);
  expect(allocate(100, [busy, busy])).toEqual([50, 50]);
  expect(allocate(50, [idle, busy])).toEqual([10, 50]);
  expect(allocate(1000, [idle, busy])).toEqual([100, 100]);
});

test('demand rises at once and falls slowly', () => {
  const demand = new SeatDemand(0);
  demand.set(40, 0);
  expect(demand.take(10_000)).toEqual({ high: 40, smooth: 40 });
  demand.set(0, 10_000);
  const after = demand.take(20_000);
  expect([after.high, Math.round(after.smooth)]).toEqual([40, 39]);
  expect(demand.take(30_000).high).toBe(0);
});

test('a hand has different queues, is always the same for a flow, and rarely another one\'s', () => {
  const hand = dealHand('flow-a', 64, 6);
  expect(new Set(hand).size).toBe(6);
  expect(hand.every((card) => card >= 0 && card < 64)).toBe(true);
  expect(dealHand('flow-a', 64, 6)).toEqual(hand);
  const covered = Array.from({ length: 1000 }, (_, at) => dealHand(`flow-${at}`, 64, 6)).filter((other) => other.every((card) => hand.includes(card)));
  expect(covered.length).toBeLessThanOrEqual(1);
  expect(dealHand('x', 4, 4).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
});

test('a list is as wide as it is long, up to a part of the level', () => {
  const seats = (verb: string, query: string, count: number, nominal = 200): number => seatsOf(request(verb, { resource: 'pods' }), new URLSearchParams(query), nominal, () => count);
  expect([seats('get', '', 9000), seats('list', '', 0), seats('list', '', 250), seats('list', 'limit=100', 5000), seats('list', '', 90_000)]).toEqual([1, 1, 3, 1, 10]);
  expect(seats('list', '', 90_000, 13)).toBe(2);
  expect([seats('watch', '', 900), seats('watch', 'sendInitialEvents=true', 900)]).toEqual([1, 9]);
});

test('a FlowSchema says whether its level exists', () => {
  const schema = schemas[0]!;
  const found = danglingCondition(schema, () => true, 'now');
  expect(found).toEqual({ type: 'Dangling', status: 'False', reason: 'Found', message: 'This FlowSchema references the PriorityLevelConfiguration object named "exempt" and it exists', lastTransitionTime: 'now' });
  const marked = { ...schema, status: { conditions: [found!] } };
  expect(danglingCondition(marked, () => true, 'later')).toBeUndefined();
  expect(danglingCondition(marked, () => false, 'later')).toMatchObject({ status: 'True', reason: 'NotFound', lastTransitionTime: 'later' });
});

test('a suggested object is the server\'s until somebody says or does otherwise', () => {
  const object = (annotation: string | undefined, generation: number): Parameters<typeof isKept>[0] => ({ apiVersion: '', kind: '', metadata: { name: 'x', uid: '', resourceVersion: '', creationTimestamp: '', generation, annotations: annotation === undefined ? {} : { 'apf.kubernetes.io/autoupdate-spec': annotation } } });
  expect([isKept(object('true', 5)), isKept(object('false', 1)), isKept(object(undefined, 1)), isKept(object(undefined, 2))]).toEqual([true, false, true, false]);
});
