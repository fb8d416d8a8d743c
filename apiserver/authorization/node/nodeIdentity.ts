import type { UserInfo } from '../../types.ts';

const USER_PREFIX = 'system:node:';
const NODES_GROUP = 'system:nodes';

/** Which node a user is; undefined: none (`''`: one that does not say which). */
export function nodeIdentity({ name, groups }: UserInfo): string | undefined {
  return name.startsWith(USER_PREFIX) && groups.includes(NODES_GROUP) ? name.slice(USER_PREFIX.length) : undefined;
}
