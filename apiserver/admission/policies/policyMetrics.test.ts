import { Metrics } from '../../../process/metrics.ts';
import { OutOfBudgetError } from './expressions.ts';
import { errorTypeOf, MutatingPolicyMetrics, ValidatingPolicyMetrics } from './policyMetrics.ts';

test('what went wrong is told by the message', () => {
  const messages = [undefined, 'compilation error: x', new OutOfBudgetError().message, 'failed expression: 1 > 2'];
  expect(messages.map(errorTypeOf)).toEqual(['no_error', 'compile_error', 'out_of_budget', 'invalid_error']);
});

test('each evaluation counts, by what came of it', async () => {
  const metrics = new Metrics();
  const [validating, mutating] = [new ValidatingPolicyMetrics(), new MutatingPolicyMetrics()];
  validating.register(metrics);
  mutating.register(metrics);
  const evaluation = { policy: 'p', binding: 'b', seconds: 0.005 };
  validating.observe(evaluation, 'failed expression: 1 > 2', 'deny');
  mutating.observe(evaluation, undefined);
  const lines = (await metrics.text()).split('\n').filter((line) => /_total\{|le="0.01"|le="0.001"/.test(line));
  expect(lines).toEqual([
    'apiserver_validating_admission_policy_check_total{policy="p",policy_binding="b",error_type="invalid_error",enforcement_action="deny"} 1',
    'apiserver_validating_admission_policy_check_duration_seconds_bucket{le="0.001",policy="p",policy_binding="b",error_type="invalid_error",enforcement_action="deny"} 0',
    'apiserver_validating_admission_policy_check_duration_seconds_bucket{le="0.01",policy="p",policy_binding="b",error_type="invalid_error",enforcement_action="deny"} 1',
    'apiserver_mutating_admission_policy_check_total{policy="p",policy_binding="b",error_type="no_error"} 1',
    'apiserver_mutating_admission_policy_check_duration_seconds_bucket{le="0.001",policy="p",policy_binding="b",error_type="no_error"} 0',
    'apiserver_mutating_admission_policy_check_duration_seconds_bucket{le="0.01",policy="p",policy_binding="b",error_type="no_error"} 1',
  ]);
});
