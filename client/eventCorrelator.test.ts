import type { CoreV1Event } from '../api/generated/types.ts';
import type { Draft } from '../api/meta.ts';
import { EventCorrelator } from './eventCorrelator.ts';

const event = (message: string, name = 'web'): Draft<CoreV1Event> => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${name}.1`, namespace: 'default' },
  involvedObject: { kind: 'Pod', namespace: 'default', name },
  type: 'Warning',
  reason: 'BackOff',
  message,
  firstTimestamp: `first of ${message}`,
  lastTimestamp: 'later',
});

test('the same occurrence is counted up under the first name', () => {
  const correlator = new EventCorrelator();
  const first = correlator.correlate(event('x'), 0);
  const second = correlator.correlate({ ...event('x'), metadata: { name: 'other' }, firstTimestamp: 'new' }, 1);
  expect(second).toBe(first);
  expect(second?.event).toMatchObject({ count: 2, metadata: { name: 'web.1' }, firstTimestamp: 'first of x' });
});

test('the tenth different message within ten minutes becomes a collective one', () => {
  const correlator = new EventCorrelator();
  const messages = Array.from({ length: 12 }, (_, at) => correlator.correlate(event(`m${at}`), at)?.event);
  expect(messages[8]?.message).toBe('m8');
  expect(messages[9]).toMatchObject({ message: '(combined from similar events): m9', count: 1 });
  expect(messages[11]).toMatchObject({ message: '(combined from similar events): m11', count: 3 });
  expect(correlator.correlate(event('later'), 700_000)?.event.message).toBe('later');
});

test('beyond 25 at once an object gets one event in five minutes, others are not affected', () => {
  const correlator = new EventCorrelator();
  const passed = Array.from({ length: 40 }, () => correlator.correlate(event('x'), 0)).filter((each) => each !== undefined);
  expect(passed).toHaveLength(25);
  expect(correlator.correlate(event('x', 'other'), 0)).toBeDefined();
  expect(correlator.correlate(event('x'), 299_000)).toBeUndefined();
  expect(correlator.correlate(event('x'), 300_001)?.event.count).toBe(42);
});
