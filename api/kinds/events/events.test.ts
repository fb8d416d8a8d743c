import type { EventsV1Event } from '../../generated/types.ts';
import { eventsEvent } from './event.ts';

const metadata = { name: 'web.1', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const base: EventsV1Event = {
  apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata, eventTime: '2026-01-01T00:00:00.000000Z', type: 'Normal', reason: 'Started', action: 'Starting', reportingController: 'example.com/crane', reportingInstance: 'crane-1',
  regarding: { kind: 'Pod', name: 'web', namespace: 'default' },
};
const errorsOf = (more: Partial<EventsV1Event>): string[] => (eventsEvent.validateCreate?.({ ...base, ...more }) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('a new event', () => {
  it('says who did what', () => {
    expect(errorsOf({})).toEqual([]);
    expect(errorsOf({ action: '', type: 'Odd' })).toEqual(['type: Invalid value: "": has invalid value: Odd', 'action: Required value']);
    expect(errorsOf({ reason: 'x'.repeat(129) })).toEqual(['reason: Invalid value: "": can have at most 128 characters']);
    expect(errorsOf({ note: 'x'.repeat(1025) })).toEqual(['message: Invalid value: "": can have at most 1024 characters']);
  });
});
