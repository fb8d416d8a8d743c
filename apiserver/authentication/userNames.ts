import { validateDns1123Label, validateDns1123Subdomain } from '../../api/validation/names.ts';

const ACCOUNT_PREFIX = 'system:serviceaccount:';
const NODE_PREFIX = 'system:node:';

/** The account behind a user's name; undefined where it is no ServiceAccount's (`serviceaccount.SplitUsername`). */
export function serviceAccountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(ACCOUNT_PREFIX)) return undefined;
  const parts = user.slice(ACCOUNT_PREFIX.length).split(':');
  const [namespace = '', name = ''] = parts;
  const isAccount = parts.length === 2 && validateDns1123Label(namespace).length === 0 && validateDns1123Subdomain(name).length === 0;
  return isAccount ? { namespace, name } : undefined;
}

export const accountGroups = (namespace: string): readonly string[] => ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];

/** The node behind a user's name, by the name alone. */
export function nodeOf(user: string): string | undefined {
  if (!user.startsWith(NODE_PREFIX)) return undefined;
  const name = user.slice(NODE_PREFIX.length);
  return validateDns1123Subdomain(name).length === 0 ? name : undefined;
}
