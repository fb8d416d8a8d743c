import { atOnce } from '../../../api/cel/atOnce.ts';
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

const evaluated = (...expressions: readonly string[]): ConditionOutcome => evaluatedBy(authorizer, ...expressions);

function evaluatedBy(asked: ImmediateAuthorizer, ...expressions: readonly string[]): ConditionOutcome {
  const matchConditions = expressions.map((expression, index) => ({ name: `c${index}`, expression }));
  const [hook] = hooksOf({ apiVersion: 'x', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: 't' }, webhooks: [{ name: 'w', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: {}, matchConditions }] });
  return atOnce(evaluateConditions(hook!, { attributes, request, view: { object, previous: undefined, objectText: () => undefined, previousText: () => undefined } }, asked));
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

it('ask about what is selected', () => {
  const asked: unknown[] = [];
  const listening: ImmediateAuthorizer = {
    authorize: ({ fieldSelector, labelSelector }) => {
      asked.push([fieldSelector, labelSelector]);
      return { allowed: true, reason: '' };
    },
  };
  evaluatedBy(listening, "authorizer.group('').resource('pods').fieldSelector('spec.nodeName=n').labelSelector('a in (b,c)').check('list').allowed()", "authorizer.group('').resource('pods').check('list').allowed()");
  expect(asked).toEqual([['spec.nodeName=n', 'a in (b,c)'], [undefined, undefined]]);
});

it('are told why nobody could decide', () => {
  const failing: ImmediateAuthorizer = { authorize: () => ({ allowed: false, reason: '', error: 'nobody there' }) };
  expect(evaluatedBy(failing, "authorizer.path('/x').check('get').errored()", "authorizer.path('/x').check('get').error() == 'nobody there'")).toEqual({ matches: true });
  expect(evaluated("authorizer.path('/x').check('get').errored()")).toEqual({ matches: false });
});

it('one that is false is enough', () => {
  expect(evaluated('object.nothing == 1', 'false')).toEqual({ matches: false });
  expect(evaluated('object.nothing == 1', 'object.less == 1', 'true')).toEqual({ matches: false, error: "[expression 'object.nothing == 1' resulted in error: no such key: nothing, expression 'object.less == 1' resulted in error: no such key: less]" });
  expect(evaluated('object.nothing == 1', 'object.nothing == 1')).toEqual({ matches: false, error: "expression 'object.nothing == 1' resulted in error: no such key: nothing" });
});

it('see no namespace', () => {
  expect(evaluated('namespaceObject == null')).toEqual({ matches: true });
});

it('three questions of what somebody may do are too many for one condition, and sixteen for all', () => {
  const question = "authorizer.group('').resource('pods').namespace('default').check('get').allowed()";
  expect(evaluated([question, question, question].join(' && ')).error).toContain('operation cancelled: actual cost limit exceeded');
  expect(evaluated(...Array.from({ length: 8 }, () => `${question} && ${question}`)).error).toBe('validation failed due to running out of cost budget, no further validation rules will be run');
});

it('they may not cost too much', () => {
  const digits = '[0,1,2,3,4,5,6,7,8,9]';
  const long = `${digits}.all(a, ${digits}.all(b, ${digits}.all(c, ${digits}.all(d, ${digits}.all(e, ${digits}.all(f, a + b + c + d + e + f >= 0))))))`;
  expect(evaluated(long).error).toContain('resulted in error: operation cancelled: actual cost limit exceeded');
});
