import type { IncomingObject } from '../../api/resourceDefinition.ts';
import type { KubeObject } from '../../api/meta.ts';
import { type TokenAuthenticator, TokenError } from '../authentication/bearerToken.ts';
import { forOwnAudiences } from '../authentication/tokenSorts.ts';
import { RbacAuthorizer } from '../authorization/rbacAuthorizer.ts';
import { RbacIndex } from '../authorization/rbacIndex.ts';
import type { UserInfo, VirtualResource } from '../types.ts';
import { accessReviews } from './accessReviews.ts';
import { rulesReview } from './rulesReview.ts';
import { selfSubjectReview, tokenReview } from './tokenReviews.ts';

const jane: UserInfo = { name: 'jane', uid: 'u1', groups: ['dev'], extra: { why: ['test'] } };
const meta = (name: string): KubeObject['metadata'] => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '' });

function authorizer(): RbacAuthorizer {
  const index = new RbacIndex();
  const reader: KubeObject & { rules: object[] } = { apiVersion: '', kind: '', metadata: meta('reader'), rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }, { nonResourceURLs: ['/metrics'], verbs: ['get'] }] };
  const binding: KubeObject & { roleRef: object; subjects: object[] } = { apiVersion: '', kind: '', metadata: meta('readers'), roleRef: { kind: 'ClusterRole', name: 'reader' }, subjects: [{ kind: 'Group', name: 'dev' }] };
  index.put('clusterroles', reader);
  index.put('clusterrolebindings', binding);
  return new RbacAuthorizer(index);
}

const ask = (resource: VirtualResource, spec: object, namespace = ''): Promise<KubeObject & { status?: object }> =>
  resource.create({ object: { apiVersion: '', kind: '', metadata: {}, spec } as unknown as IncomingObject, namespace, name: '', user: jane, dryRun: false, warn: () => undefined });

describe('access reviews', () => {
  const [subject, local, self] = accessReviews(authorizer()) as readonly [VirtualResource, VirtualResource, VirtualResource];

  test('answer as the authorizer would decide', async () => {
    expect((await ask(self, { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } })).status).toEqual({ allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to Group "dev"' });
    expect((await ask(self, { nonResourceAttributes: { verb: 'get', path: '/metrics' } })).status).toMatchObject({ allowed: true });
    expect((await ask(subject, { user: 'joe', resourceAttributes: { verb: 'get', resource: 'pods' } })).status).toEqual({ allowed: false });
    expect((await ask(subject, { groups: ['dev'], resourceAttributes: { verb: 'get', resource: 'pods' } })).status).toMatchObject({ allowed: true });
    expect((await ask(local, { user: 'jane', groups: ['dev'], resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'web' } }, 'web')).status).toMatchObject({ allowed: true });
  });

  // Some refuse before they are asked to wait.
  const refusal = async (resource: VirtualResource, spec: object, namespace = ''): Promise<unknown> => ask(resource, spec, namespace);

  test('refuse a question that names nobody, nothing or too much', async () => {
    const resourceAttributes = { verb: 'get', resource: 'pods' };
    await expect(refusal(subject, { resourceAttributes })).rejects.toMatchObject({ code: 422 });
    await expect(refusal(self, {})).rejects.toMatchObject({ message: expect.stringContaining('exactly one of nonResourceAttributes or resourceAttributes must be specified') });
    await expect(refusal(self, { resourceAttributes, nonResourceAttributes: { verb: 'get', path: '/' } })).rejects.toMatchObject({ message: expect.stringContaining('cannot be specified in combination') });
    await expect(refusal(local, { user: 'x', resourceAttributes: { ...resourceAttributes, namespace: 'other' } }, 'web')).rejects.toMatchObject({ code: 422, message: expect.stringContaining('spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace') });
  });
});

test('the rules of the asker in a namespace', async () => {
  expect((await ask(rulesReview(authorizer()), { namespace: 'default' })).status).toEqual({
    resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }],
    incomplete: false,
  });
});

test.each([
  ['roles that are gone', {}, { incomplete: false, evaluationError: '[one, two]' }],
  ['an authorizer that cannot tell', { incomplete: true } as const, { incomplete: true, evaluationError: '[one, two]' }],
])('rules with %s', async (_, more, status) => {
  const resolver = { rulesFor: () => ({ rules: [], errors: ['one', 'two', 'one'], ...more }) };
  expect(await ask(rulesReview(resolver), { namespace: 'default' })).toMatchObject({ spec: {}, status });
});

test('whose a token is, and who asks', async () => {
  const sort: TokenAuthenticator = { authenticateToken: async (token) => (token === 'good' ? { user: jane, audiences: [] } : undefined) };
  const review = tokenReview([forOwnAudiences(sort, ['api', 'too'])], ['api', 'too']);
  expect((await ask(review, { token: 'good' })).status).toEqual({ authenticated: true, audiences: ['api', 'too'], user: { username: 'jane', uid: 'u1', groups: ['dev', 'system:authenticated'], extra: { why: ['test'] } } });
  expect((await ask(review, { token: 'good', audiences: ['vault', 'too'] })).status).toMatchObject({ authenticated: true, audiences: ['too'] });
  expect((await ask(review, { token: 'good', audiences: ['vault'] })).status).toEqual({ user: {}, error: 'invalid bearer token' });
  expect((await ask(review, { token: 'bad' })).status).toEqual({ user: {}, error: 'invalid bearer token' });
  const unsure = tokenReview(['expired', 'expired', 'unknown'].map((why) => ({ authenticateToken: () => Promise.reject(new TokenError(why)) })), ['api']);
  expect((await ask(unsure, { token: 'bad' })).status).toEqual({ user: {}, error: '[invalid bearer token, expired, unknown]' });
  expect((await ask(selfSubjectReview, {})).status).toEqual({ userInfo: { username: 'jane', uid: 'u1', groups: ['dev'], extra: { why: ['test'] } } });
});
