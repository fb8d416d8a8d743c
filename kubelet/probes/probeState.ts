import type { V1Probe } from '../../api/generated/types.ts';
import type { ProbeResult } from './types.ts';

export type ProbeType = 'liveness' | 'readiness' | 'startup';

/** What one attempt found. `unknown` is an attempt that could not be made at all: it counts for nothing. */
export type ProbeOutcome = 'success' | 'failure' | 'unknown';

/** What is known of a probe on one container. */
export interface ProbeState {
  /** What counts: undefined until a threshold has been reached. */
  readonly result: ProbeResult | undefined;
  readonly last: ProbeOutcome | undefined;
  /** How often `last` came in a row. */
  readonly run: number;
  /** The container is condemned: there is nothing more to find out until the next one runs. */
  readonly onHold: boolean;
}

export const UNPROBED: ProbeState = { result: undefined, last: undefined, run: 0, onHold: false };

/** Takes an attempt into account (`worker.doProbe`): a result changes when an outcome has come as often in a row as its threshold says. */
export function afterOutcome(state: ProbeState, outcome: ProbeOutcome, type: ProbeType, probe: V1Probe): ProbeState {
  if (outcome === 'unknown') return state;
  const run = state.last === outcome ? state.run + 1 : 1;
  const threshold = outcome === 'success' ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  if (run < threshold) return { ...state, last: outcome, run };
  const result = outcome === 'success' ? 'Success' : 'Failure';
  const condemned = result === 'Failure' && type !== 'readiness';
  return { result, last: outcome, run: condemned ? 0 : run, onHold: condemned };
}

/**
 * How long after its container has started a probe is first made, in milliseconds. Readiness and startup are asked at once after the
 * initial delay. Liveness waits half a period more, the mean of what Kubernetes does, lest a program that is only
 * beginning be condemned.
 */
export function firstDelay(type: ProbeType, probe: V1Probe): number {
  const initial = (probe.initialDelaySeconds ?? 0) * 1000;
  return type === 'liveness' ? initial + periodOf(probe) / 2 : initial;
}

/** Milliseconds. */
export const periodOf = (probe: V1Probe): number => Math.max(1, probe.periodSeconds ?? 10) * 1000;
export const timeoutOf = (probe: V1Probe): number => Math.max(1, probe.timeoutSeconds ?? 1) * 1000;

/** Whether a probe of this type is made on a container that has, or has not yet, started. */
export function appliesTo(type: ProbeType, started: boolean): boolean {
  return type === 'startup' ? !started : started;
}
