import { type ApiError, failure } from '../../../api/apiError.ts';
import type { AdmissionAttributes } from '../../types.ts';
import { refusal } from '../refusal.ts';

/** A policy's refusal of a request. */
export interface Denial {
  readonly policy: string;
  /** Undefined where it is the policy itself that cannot be applied. */
  readonly binding: string | undefined;
  readonly message: string;
  readonly reason: string;
}

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 };

/** What the client is told of the first of some refusals by ValidatingAdmissionPolicies. */
export function validationRefusal(attributes: AdmissionAttributes, { policy, binding, message, reason }: Denial): ApiError {
  const by = binding === undefined ? '' : ` with binding '${binding}'`;
  const text = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}`;
  const { status } = refusal(attributes, text);
  return failure(CODES[reason] ?? 422, reason, status.message ?? text, { ...status.details, causes: [{ message: text }] });
}

/** What the client is told of refusals by MutatingAdmissionPolicies; the first of them gives the message. */
export function mutationRefusal(attributes: AdmissionAttributes, denials: readonly Denial[]): ApiError {
  const texts = denials.map(({ policy, binding, message }) => (binding === undefined ? `policy ${JSON.stringify(policy)} denied request: ${message}` : `policy '${policy}' with binding '${binding}' denied request: ${message}`));
  const { status } = refusal(attributes, '');
  return failure(403, denials[0]?.reason ?? 'Forbidden', texts[0] ?? '', { ...status.details, causes: texts.map((message) => ({ message })) });
}
