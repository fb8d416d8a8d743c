import type { Authorizer, UserInfo } from '../types.ts';

const GROUP = 'certificates.k8s.io';

/** Whether a user may `approve` or `sign` for a signer, by its name or by `domain/*` (`certificates.IsAuthorizedForSignerName`). */
export function maySigner(authorizer: Authorizer, user: UserInfo, verb: 'approve' | 'sign', signerName: string): boolean {
  const may = (name: string): boolean =>
    authorizer.authorize({ user, verb, isResourceRequest: true, group: GROUP, version: '*', resource: 'signers', subresource: '', namespace: '', name, path: '' }).allowed;
  return may(signerName) || may(`${signerName.split('/', 1)[0]}/*`);
}
