import { setImmediate } from 'node:timers/promises';
import { ApiError } from '../../../api/apiError.ts';
import type { V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding } from '../../../api/generated/types.ts';
import { inTurns } from '../../inTurns.ts';
import type { Metrics } from '../../../process/metrics.ts';
import type { Registry } from '../../registry.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import type { Version } from '../webhooks/admittedObject.ts';
import { namespaceLabels } from '../webhooks/askWebhook.ts';
import { withSettledAuthorizer } from '../webhooks/settledAuthorizer.ts';
import { AuditAnnotations, validationFailure } from './auditAnnotations.ts';
import { evaluateValidations, type Verdict } from './evaluateValidations.ts';
import { matchCriteria, matchedVersion } from './matchResources.ts';
import { PolicyConfigurationError } from './params.ts';
import { ValidatingPolicyMetrics, type Enforcement } from './policyMetrics.ts';
import { judged, namespaceBinding, paramBinding, paramsOf, paramsResource, requestBindings, type Judged, type PolicyParts } from './policyParts.ts';
import type { BoundPolicy, PolicySet } from './policySet.ts';
import { validationRefusal, type Denial } from './refusal.ts';
import { validatingPolicy } from './validatingPolicy.ts';

type Policies = PolicySet<V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding>;
type Bound = BoundPolicy<V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding>;

/**
 * Judges requests by ValidatingAdmissionPolicies. All policies and bindings are asked, whatever the first ones say, as each may warn and annotate; the first
 * refusal is the answer.
 */
export class ValidatingAdmissionPolicyPlugin implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionPolicy';
  readonly #parts: PolicyParts;
  readonly #policies: Policies;
  readonly #metrics = new ValidatingPolicyMetrics();
  #registry: Registry | undefined;

  constructor(parts: PolicyParts, policies: Policies) {
    this.#parts = parts;
    this.#policies = policies;
  }

  attach(registry: Registry): void {
    this.#registry = registry;
  }

  figures(metrics: Metrics): void {
    this.#metrics.register(metrics);
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const policies = this.#policies.all();
    const request = policies.length === 0 ? undefined : judged(this.#parts, attributes, this.#registry);
    if (!request) return;
    const denials: Denial[] = [];
    for (const bound of policies) denials.push(...(await this.#judge(bound, request)));
    if (denials.length > 0) throw validationRefusal(attributes, denials[0]!);
  }

  async #judge({ policy, bindings }: Bound, request: Judged): Promise<readonly Denial[]> {
    const { ignoresFailure, criteria } = validatingPolicy(policy);
    const denials: Denial[] = [];
    /** Runs what may find that the policy, or a binding of it, cannot be applied as it stands. */
    const configured = async <T>(binding: string | undefined, work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof PolicyConfigurationError || error instanceof ApiError)) throw error;
        const message = `failed to configure ${binding === undefined ? 'policy' : 'binding'}: ${error.message}`;
        if (!ignoresFailure) denials.push({ policy: policy.metadata.name, binding, message, reason: 'Invalid' });
        return undefined;
      }
    };
    const matched = await configured(undefined, async () => {
      const version = await this.#matches(criteria, request);
      return version && { version, params: paramsResource(request, policy.spec?.paramKind) };
    });
    if (!matched) return denials;
    const annotations = new AuditAnnotations();
    for (const binding of bindings) {
      const params = await configured(binding.metadata.name, async () => ((await this.#binds(binding, request)) ? paramsOf(this.#parts, request, matched.params, binding.spec?.paramRef) : undefined));
      if (!params || params.length === 0) continue;
      const namespace = await namespaceBinding(this.#parts, request);
      for (const [index, param] of params.entries()) {
        // Parameters may be many, and each may cost as much as the first: other requests are answered meanwhile.
        if (index > 0) await setImmediate();
        const began = this.#parts.clock.monotonic();
        const verdict = await withSettledAuthorizer(
          this.#parts.authorizer,
          async (authorizer) => inTurns(evaluateValidations(validatingPolicy(policy), { ...(await requestBindings(authorizer, request, matched.version)), ...namespace, ...paramBinding(param) })),
          request.decisions,
        );
        const seconds = (this.#parts.clock.monotonic() - began) / 1000;
        const count = (message: string, action: Enforcement): void => this.#metrics.observe({ policy: policy.metadata.name, binding: binding.metadata.name, seconds }, message, action);
        denials.push(...act(verdict, policy, binding, request.attributes, annotations, count));
      }
    }
    annotations.publish(policy.metadata.name, request.attributes);
    return denials;
  }

  #matches(criteria: Parameters<typeof matchedVersion>[0], { attributes, asked, registry }: Judged): Promise<Version | undefined> {
    return matchedVersion(criteria, attributes, asked, registry, (namespace) => namespaceLabels(this.#parts, namespace));
  }

  async #binds({ spec }: V1ValidatingAdmissionPolicyBinding, request: Judged): Promise<boolean> {
    return !spec?.matchResources || (await this.#matches(matchCriteria(spec.matchResources), request)) !== undefined;
  }
}

/** What figures call the actions of bindings. */
const ENFORCEMENTS: Readonly<Record<string, Enforcement>> = { Deny: 'deny', Audit: 'audit', Warn: 'warn' };

/** Does with a verdict what the binding says; gives the refusals. */
function act(verdict: Verdict, policy: V1ValidatingAdmissionPolicy, binding: V1ValidatingAdmissionPolicyBinding, attributes: AdmissionAttributes, annotations: AuditAnnotations, count: (message: string, action: Enforcement) => void): Denial[] {
  const names = { policy: policy.metadata.name, binding: binding.metadata.name };
  const denials: Denial[] = [];
  for (const message of verdict.ignored ?? []) count(message, 'allow');
  for (const violation of verdict.violations) {
    for (const action of binding.spec?.validationActions ?? []) {
      const enforcement = ENFORCEMENTS[action];
      if (enforcement !== undefined) count(violation.message, enforcement);
      if (action === 'Deny') denials.push({ ...names, message: violation.message, reason: violation.reason });
      else if (action === 'Audit') attributes.annotate?.(...validationFailure(binding, violation));
      else if (action === 'Warn') attributes.warn(`Validation failed for ValidatingAdmissionPolicy '${names.policy}' with binding '${names.binding}': ${violation.message}`);
    }
  }
  for (const { key, value } of verdict.annotations) annotations.add(key, value);
  for (const message of verdict.faults) {
    denials.push({ ...names, message, reason: 'Invalid' });
    count(message, 'deny');
  }
  return denials;
}
