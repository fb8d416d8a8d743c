import type { Security } from '../security.ts';
import type { Storage, WatchCache } from '../storage/types.ts';
import type { VirtualResource } from '../types.ts';
import { accessReviews } from './accessReviews.ts';
import { rulesReview } from './rulesReview.ts';
import { tokenRequest } from './tokenRequest.ts';
import { selfSubjectReview, tokenReview } from './tokenReviews.ts';

/** Everything that is asked by creating an object which nobody stores. */
export function reviews({ authorizer, rules, tokenSorts, tokens }: Security, cache: WatchCache, storage: Storage): readonly VirtualResource[] {
  return [...accessReviews(authorizer), rulesReview(rules), tokenReview(tokenSorts, tokens?.audiences ?? []), selfSubjectReview, ...(tokens ? [tokenRequest(tokens, cache, storage)] : [])];
}
