import type { Authorizer, UserInfo } from '../types.ts';

const GROUP = 'certificates.k8s.io';

/** Whether a user may `approve` or `sign` for a signer, by its name or by `domain/*` (`certificates.IsAuthorizedForSignerName`). */
export async function maySigner(authorizer: Authorizer, user: UserInfo, verb: 'approve' | 'sign', signerName: string): Promise<boolean> {
  const may = async (name: string): Promise<boolean> =>
    (await authorizer.authorize({ user, verb, isResourceRequest: true, group: GROUP, version: '*', resource: 'signers', subresource: '', namespace: '', name, path: '' })).allowed;
  return (await may(signerName)) || may(`${signerName.split('/', 1)[0]}/*`);
}
