import { ApiError, badRequest, failure } from '../../../api/apiError.ts';
import type { V1Status } from '../../../api/generated/types.ts';

/** A webhook could not be asked, or answered nonsense: what becomes of the request is a matter of its failure policy. */
export class WebhookFailure extends Error {
  /** For the figures. */
  readonly code: number;

  constructor(webhook: string, why: string, code: number) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`);
    this.code = code;
  }
}

/** A webhook said no; its status is passed on with its name before it (`ToStatusErr`). */
export function denied(webhook: string, status: Partial<V1Status> | undefined): ApiError {
  const introduction = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const { metadata = {}, message, reason, code, details, status: outcome } = status ?? {};
  const why = message ? `${introduction}: ${message}` : reason ? `${introduction}: ${reason}` : `${introduction} without explanation`;
  // HTTP knows no longer ones.
  const usable = code !== undefined && code >= 400 && code <= 999;
  const refusal = failure(usable ? code : 400, reason ?? '', why, details);
  return new ApiError({ ...refusal.status, metadata, status: outcome === undefined || outcome === '' || outcome === 'Success' ? 'Failure' : outcome });
}

export const noDryRun = (webhook: string): ApiError => badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`);
