import { alreadyExists, notFoundError } from '../api/apiError.ts';
import type { CoreV1Event } from '../api/generated/types.ts';
import { FakeClock } from '../process/fakeClock.ts';
import { silentLogger } from '../process/log.ts';
import { ConnectionError } from './connectionError.ts';
import { EventRecorderImpl } from './eventRecorder.ts';
import type { KubeClient } from './types.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7' }, fieldPath: 'spec.containers{web}' };

const nameOf = (call: [string, unknown] | undefined): string => (call?.[1] as CoreV1Event | undefined)?.metadata.name ?? '';

function setUp(answer: (verb: string) => void = () => undefined): { clock: FakeClock; recorder: EventRecorderImpl; calls: Array<[string, unknown]> } {
  const clock = new FakeClock();
  const calls: Array<[string, unknown]> = [];
  const client = {
    create: async (_: unknown, body: unknown) => {
      calls.push(['create', body]);
      answer('create');
      return body;
    },
    patch: async (_: unknown, name: string, __: unknown, ___: unknown, body: unknown) => {
      calls.push([`patch ${name}`, body]);
      answer('patch');
      return body;
    },
  } as unknown as KubeClient;
  return { clock, calls, recorder: new EventRecorderImpl({ client, clock, logger: silentLogger, component: 'kubelet', host: 'node1' }) };
}

test('an event has the form that client-go gives it', async () => {
  const { clock, recorder, calls } = setUp();
  recorder.event(pod, 'Normal', 'Pulled', 'Image is there');
  await clock.advance(0);
  expect(calls).toEqual([
    [
      'create',
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `web.${(BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n).toString(16)}`, namespace: 'shop' },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7', fieldPath: 'spec.containers{web}' },
        type: 'Normal',
        reason: 'Pulled',
        message: 'Image is there',
        source: { component: 'kubelet', host: 'node1' },
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        count: 1,
        reportingComponent: 'kubelet',
        reportingInstance: 'node1',
      },
    ],
  ]);
});

test('repetitions patch the count, and those that come while it is written become one patch', async () => {
  const { clock, recorder, calls } = setUp();
  for (let times = 0; times < 3; times += 1) recorder.event(pod, 'Warning', 'BackOff', 'again');
  await clock.advance(0);
  expect(calls.map(([verb]) => verb.split(' ')[0])).toEqual(['create', 'patch']);
  expect(calls[1]?.[1]).toMatchObject({ count: 3 });
});

test('an Event that has expired on the server is made anew, under a new name', async () => {
  const { clock, recorder, calls } = setUp((verb) => {
    if (verb === 'patch') throw notFoundError({ group: '', resource: 'events' }, 'x');
  });
  recorder.event(pod, 'Warning', 'BackOff', 'again');
  await clock.advance(1000);
  recorder.event(pod, 'Warning', 'BackOff', 'again');
  await clock.advance(0);
  expect(calls.map(([verb]) => verb.split(' ')[0])).toEqual(['create', 'patch', 'create']);
  expect(nameOf(calls[2])).not.toEqual(nameOf(calls[0]));
});

test('a lost connection is tried again after 10 s, a refusal is not', async () => {
  const errors: Error[] = [new ConnectionError('refused'), alreadyExists({ group: '', resource: 'events' }, 'x')];
  const { clock, recorder, calls } = setUp(() => {
    const error = errors.shift();
    if (error) throw error;
  });
  recorder.event(pod, 'Warning', 'BackOff', 'again');
  await clock.advance(9999);
  expect(calls).toHaveLength(1);
  await clock.advance(100_000);
  expect(calls).toHaveLength(2);
});
