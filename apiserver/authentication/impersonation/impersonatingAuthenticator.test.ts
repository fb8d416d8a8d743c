import { parseRequestInfo } from '../../request/requestInfo.ts';
import type { ApiRequest, AuthenticationCall, Authenticator, Authorizer, UserInfo } from '../../types.ts';
import { AuthenticatorChain, withAuthenticatedGroup } from '../authenticatorChain.ts';
import { ImpersonatingAuthenticator } from './impersonatingAuthenticator.ts';

const PODS = '/api/v1/namespaces/web/pods';
const request = (headers: ApiRequest['headers'], path = PODS): ApiRequest => ({
  method: 'GET', path, query: new URLSearchParams(), headers, body: Buffer.alloc(0), remoteAddress: '', signal: new AbortController().signal,
  rawHeaders: Object.entries(headers).flatMap(([name, value = '']) => value.split('|').flatMap((each) => [name, each])),
});
const call = (path = PODS): AuthenticationCall => ({ info: parseRequestInfo('GET', path, new URLSearchParams()), warn: () => undefined });
const known = (user: UserInfo | undefined): Authenticator => ({ authenticate: async () => user });
const admin: UserInfo = { name: 'admin', groups: ['system:authenticated'] };
/** Allows what is written as `verb resource[/subresource] name`. */
const only = (...allowed: string[]): Authorizer => ({
  authorize: ({ verb, resource, name, subresource }) => ({ allowed: allowed.includes(`${verb} ${resource}${subresource === '' ? '' : `/${subresource}`} ${name}`), reason: '' }),
});

describe('AuthenticatorChain', () => {
  const ask = (chain: AuthenticatorChain, path = '/'): Promise<UserInfo | undefined> => chain.authenticate(request({}, path), call());

  test('the first that knows the user decides, and the user is authenticated', async () => {
    const chain = new AuthenticatorChain([known(undefined), known({ name: 'jane', groups: ['dev'] }), known({ name: 'joe', groups: [] })], { enabled: true });
    await expect(ask(chain)).resolves.toEqual({ name: 'jane', groups: ['dev', 'system:authenticated'] });
  });

  test('who shows nothing is nobody, or is refused', async () => {
    await expect(ask(new AuthenticatorChain([], { enabled: true }))).resolves.toBeUndefined();
    await expect(ask(new AuthenticatorChain([], { enabled: false }))).rejects.toMatchObject({ code: 401, message: 'Unauthorized' });
  });

  test('nobody may be let in to certain paths only', async () => {
    const chain = new AuthenticatorChain([], { enabled: true, paths: ['/livez'] });
    await expect(ask(chain, '/livez')).resolves.toBeUndefined();
    for (const path of ['/livez/etcd', '/api']) await expect(ask(chain, path)).rejects.toMatchObject({ code: 401 });
  });

  test('groups are not added twice, and not to nobody', () => {
    expect(withAuthenticatedGroup(admin)).toBe(admin);
    const nobody = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
    expect(withAuthenticatedGroup(nobody)).toBe(nobody);
  });
});

describe('ImpersonatingAuthenticator', () => {
  const act = (headers: ApiRequest['headers'], authorizer: Authorizer, by: UserInfo = admin): Promise<UserInfo | undefined> => new ImpersonatingAuthenticator(known(by), authorizer).authenticate(request(headers), call());
  const impersonator = (constraint?: string, user = admin): object => ({ user, ...(constraint === undefined ? {} : { constraint }) });

  test('without headers nothing changes', async () => {
    await expect(act({}, only())).resolves.toBe(admin);
  });

  test('acts as the user, the groups, the uid and the extra that it may, by the old verb', async () => {
    const headers = { 'impersonate-user': 'jane', 'impersonate-uid': 'u1', 'impersonate-group': 'dev, all|ops', 'impersonate-extra-reason%2fwhy': 'test' };
    const allowed = only('impersonate users jane', 'impersonate uids u1', 'impersonate groups dev, all', 'impersonate groups ops', 'impersonate userextras/reason/why test');
    await expect(act(headers, allowed)).resolves.toEqual({ name: 'jane', uid: 'u1', groups: ['dev, all', 'ops', 'system:authenticated'], extra: { 'reason/why': ['test'] }, impersonator: impersonator() });
  });

  test('the way that was open last is tried first, and says why not', async () => {
    const authenticator = new ImpersonatingAuthenticator(known(admin), only('impersonate users jane'));
    const as = (name: string): Promise<unknown> => authenticator.authenticate(request({ 'impersonate-user': name }), call());
    await expect(as('joe')).rejects.toThrow('cannot impersonate-on:user-info:list resource "pods"');
    await as('jane');
    await expect(as('joe')).rejects.toThrow('cannot impersonate resource "users" in API group ""');
  });

  test('by a constrained verb for what it does, where both are allowed; the reason names what is asked first', async () => {
    const allowed = only('impersonate-on:user-info:list pods ', 'impersonate:user-info users jane');
    await expect(act({ 'impersonate-user': 'jane' }, allowed)).resolves.toEqual({ name: 'jane', groups: ['system:authenticated'], impersonator: impersonator('impersonate:user-info') });
    await expect(act({ 'impersonate-user': 'jane' }, only('impersonate:user-info users jane'))).rejects.toMatchObject({
      code: 403,
      message: 'pods is forbidden: User "admin" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "web"',
    });
    await expect(act({ 'impersonate-user': 'jane' }, only('impersonate-on:user-info:list pods '))).rejects.toMatchObject({
      message: 'users.authentication.k8s.io "jane" is forbidden: User "admin" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
    });
  });

  test('the most powerful group is not to be had by a constrained verb, but by the old one', async () => {
    const headers = { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' };
    const everything: Authorizer = { authorize: () => ({ allowed: true, reason: '' }) };
    await expect(act(headers, everything)).resolves.toMatchObject({ groups: ['system:masters', 'system:authenticated'], impersonator: impersonator() });
    await expect(act(headers, only('impersonate-on:user-info:list pods ', 'impersonate:user-info users jane'))).rejects.toMatchObject({ message: expect.stringContaining('impersonating the system:masters group is not allowed') });
  });

  test('many groups are asked for at once', async () => {
    const headers = { 'impersonate-user': 'jane', 'impersonate-group': 'a|b|c|d' };
    await expect(act(headers, only('impersonate-on:user-info:list pods ', 'impersonate:user-info users jane', 'impersonate:user-info groups *'))).resolves.toMatchObject({ groups: ['a', 'b', 'c', 'd', 'system:authenticated'] });
  });

  test('a service account is asked for by its namespace, and gets its groups', async () => {
    const headers = { 'impersonate-user': 'system:serviceaccount:web:bot' };
    const groups = ['system:serviceaccounts', 'system:serviceaccounts:web', 'system:authenticated'];
    await expect(act(headers, only('impersonate serviceaccounts bot'))).resolves.toMatchObject({ name: 'system:serviceaccount:web:bot', groups });
    await expect(act(headers, only('impersonate-on:serviceaccount:list pods ', 'impersonate:serviceaccount serviceaccounts bot'))).resolves.toMatchObject({ groups, impersonator: impersonator('impersonate:serviceaccount') });
  });

  test('an agent acts as the node that it runs on, by a right that names no node', async () => {
    const agent: UserInfo = { name: 'system:serviceaccount:kube-system:agent', groups: [], extra: { 'authentication.kubernetes.io/node-name': ['n1'] } };
    const allowed = only('impersonate-on:associated-node:list pods ', 'impersonate:associated-node nodes *');
    await expect(act({ 'impersonate-user': 'system:node:n1' }, allowed, agent)).resolves.toEqual({ name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'], impersonator: impersonator('impersonate:associated-node', agent) });
    await expect(act({ 'impersonate-user': 'system:node:n2' }, allowed, agent)).rejects.toMatchObject({ code: 403 });
  });

  test('a certificate that did not verify does not make its holder nobody', async () => {
    const everything: Authorizer = { authorize: () => ({ allowed: true, reason: '' }) };
    const asking = { ...request({ 'impersonate-user': 'jane' }), clientCertificateError: 'expired' };
    await expect(new ImpersonatingAuthenticator(known(undefined), everything).authenticate(asking, call())).rejects.toMatchObject({ code: 401 });
  });

  test('groups without a user are a bad request', async () => {
    await expect(act({ 'impersonate-group': 'ops' }, only())).rejects.toMatchObject({
      code: 400,
      message: 'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"ops"}, Extra:map[string][]string(nil)} without impersonating a user name',
    });
  });
});
