import type { KubeObject } from '../../../api/meta.ts';
import type { AdmissionAttributes, ImmediateAuthorizer } from '../../types.ts';
import { hooksOf } from './hooks.ts';
import { evaluateConditions, type ConditionOutcome } from './matchConditions.ts';

const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
const resource = { group: '', version: 'v1', resource: 'configmaps' };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', uid: 'u', resourceVersion: '1', creationTimestamp: 't' }, data: { a: '1' } } as KubeObject;
const authorizer: ImmediateAuthorizer = { authorize: ({ verb, user }) => ({ allowed: verb === 'get' && user.name !== 'system:serviceaccount:n:s', reason: '' }) };
const attributes = { user: { name: 'me', groups: ['g'] } } as unknown as AdmissionAttributes;
const request = { uid: 'u', kind, resource, requestKind: kind, requestResource: resource, subresource: '', name: 'c', namespace: 'n', operation: 'CREATE', user: attributes.user, dryRun: true, object: () => undefined, previous: () => undefined, options: '{"fieldManager":"f"}' };

function evaluated(...expressions: readonly string[]): ConditionOutcome {
  const matchConditions = expressions.map((expression, index) => ({ name: `c${index}`, expression }));
  const [hook] = hooksOf({ apiVersion: 'x', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: 't' }, webhooks: [{ name: 'w', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: {}, matchConditions }] });
  return evaluateConditions(hook!, { attributes, request, view: { object, previous: undefined, objectText: () => undefined, previousText: () => undefined } }, authorizer);
}

it.each([
  "object.metadata.name == 'c' && oldObject == null",
  "request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps' && request.namespace == 'n' && request.dryRun && request.options.fieldManager == 'f'",
  "'g' in request.userInfo.groups && !has(request.subResource)",
  "authorizer.group('apps').resource('deployments').namespace('x').check('get').allowed() && !authorizer.serviceAccount('n', 's').path('/healthz').check('get').allowed()",
  "authorizer.requestResource.check('get').allowed() && !authorizer.requestResource.check('create').allowed()",
])('%s', (expression) => {
  expect(evaluated(expression)).toEqual({ matches: true });
});

it('one that is false is enough', () => {
  expect(evaluated('object.nothing', 'false')).toEqual({ matches: false });
  expect(evaluated('object.nothing', 'object.less', 'true')).toEqual({ matches: false, error: "[expression 'object.nothing' resulted in error: no such key: nothing, expression 'object.less' resulted in error: no such key: less]" });
});

it('they may not cost too much', () => {
  const digits = '[0,1,2,3,4,5,6,7,8,9]';
  const long = `${digits}.all(a, ${digits}.all(b, ${digits}.all(c, ${digits}.all(d, ${digits}.all(e, ${digits}.all(f, a + b + c + d + e + f >= 0))))))`;
  expect(evaluated(long).error).toContain('resulted in error: operation cancelled: actual cost limit exceeded');
});
