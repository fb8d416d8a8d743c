import { badRequest } from '../../api/apiError.ts';
import type { V1SelfSubjectReview, V1TokenReview, V1TokenReviewStatus, V1UserInfo } from '../../api/generated/types.ts';
import { reviewToken, type TokenAuthenticator } from '../authentication/bearerToken.ts';
import type { UserInfo, VirtualResource } from '../types.ts';

const GROUP = 'authentication.k8s.io';
const AUTHENTICATED = 'system:authenticated';

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
      const wanted = audiences.length > 0 ? audiences : ownAudiences;
      const found = await reviewToken(sorts, token, wanted);
      const status: V1TokenReviewStatus = found
        ? { authenticated: true, user: userInfo(withAuthenticated(found.user)), audiences: found.audiences.length > 0 ? [...found.audiences] : [...wanted] }
        : { user: {}, error: '[invalid bearer token]' };
      const answered: V1TokenReview = { ...review, status };
      return answered;
    },
  };
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

function withAuthenticated(user: UserInfo): UserInfo {
  return user.groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] };
}

function userInfo({ name, uid, groups, extra }: UserInfo): V1UserInfo {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...groups],
    ...(extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  };
}
