import type { Counter, Histogram } from 'prom-client';
import type { Metrics } from '../../../process/metrics.ts';

const BUCKETS = [0.000_000_5, 0.001, 0.01, 0.1, 1];

export type ErrorType = 'no_error' | 'compile_error' | 'out_of_budget' | 'invalid_error';
export type Enforcement = 'allow' | 'deny' | 'audit' | 'warn';

/** Whose evaluation it was, and how long it took. */
export interface Evaluation {
  readonly policy: string;
  readonly binding: string;
  readonly seconds: number;
}

/** What an evaluation is counted as by its message; undefined: it had nothing to say. A rule that isn't kept counts as `invalid_error`, as upstream's does. */
export function errorTypeOf(message: string | undefined): ErrorType {
  if (message === undefined) return 'no_error';
  if (message.startsWith('compilation')) return 'compile_error';
  return message.startsWith('validation failed due to running out of cost budget') ? 'out_of_budget' : 'invalid_error';
}

/** Kubernetes' figures of ValidatingAdmissionPolicies; nothing is counted before they are put among a server's metrics. */
export class ValidatingPolicyMetrics {
  #checks: Counter<'policy' | 'policy_binding' | 'error_type' | 'enforcement_action'> | undefined;
  #durations: Histogram<'policy' | 'policy_binding' | 'error_type' | 'enforcement_action'> | undefined;

  register(metrics: Metrics): void {
    const labels = ['policy', 'policy_binding', 'error_type', 'enforcement_action'] as const;
    this.#checks = metrics.counter('apiserver_validating_admission_policy_check_total', 'Validation admission policy check total, labeled by policy and further identified by binding and enforcement action taken.', labels);
    this.#durations = metrics.histogram('apiserver_validating_admission_policy_check_duration_seconds', 'Validation admission latency in seconds, labeled by policy and further including binding and enforcement action taken.', labels, BUCKETS);
  }

  observe({ policy, binding, seconds }: Evaluation, message: string, action: Enforcement): void {
    const labels = { policy, policy_binding: binding, error_type: errorTypeOf(message), enforcement_action: action };
    this.#checks?.inc(labels);
    this.#durations?.observe(labels, seconds);
  }
}

/** The same of MutatingAdmissionPolicies. */
export class MutatingPolicyMetrics {
  #checks: Counter<'policy' | 'policy_binding' | 'error_type'> | undefined;
  #durations: Histogram<'policy' | 'policy_binding' | 'error_type'> | undefined;

  register(metrics: Metrics): void {
    const labels = ['policy', 'policy_binding', 'error_type'] as const;
    this.#checks = metrics.counter('apiserver_mutating_admission_policy_check_total', 'Mutation admission policy check total, labeled by policy and further identified by binding.', labels);
    this.#durations = metrics.histogram('apiserver_mutating_admission_policy_check_duration_seconds', 'Mutation admission latency for individual mutation expressions in seconds, labeled by policy and binding.', labels, BUCKETS);
  }

  observe({ policy, binding, seconds }: Evaluation, message: string | undefined): void {
    const labels = { policy, policy_binding: binding, error_type: errorTypeOf(message) };
    this.#checks?.inc(labels);
    this.#durations?.observe(labels, seconds);
  }
}
