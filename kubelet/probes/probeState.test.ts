import { afterOutcome, firstDelay, type ProbeOutcome, type ProbeState, type ProbeType, UNPROBED } from './probeState.ts';

const after = (outcomes: readonly ProbeOutcome[], type: ProbeType, probe: Parameters<typeof afterOutcome>[3]): ProbeState =>
  outcomes.reduce((state, outcome) => afterOutcome(state, outcome, type, probe), UNPROBED);

test('a result needs its threshold in a row', () => {
  const probe = { failureThreshold: 3, successThreshold: 2 };
  expect(after(['success'], 'readiness', probe).result).toBeUndefined();
  expect(after(['success', 'success'], 'readiness', probe).result).toBe('Success');
  expect(after(['success', 'success', 'failure', 'failure'], 'readiness', probe).result).toBe('Success');
  expect(after(['success', 'success', 'failure', 'failure', 'success', 'failure'], 'readiness', probe).result).toBe('Success');
  expect(after(['success', 'success', 'failure', 'failure', 'failure'], 'readiness', probe).result).toBe('Failure');
});

test('an attempt that could not be made counts for nothing', () => {
  expect(after(['failure', 'unknown', 'failure', 'unknown'], 'liveness', {})).toMatchObject({ result: undefined, run: 2 });
  expect(after(['failure', 'unknown', 'failure', 'failure'], 'liveness', {}).result).toBe('Failure');
});

test('a condemned container is not probed any more, an unready one is', () => {
  expect(after(['failure'], 'liveness', { failureThreshold: 1 }).onHold).toBe(true);
  expect(after(['failure'], 'startup', { failureThreshold: 1 }).onHold).toBe(true);
  expect(after(['failure'], 'readiness', { failureThreshold: 1 }).onHold).toBe(false);
});

test('the first attempt comes after the initial delay', () => {
  expect(firstDelay('readiness', { initialDelaySeconds: 5, periodSeconds: 10 })).toBe(5000);
  expect(firstDelay('liveness', { initialDelaySeconds: 5, periodSeconds: 10 })).toBe(10_000);
});
