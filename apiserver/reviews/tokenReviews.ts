import { badRequest } from '../../api/apiError.ts';
import type { V1SelfSubjectReview, V1TokenReview, V1TokenReviewStatus, V1UserInfo } from '../../api/generated/types.ts';
import { reviewToken, type TokenAuthenticator, TokenError } from '../authentication/bearerToken.ts';
import { withAuthenticatedGroup } from '../authentication/authenticatorChain.ts';
import type { UserInfo, VirtualResource } from '../types.ts';

const GROUP = 'authentication.k8s.io';

/** Whose token is this? Asked by kubelets and other servers that are shown one. */
export function tokenReview(sorts: readonly TokenAuthenticator[], ownAudiences: readonly string[]): VirtualResource {
  return {
    group: GROUP,
    resource: 'tokenreviews',
    subresource: '',
    kind: { group: GROUP, version: 'v1', kind: 'TokenReview', model: 'V1TokenReview' },
    create: async ({ object }) => {
      const review = object as unknown as V1TokenReview;
      const { token, audiences = [] } = review.spec;
      if (!token) throw badRequest('token is required for TokenReview in authentication');
      const status = await statusOf(sorts, token, audiences.length > 0 ? audiences : ownAudiences);
      const answered: V1TokenReview = { ...review, status };
      return answered;
    },
  };
}

async function statusOf(sorts: readonly TokenAuthenticator[], token: string, wanted: readonly string[]): Promise<V1TokenReviewStatus> {
  try {
    const { user, audiences } = await reviewToken(sorts, token, wanted);
    return { authenticated: true, user: userInfo(withAuthenticatedGroup(user)), audiences: [...audiences] };
  } catch (error) {
    if (error instanceof TokenError) return { user: {}, error: error.message };
    throw error;
  }
}

/** Who am I? `kubectl auth whoami`. */
export const selfSubjectReview: VirtualResource = {
  group: GROUP,
  resource: 'selfsubjectreviews',
  subresource: '',
  kind: { group: GROUP, version: 'v1', kind: 'SelfSubjectReview', model: 'V1SelfSubjectReview' },
  create: ({ object, user }) => {
    const answered: V1SelfSubjectReview = { ...(object as unknown as V1SelfSubjectReview), status: { userInfo: userInfo(user) } };
    return Promise.resolve(answered);
  },
};

function userInfo({ name, uid, groups, extra }: UserInfo): V1UserInfo {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...groups],
    ...(extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  };
}
