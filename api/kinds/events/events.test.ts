import type { CoreV1Event, EventsV1Event } from '../../generated/types.ts';
import { event } from '../core/event.ts';
import { eventsEvent } from './event.ts';

const metadata = { name: 'web.1', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const base: EventsV1Event = {
  apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata, eventTime: '2026-01-01T00:00:00.000000Z', type: 'Normal', reason: 'Started', action: 'Starting', reportingController: 'example.com/crane', reportingInstance: 'crane-1',
  regarding: { kind: 'Pod', name: 'web', namespace: 'default' },
};
const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);
const errorsOf = (more: Partial<EventsV1Event>): string[] => {
  const object = { ...base, ...more };
  return texts([...(eventsEvent.validate?.(object) ?? []), ...(eventsEvent.validateCreate?.(object) ?? [])]);
};

describe('a new event', () => {
  it('says who did what', () => {
    expect(errorsOf({})).toEqual([]);
    expect(errorsOf({ action: '', type: 'Odd' })).toEqual(['action: Required value', 'type: Invalid value: "": has invalid value: Odd']);
    expect(errorsOf({ reason: 'x'.repeat(129) })).toEqual(['reason: Invalid value: "": can have at most 128 characters']);
    expect(errorsOf({ note: 'x'.repeat(1025) })).toEqual(['message: Invalid value: "": can have at most 1024 characters']);
  });
});

test('the old fields of a new event are empty, and its series is one', () => {
  expect(errorsOf({ deprecatedCount: 1, deprecatedSource: { component: 'a' }, deprecatedFirstTimestamp: '2026-01-01T00:00:00Z' })).toEqual(['firstTimestamp', 'count', 'source'].map((name) => `${name}: Invalid value: "": needs to be unset`));
  expect(errorsOf({ series: { count: 1, lastObservedTime: '' } })).toEqual(['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value']);
});

test('only the series of an event changes', () => {
  const errors = (more: Partial<EventsV1Event>): string[] => texts(eventsEvent.validateUpdate?.({ ...base, ...more }, base));
  expect(errors({ series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' } })).toEqual([]);
  expect(errors({ note: 'other', type: 'Warning' })).toEqual(['message: Invalid value: "other": field is immutable', 'type: Invalid value: "Warning": field is immutable']);
});

test.each<[string, Partial<CoreV1Event>, string[]]>([
  ['beside its object', { involvedObject: { namespace: 'default' } }, []],
  ['about a node', { involvedObject: { kind: 'Node' } }, []],
  ['elsewhere', { involvedObject: { namespace: 'other' } }, ['involvedObject.namespace: Invalid value: "other": does not match event.namespace']],
  ['about a node, elsewhere', { metadata: { ...metadata, namespace: 'kube-system' }, involvedObject: {} }, ['involvedObject.namespace: Invalid value: "": does not match event.namespace']],
  ['with a time of its own', { eventTime: '2026-01-01T00:00:00.000000Z', involvedObject: {}, metadata: { ...metadata, namespace: 'kube-system' }, reportingComponent: 'a', reportingInstance: 'b', action: 'Lift', reason: 'Lifted' }, []],
  ['with a time of its own, and no more', { eventTime: '2026-01-01T00:00:00.000000Z', involvedObject: {}, reportingComponent: 'a' }, ['reportingInstance: Required value', 'action: Required value', 'reason: Required value']],
])('an event of the core group %s', (_, more, messages) => {
  const object: CoreV1Event = { apiVersion: 'v1', kind: 'Event', metadata, involvedObject: {}, ...more };
  expect(texts(event.validate?.(object))).toEqual(messages);
});
