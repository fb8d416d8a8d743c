import type { Authorizer } from '../types.ts';

/** Allows everything to `system:masters`, whatever the roles say, as Kubernetes does; has no opinion of anybody else. */
export const superuserAuthorizer: Authorizer = {
  authorize: ({ user }) => (user.groups.includes('system:masters') ? { allowed: true, reason: '' } : { allowed: false, reason: '' }),
};
