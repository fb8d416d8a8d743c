import type { Answer } from '../../rig/apiserver.ts';
import { startWholeServer, type WholeServer } from '../../rig/wholeServer.ts';
import { type Caller, callerOf, STRATEGIC } from '../apimachinery/caller.ts';

let api: WholeServer;
let caller: Caller;
beforeAll(async () => {
  api = await startWholeServer();
  caller = callerOf(api);
});
afterAll(() => api.close());

let namespaces = 0;
async function fresh(): Promise<string> {
  const name = `events-${(namespaces += 1)}`;
  await caller.ok('POST', '/api/v1/namespaces', { metadata: { name } });
  return name;
}

/** An event of the old API and one of the new, about a namespace. */
const OLD = { group: '/api/v1', event: (message: string, namespace: string): object => ({ message, reason: 'Test', type: 'Normal', source: { component: 'test' }, involvedObject: { namespace } }) };
const NEW = {
  group: '/apis/events.k8s.io/v1',
  event: (note: string, namespace: string): object => ({ note, reason: 'Test', type: 'Normal', action: 'Do', reportingController: 'test-controller', reportingInstance: 'test-node', eventTime: '2026-01-01T00:00:00.000000Z', regarding: { namespace } }),
};
const pathOf = (group: string, namespace: string, name = ''): string => `${group}/namespaces/${namespace}/events${name && `/${name}`}`;

test.each([
  ['[sig-instrumentation] Events should manage the lifecycle of an event', OLD, { message: 'This is a test event - patched' }],
  // Of an event of the new API nothing may change but how often it came.
  ['[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed', NEW, { series: { count: 2, lastObservedTime: '2017-09-19T13:49:11.000000Z' } }],
])('%s', async (_, { group, event }, patch) => {
  const namespace = await fresh();
  const at = pathOf(group, namespace, 'event-test');
  const all = `${pathOf(group, namespace)}?labelSelector=testevent-constant%3Dtrue`;
  await caller.ok('POST', pathOf(group, namespace), { metadata: { name: 'event-test', labels: { 'testevent-constant': 'true' } }, ...event('This is a test event', namespace) });
  expect((await caller.ok('GET', `${group}/events?labelSelector=testevent-constant%3Dtrue`)).items.map(({ metadata }: Answer['json']) => [metadata.namespace, metadata.name])).toContainEqual([namespace, 'event-test']);
  expect((await caller.ok('GET', all)).items).toHaveLength(1);
  expect(await caller.ok('PATCH', at, patch, STRATEGIC)).toMatchObject(patch);
  const read = await caller.ok('GET', at);
  const series = { count: 100, lastObservedTime: '2014-09-19T16:00:00.000000Z' };
  expect((await caller.ok('PUT', at, { ...read, series })).series).toEqual(series);
  expect((await caller.ok('GET', at)).series).toEqual(series);
  await caller.ok('DELETE', at);
  expect((await caller.ok('GET', all)).items).toEqual([]);
});

test.each([['[sig-instrumentation] Events should delete a collection of events', OLD], ['[sig-instrumentation] Events API should delete a collection of events', NEW]])('%s', async (_, { group, event }) => {
  const namespace = await fresh();
  for (const name of ['test-event-1', 'test-event-2', 'test-event-3']) await caller.ok('POST', pathOf(group, namespace), { metadata: { name, labels: { 'testevent-set': 'true' } }, ...event(`This is ${name}`, namespace) });
  const selected = `${pathOf(group, namespace)}?labelSelector=testevent-set%3Dtrue`;
  expect((await caller.ok('GET', selected)).items).toHaveLength(3);
  await caller.ok('DELETE', selected);
  expect((await caller.ok('GET', selected)).items).toEqual([]);
});
