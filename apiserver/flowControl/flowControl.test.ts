import type { V1FlowSchema } from '../../api/generated/types.ts';
import type { RequestInfo, UserInfo } from '../types.ts';
import { allocate, currentLimits, levelLimits } from './concurrency.ts';
import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from './defaultFlows.ts';
import { distinguisherOf, flowMatcher } from './flowMatcher.ts';
import { DroppedRequests } from './droppedRequests.ts';
import { danglingCondition, isKept, isUnwanted } from './keepFlowObjects.ts';
import { SeatDemand } from './seatDemand.ts';
import { dealHand } from './shuffleSharding.ts';
import { WatchTracker } from './watchTracker.ts';
import { estimateWork, mostSeats } from './workEstimate.ts';

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
  ['endpoints', request('update', { resource: 'endpoints', namespace: 'default', name: 'web' }), user('system:serviceaccount:kube-system:endpoint-controller', 'system:serviceaccounts'), 'kube-system-service-accounts'],
  ['a controller', request('list', { resource: 'pods' }), user('system:serviceaccount:kube-system:job-controller', 'system:serviceaccounts'), 'kube-system-service-accounts'],
  ['an operator', request('list', { resource: 'pods' }), user('system:serviceaccount:apps:operator', 'system:serviceaccounts'), 'service-accounts'],
  ['a person', request('list', { resource: 'pods' }), user('jane'), 'global-default'],
])('%s', (_, info, who, expected) => expect(classified(info, who)).toBe(expected));

test.each([
  ['/healthz', ['/healthz', '/healthz/etcd'], ['/healthzz', '/']],
  ['/apis/*', ['/apis/x'], ['/apis', '/apix']],
  ['/', ['/', '/x'], []],
  ['*', ['/', '/x/y'], []],
])('the paths of %s', (rule, inside, outside) => {
  const matches = flowMatcher({ spec: { priorityLevelConfiguration: { name: 'x' }, rules: [{ subjects: [{ kind: 'Group', group: { name: '*' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: [rule] }] }] } });
  const of = (path: string): boolean => matches(request('get', { isResourceRequest: false, path }), user('jane'));
  expect([inside.map(of), outside.map(of)]).toEqual([inside.map(() => true), outside.map(() => false)]);
});

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
  expect(allocate(200, [idle, busy])).toEqual([100, 100]);
  // Their bounds do not allow it.
  expect([allocate(50, [idle, busy]), allocate(1000, [idle, busy])]).toEqual([undefined, undefined]);
});

test('what exempt requests take is taken from the others, down to what they never lend', () => {
  const need = (nominal: number, lower: number, high: number, isExempt = false) => ({ isExempt, limits: { nominal, lower, upper: nominal + 100 }, high, smooth: high });
  expect(currentLimits([need(0, 0, 5, true), need(60, 10, 40), need(40, 10, 0)])).toEqual([5, 80, 20]);
  expect(currentLimits([need(0, 0, 50, true), need(60, 10, 60), need(40, 10, 20)])).toEqual([50, 35, 15]);
  expect(currentLimits([need(0, 0, 90, true), need(60, 10, 60), need(40, 10, 20)])).toEqual([90, 10, 10]);
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
  const hand = dealHand('schema', 'a', 64, 6);
  expect(new Set(hand).size).toBe(6);
  expect(hand.every((card) => card >= 0 && card < 64)).toBe(true);
  expect(dealHand('schema', 'a', 64, 6)).toEqual(hand);
  const covered = Array.from({ length: 1000 }, (_, at) => dealHand('schema', String(at), 64, 6)).filter((other) => other.every((card) => hand.includes(card)));
  expect(covered.length).toBeLessThanOrEqual(1);
  expect(dealHand('x', '', 4, 4).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
});

test('a list is as wide as what it loads is large, up to a part of the level', () => {
  const seats = (verb: string, query: string, count: number, most: number | undefined = 30, bytes = 10_000): number =>
    estimateWork(request(verb, { resource: 'pods' }), new URLSearchParams(query), most, { objects: () => count, objectBytes: () => bytes, watches: () => 0 }).initialSeats;
  expect([seats('get', '', 9000), seats('list', '', 0), seats('list', '', 25), seats('list', 'limit=10', 5000), seats('list', '', 90_000)]).toEqual([1, 1, 3, 1, 10]);
  expect(seats('list', '', 90_000, mostSeats(13, 6))).toBe(2);
  // What is read from etcd is in memory as a whole, and half of it at least where only some is wanted.
  expect([seats('list', 'continue=x', 250), seats('list', 'continue=x', 90_000), seats('list', 'resourceVersion=5&resourceVersionMatch=Exact&limit=20', 900)]).toEqual([25, 30, 2]);
  expect([seats('list', 'continue=x&limit=10&labelSelector=a', 400), seats('list', 'resourceVersion=5&limit=20', 900), seats('list', 'continue=x', 90_000, undefined)]).toEqual([20, 2, 30]);
  expect([seats('watch', 'resourceVersion=5', 90), seats('watch', 'resourceVersion=5&sendInitialEvents=true', 90), seats('watch', '', 90), seats('watch', 'resourceVersion=0', 90)]).toEqual([1, 9, 9, 9]);
  expect(seats('list', 'limit=invalid', 1)).toBe(30);
});

test('a write takes seats of those that watch what it changes, for a while after its answer', () => {
  const work = (verb: string, watches: number, most: number | undefined = 10, path: Partial<RequestInfo> = { resource: 'pods' }): unknown =>
    estimateWork(request(verb, path), new URLSearchParams(), most, { objects: () => 0, objectBytes: () => 0, watches: () => watches });
  const narrow = { initialSeats: 1, finalSeats: 0, lingerMilliseconds: 0 };
  expect([work('create', 9), work('get', 900), work('deletecollection', 900), work('create', 900, 10, { resource: 'serviceaccounts', subresource: 'token' })]).toEqual([narrow, narrow, narrow, narrow]);
  expect(work('patch', 11)).toEqual({ initialSeats: 1, finalSeats: 2, lingerMilliseconds: 5 });
  expect(work('delete', 1000)).toEqual({ initialSeats: 1, finalSeats: 10, lingerMilliseconds: 50 });
  expect(work('update', 100, 2)).toEqual({ initialSeats: 1, finalSeats: 2, lingerMilliseconds: 25 });
});

test('one request may have 15 % of a level, and as much as the queues of one flow', () => {
  expect([mostSeats(245, 6), mostSeats(13, 6), mostSeats(2, 8), mostSeats(13, undefined)]).toEqual([37, 2, 1, undefined]);
});

test('watches are counted by what they watch; those of one node\'s pods reach too few to count', () => {
  const tracker = new WatchTracker();
  const watch = (namespace: string, name = '', query = ''): (() => void) => tracker.register(request('watch', { resource: 'pods', namespace, name }), new URLSearchParams(query));
  const forget = watch('');
  watch('a');
  watch('a', 'x', 'fieldSelector=metadata.name%3Dx');
  watch('b');
  watch('', '', 'fieldSelector=spec.nodeName%3Dn1');
  watch('', '', 'fieldSelector=spec.nodeName!%3Dn1');
  const interested = (namespace: string, name: string): number => tracker.interested(request('update', { resource: 'pods', namespace, name }));
  expect([interested('a', 'x'), interested('a', ''), interested('b', 'x'), interested('c', 'x')]).toEqual([4, 3, 3, 2]);
  forget();
  forget();
  expect(interested('c', 'x')).toBe(1);
  expect(tracker.interested(request('update', { resource: 'secrets', namespace: 'a' }))).toBe(0);
});

test('those who are turned away are sent away for longer, as long as there are many', () => {
  const dropped = new DroppedRequests();
  const during = (second: number, requests: number): number => {
    for (let at = 0; at < requests; at += 1) dropped.record(second * 1000);
    return dropped.retryAfter;
  };
  expect([during(100, 3), during(101, 6), during(102, 6), during(103, 12), during(104, 12)]).toEqual([1, 2, 2, 4, 4]);
  for (let second = 105; second < 200; second += 1) during(second, 100);
  expect(dropped.retryAfter).toBe(32);
  expect([during(300, 1), during(301, 1), during(302, 1)]).toEqual([31, 30, 29]);
});

test('what an earlier version suggested is taken away, and nothing that somebody else made', () => {
  const object = (name: string, annotations: Record<string, string>): Parameters<typeof isUnwanted>[0] => ({ apiVersion: '', kind: '', metadata: { name, uid: '', resourceVersion: '', creationTimestamp: '', annotations } });
  const kept = { 'apf.kubernetes.io/autoupdate-spec': 'true' };
  const names = new Set(['system']);
  expect([isUnwanted(object('old', kept), names), isUnwanted(object('system', kept), names), isUnwanted(object('mine', {}), names), isUnwanted(object('mine', { 'apf.kubernetes.io/autoupdate-spec': 'false' }), names)]).toEqual([true, false, false, false]);
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
