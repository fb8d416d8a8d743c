import type { V1ValidatingAdmissionPolicyBinding } from '../../../api/generated/types.ts';
import type { AdmissionAttributes } from '../../types.ts';
import type { Violation } from './evaluateValidations.ts';

const MAX_VALUE_BYTES = 10 * 1024;

/** What a policy says of a request in its audit event: what several bindings or parameters say under one key stands side by side, once each. */
export class AuditAnnotations {
  readonly #values = new Map<string, Set<string>>();

  add(key: string, value: string): void {
    let values = this.#values.get(key);
    if (!values) this.#values.set(key, (values = new Set()));
    values.add(shortened(value));
  }

  publish(policy: string, attributes: Pick<AdmissionAttributes, 'annotate'>): void {
    for (const [key, values] of this.#values) attributes.annotate?.(`${policy}/${key}`, [...values].join(', '));
  }
}

function shortened(value: string): string {
  return Buffer.byteLength(value) <= MAX_VALUE_BYTES ? value : Buffer.from(value).subarray(0, MAX_VALUE_BYTES).toString();
}

/** The annotation of a violation for which a binding asks for `Audit`. */
export function validationFailure({ metadata, spec }: V1ValidatingAdmissionPolicyBinding, { index, message }: Violation): [key: string, value: string] {
  const failure = { message, policy: spec?.policyName ?? '', binding: metadata.name, expressionIndex: index, validationActions: spec?.validationActions ?? [] };
  return ['validation.policy.admission.k8s.io/validation_failure', JSON.stringify([failure])];
}
