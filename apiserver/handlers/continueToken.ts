import { badRequest, failure } from '../../api/apiError.ts';
import type { ApiError } from '../../api/apiError.ts';
import { BodySyntaxError, parseJson } from '../codec/parseBody.ts';

/** Where a list goes on: the resourceVersion that its pages show, and the key, below the list's prefix, behind which the next begins. */
export interface ContinueToken {
  readonly resourceVersion: string;
  readonly after: string;
  /** The state at resourceVersion is gone; go on with what there is now (the client agreed by using this token). */
  readonly inconsistent?: boolean;
}

/** In Kubernetes' form: version, resourceVersion and start key as base64url JSON; -1 stands for an inconsistent one. */
export function encodeContinue(token: ContinueToken): string {
  const rv = token.inconsistent ? -1 : Number(token.resourceVersion);
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start: `${token.after}\u0000` })).toString('base64url');
}

const refuse = (why: string): ApiError => badRequest(`invalid continue token: continue key is not valid: ${why}`);

/** Throws `badRequest` with Kubernetes' texts for what is no token of ours. */
export function decodeContinue(text: string): ContinueToken {
  const foreign = text.search(/[^A-Za-z0-9_-]/);
  if (foreign >= 0 || text.length % 4 === 1) throw refuse(`illegal base64 data at input byte ${foreign >= 0 ? foreign : text.length - 1}`);
  let parsed: unknown;
  try {
    parsed = parseJson(Buffer.from(text, 'base64url')).value;
  } catch (error) {
    if (error instanceof BodySyntaxError) throw refuse(error.message);
    throw error;
  }
  const { v, rv, start } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (v !== 'meta.k8s.io/v1') throw refuse(`server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`);
  if (!Number.isSafeInteger(rv) || rv === 0) throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') throw refuse('encoded start key empty (version meta.k8s.io/v1)');
  const after = start.endsWith('\u0000') ? start.slice(0, -1) : start;
  if (after.startsWith('/') || after.split('/').some((part) => part === '.' || part === '..')) throw refuse(start);
  return Number(rv) < 0 ? { resourceVersion: '', after, inconsistent: true } : { resourceVersion: String(rv), after };
}

/** The state of the list's revision is compacted: 410, with a token by which the client may go on all the same. */
export function continueExpired(after: string): ApiError {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  const error = failure(410, 'Expired', message);
  error.status.metadata = { continue: encodeContinue({ resourceVersion: '', after, inconsistent: true }) };
  return error;
}
