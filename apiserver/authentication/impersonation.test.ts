import type { ApiRequest, Authenticator, Authorizer, UserInfo } from '../types.ts';
import { AuthenticatorChain, withAuthenticatedGroup } from './authenticatorChain.ts';
import { ImpersonatingAuthenticator } from './impersonation.ts';

const request = (headers: ApiRequest['headers']): ApiRequest => ({
  method: 'GET', path: '/', query: new URLSearchParams(), headers, body: Buffer.alloc(0), remoteAddress: '', signal: new AbortController().signal,
});
const known = (user: UserInfo | undefined): Authenticator => ({ authenticate: async () => user });
const admin: UserInfo = { name: 'admin', groups: ['system:authenticated'] };
const only = (...allowed: string[]): Authorizer => ({
  authorize: ({ resource, name, subresource }) => ({ allowed: allowed.includes(`${resource}${subresource === '' ? '' : `/${subresource}`} ${name}`), reason: '' }),
});

describe('AuthenticatorChain', () => {
  test('the first that knows the user decides, and the user is authenticated', async () => {
    const chain = new AuthenticatorChain([known(undefined), known({ name: 'jane', groups: ['dev'] }), known({ name: 'joe', groups: [] })], { anonymous: true });
    await expect(chain.authenticate(request({}))).resolves.toEqual({ name: 'jane', groups: ['dev', 'system:authenticated'] });
  });

  test('who shows nothing is nobody, or is refused', async () => {
    await expect(new AuthenticatorChain([], { anonymous: true }).authenticate(request({}))).resolves.toBeUndefined();
    await expect(new AuthenticatorChain([], { anonymous: false }).authenticate(request({}))).rejects.toMatchObject({ code: 401, message: 'Unauthorized' });
  });

  test('groups are not added twice, and not to nobody', () => {
    expect(withAuthenticatedGroup(admin)).toBe(admin);
    const nobody = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
    expect(withAuthenticatedGroup(nobody)).toBe(nobody);
  });
});

describe('ImpersonatingAuthenticator', () => {
  const act = (headers: ApiRequest['headers'], authorizer: Authorizer): Promise<UserInfo | undefined> => new ImpersonatingAuthenticator(known(admin), authorizer).authenticate(request(headers));

  test('without headers nothing changes', async () => {
    await expect(act({}, only())).resolves.toBe(admin);
  });

  test('acts as the user, the groups and the extra that it may', async () => {
    const headers = { 'impersonate-user': 'jane', 'impersonate-group': 'dev, ops', 'impersonate-extra-reason%2fwhy': 'test' };
    await expect(act(headers, only('users jane', 'groups dev', 'groups ops', 'userextras/reason/why test'))).resolves.toEqual({ name: 'jane', groups: ['dev', 'ops', 'system:authenticated'], extra: { 'reason/why': ['test'] }, impersonator: { user: admin } });
  });

  test('every part must be allowed', async () => {
    await expect(act({ 'impersonate-user': 'jane', 'impersonate-group': 'ops' }, only('users jane'))).rejects.toMatchObject({
      code: 403,
      message: 'groups "ops" is forbidden: User "admin" cannot impersonate resource "groups" in API group "" at the cluster scope',
    });
  });

  test('a service account is asked for by its namespace, and gets its groups', async () => {
    await expect(act({ 'impersonate-user': 'system:serviceaccount:web:bot' }, only('serviceaccounts bot'))).resolves.toEqual({
      name: 'system:serviceaccount:web:bot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:web', 'system:authenticated'],
      impersonator: { user: admin },
    });
  });

  test('groups without a user are a bad request', async () => {
    await expect(act({ 'impersonate-group': 'ops' }, only())).rejects.toMatchObject({ code: 400 });
  });
});
