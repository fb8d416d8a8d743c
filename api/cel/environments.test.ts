import { loadSchema } from '../schema/schema.ts';
import { BOOL, DYN, opaque } from './celType.ts';
import { compile } from './compile.ts';
import { fromAnyJson, fromJson } from './fromJson.ts';
import { authorizerValue, requestResourceValue } from './library/authorizer.ts';
import type { AuthorizationAnswer, AuthorizationQuestion } from './library/authorizer.ts';
import { modelType } from './modelType.ts';
import type { Environment, Program } from './types.ts';

function programOf(text: string, environment: Environment): Program {
  const compiled = compile(text, environment, { resultTypes: [BOOL] });
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.program;
}

describe('types of built-in kinds', () => {
  const POD = modelType(loadSchema(), 'V1Pod');
  const pod = { metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z', labels: { app: 'web' } }, spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '500m' } } }] } };
  it.each([
    "object.spec.containers.all(c, c.name.startsWith('c') && c.ports.exists(p, p.containerPort == 80))",
    "quantity(object.spec.containers[0].resources.limits['cpu']).isLessThan(quantity('1'))",
    "object.metadata.creationTimestamp < timestamp('2027-01-01T00:00:00Z') && object.metadata.labels.app == 'web'",
    '!has(object.spec.nodeName) && !object.spec.?securityContext.?runAsUser.hasValue()',
  ])('%s', (text) => {
    expect(programOf(text, { variables: { object: POD } }).evaluate({ object: fromJson(pod, POD) }, { remaining: 1_000_000 })).toMatchObject({ ok: true, value: true });
  });

  it('knows the fields that there are', () => {
    expect(compile('object.spec.container == 1', { variables: { object: POD } })).toMatchObject({ ok: false, message: expect.stringContaining("undefined field 'container'") });
  });
});

it('tells what an expression refers to, and makes values only when they are asked for', () => {
  const program = programOf("request.user == 'me' || object.never.made", { variables: { request: DYN, object: DYN, params: DYN } });
  expect([...program.references]).toEqual(['request', 'object']);
  const object = (): never => {
    throw new Error('asked for');
  };
  expect(program.evaluate({ request: fromAnyJson({ user: 'me' }), object }, { remaining: 1_000 })).toMatchObject({ ok: true, value: true });
});

describe('the authorizer', () => {
  const variables = { authorizer: opaque('kubernetes.authorization.Authorizer'), 'authorizer.requestResource': opaque('kubernetes.authorization.ResourceCheck') };
  const ask = (text: string, questions: AuthorizationQuestion[] = []): unknown => {
    const check = (question: AuthorizationQuestion): AuthorizationAnswer => {
      if (!questions.some((each) => JSON.stringify(each) === JSON.stringify(question))) questions.push(question);
      return { allowed: question.verb === 'get', reason: 'because', ...(question.verb === 'fail' ? { error: 'no answer' } : {}) };
    };
    const about = { authorizer: authorizerValue(check), 'authorizer.requestResource': requestResourceValue(check, { resource: 'pods', namespace: 'n' }) };
    const outcome = programOf(text, { variables }).evaluate(about, { remaining: 10_000_000 });
    return outcome.ok ? outcome.value : outcome.message;
  };

  it('is asked about resources, paths and service accounts', () => {
    const questions: AuthorizationQuestion[] = [];
    expect(ask("authorizer.group('apps').resource('deployments').subresource('scale').namespace('ns').name('x').check('get').allowed()", questions)).toBe(true);
    expect(ask("!authorizer.path('/healthz').check('post').allowed() && authorizer.path('/healthz').check('post').reason() == 'because'", questions)).toBe(true);
    expect(ask("authorizer.serviceAccount('ns', 'sa').group('').resource('pods').check('get').allowed()", questions)).toBe(true);
    expect(ask("authorizer.requestResource.check('get').allowed()", questions)).toBe(true);
    expect(ask("authorizer.group('').resource('pods').check('fail').errored() && authorizer.group('').resource('pods').check('fail').error() == 'no answer'", questions)).toBe(true);
    const none = { group: '', resource: '', subresource: '', namespace: '', name: '' };
    expect(questions).toEqual([
      { ...none, verb: 'get', group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'ns', name: 'x' },
      { ...none, verb: 'post', path: '/healthz' },
      { ...none, verb: 'get', resource: 'pods', serviceAccount: { namespace: 'ns', name: 'sa' } },
      { ...none, verb: 'get', resource: 'pods', namespace: 'n' },
      { ...none, verb: 'fail', resource: 'pods' },
    ]);
  });

  it('can be asked twice, and no more', () => {
    const check = "authorizer.path('/x').check('get').allowed()";
    expect(ask(`${check} && ${check}`)).toBe(true);
    expect(ask(`${check} && ${check} && ${check}`)).toBe('operation cancelled: actual cost limit exceeded');
  });
});
