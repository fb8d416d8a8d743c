import { readConfigFile } from '../../configFile/readConfigFile.ts';
import { FakeClock } from '../../../process/fakeClock.ts';
import { silentLogger } from '../../../process/log.ts';
import { RemoteError } from '../../remote/httpsCall.ts';
import type { AuthorizationAttributes, Authorizer, Decision, UserInfo } from '../../types.ts';
import { AuthorizerUnion } from '../authorizerUnion.ts';
import { AbacAuthorizer } from './abacAuthorizer.ts';
import { readAuthorizationConfiguration } from './authorizationConfiguration.ts';
import { authorizersOfFlags } from './authorizationSettings.ts';
import { conditionLanguage } from './celConditions.ts';
import { AlwaysAllow, AlwaysDeny, PrivilegedGroup } from './fixedAuthorizers.ts';
import { validateAuthorizationConfiguration } from './validateAuthorizationConfiguration.ts';
import { WebhookAuthorizer, type WebhookAuthorizerSettings } from './webhookAuthorizer.ts';

const jane: UserInfo = { name: 'jane', uid: 'u1', groups: ['dev'], extra: { why: ['test'] } };
const ask = (change: Partial<AuthorizationAttributes> = {}): AuthorizationAttributes => ({ user: jane, isResourceRequest: true, verb: 'list', path: '', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'web', name: '', ...change });

describe('the union', () => {
  const says = (decision: Decision, later = false): Authorizer => ({ authorize: () => (later ? Promise.resolve(decision) : decision) });
  const no = (reason: string, error?: string): Decision => ({ allowed: false, reason, ...(error === undefined ? {} : { error }) });

  test('does not wait where nobody does', () => {
    expect(new AuthorizerUnion([says(no('a')), says({ allowed: true, reason: 'b' })]).authorize(ask())).toEqual({ allowed: true, reason: 'b' });
    expect(new AuthorizerUnion([says(no('a')), says(no('b'))]).authorize(ask())).toEqual({ allowed: false, reason: 'a\nb' });
  });

  test('waits for those who must ask, in their order; a denial ends it, errors are gathered', async () => {
    expect(await new AuthorizerUnion([says(no('a'), true), says({ allowed: false, denied: true, reason: 'no' }, true), says({ allowed: true, reason: '' })]).authorize(ask())).toEqual({ allowed: false, denied: true, reason: 'no' });
    expect(await new AuthorizerUnion([says(no('', 'x'), true), says(no('b', 'y'))]).authorize(ask())).toEqual({ allowed: false, reason: 'b', error: '[x, y]' });
  });

  test('gathers rules, and why they may not be all', () => {
    expect(new AuthorizerUnion([new PrivilegedGroup(), new AlwaysDeny(), new AlwaysAllow()]).rulesFor(jane, 'web').rules).toHaveLength(2);
  });
});

test('the privileged group may everything, whatever follows', async () => {
  const union = new AuthorizerUnion([new PrivilegedGroup(), new AlwaysDeny()]);
  expect(await union.authorize(ask({ user: { name: 'root', groups: ['system:masters'] } }))).toMatchObject({ allowed: true });
  expect(await union.authorize(ask())).toEqual({ allowed: false, reason: 'Everything is forbidden.' });
});

describe('ABAC', () => {
  const policy = (spec: object): string => JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec });
  const may = (lines: string, change: Partial<AuthorizationAttributes> = {}): boolean => new AbacAuthorizer(`# who may what\n\n${lines}\n`).authorize(ask(change)).allowed;

  test.each<[string, object, Partial<AuthorizationAttributes>, boolean]>([
    ['a user', { user: 'jane', namespace: '*', resource: '*', apiGroup: '*' }, {}, true],
    ['another user', { user: 'joe', namespace: '*', resource: '*', apiGroup: '*' }, {}, false],
    ['a group', { group: 'dev', namespace: 'web', resource: 'pods', apiGroup: '' }, {}, true],
    ['another namespace', { group: 'dev', namespace: 'db', resource: 'pods' }, {}, false],
    ['nobody', { namespace: '*', resource: '*' }, {}, false],
    ['reading only', { user: 'jane', namespace: '*', resource: '*', readonly: true }, { verb: 'delete' }, false],
    ['a path', { user: 'jane', nonResourcePath: '/metrics*' }, { isResourceRequest: false, path: '/metrics/x' }, true],
    ['a path by a resource', { user: 'jane', resource: '*', namespace: '*' }, { isResourceRequest: false, path: '/metrics' }, false],
  ])('%s', (_, spec, change, allowed) => expect(may(policy(spec), change)).toBe(allowed));

  test('the oldest form leaves out what does not matter', () => {
    expect(may('{"user":"jane","readonly":true}')).toBe(true);
    expect(may('{"user":"jane","resource":"nodes"}')).toBe(false);
    expect(may('{}', { user: { name: 'x', groups: ['system:authenticated'] } })).toBe(true);
  });

  test('rules can be told; a line that is no policy is an error', () => {
    expect(new AbacAuthorizer(policy({ user: 'jane', namespace: 'web', resource: 'pods', apiGroup: '*', readonly: true })).rulesFor(jane, 'web').rules).toEqual([{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['pods'] }]);
    expect(() => new AbacAuthorizer('{"user":"a"}\nx')).toThrow(/^line 2: /);
    expect(() => new AbacAuthorizer('{"apiVersion":"v9","kind":"Policy"}')).toThrow('line 1: unrecognized object: "v9", "Policy"');
  });
});

describe('the webhook', () => {
  const settings: WebhookAuthorizerSettings = { name: 'w', version: 'v1', authorizedTTL: 1000, unauthorizedTTL: 100, denyOnError: false };
  const build = (answer: unknown, change: Partial<WebhookAuthorizerSettings> = {}): { authorizer: WebhookAuthorizer; sent: { spec: Record<string, unknown>; apiVersion: string }[]; clock: FakeClock } => {
    const sent: { spec: Record<string, unknown>; apiVersion: string }[] = [];
    const clock = new FakeClock();
    const post = async (object: object): Promise<unknown> => {
      sent.push(object as (typeof sent)[number]);
      if (answer instanceof Error) throw answer;
      return answer;
    };
    return { authorizer: new WebhookAuthorizer({ ...settings, ...change }, { post }, clock, silentLogger), sent, clock };
  };

  test('is asked with everything that is known, selectors too', async () => {
    const { authorizer, sent } = build({ status: { allowed: true, reason: 'fine' } });
    expect(await authorizer.authorize(ask({ fieldSelector: 'spec.nodeName=n1,metadata.name!=x', labelSelector: 'a,b in (c,d),e>3' }))).toEqual({ allowed: true, reason: 'fine' });
    expect(sent[0]).toMatchObject({
      apiVersion: 'authorization.k8s.io/v1',
      spec: {
        user: 'jane', uid: 'u1', groups: ['dev'], extra: { why: ['test'] },
        resourceAttributes: {
          namespace: 'web', verb: 'list', version: 'v1', resource: 'pods',
          fieldSelector: { requirements: [{ key: 'metadata.name', operator: 'NotIn', values: ['x'] }, { key: 'spec.nodeName', operator: 'In', values: ['n1'] }] },
          labelSelector: { requirements: [{ key: 'a', operator: 'Exists', values: [] }, { key: 'b', operator: 'In', values: ['c', 'd'] }] },
        },
      },
    });
  });

  test('its answers are remembered, each kind for its time', async () => {
    const { authorizer, sent, clock } = build({ status: { allowed: false } });
    for (let round = 0; round < 3; round += 1) await authorizer.authorize(ask());
    expect(sent).toHaveLength(1);
    await clock.advance(101);
    await authorizer.authorize(ask());
    await authorizer.authorize(ask({ name: 'x'.repeat(10_000) }));
    await authorizer.authorize(ask({ name: 'x'.repeat(10_000) }));
    expect(sent).toHaveLength(4);
  });

  test.each<[unknown, Decision]>([
    [{ status: { allowed: false, denied: true, reason: 'no' } }, { allowed: false, denied: true, reason: 'no' }],
    [{ status: { allowed: true, denied: true } }, { allowed: false, denied: true, reason: '', error: 'webhook subject access review returned both allow and deny response' }],
    [{}, { allowed: false, denied: false, reason: '', error: 'webhook authorizer: the answer is no SubjectAccessReview' }],
    [new RemoteError('away', false), { allowed: false, denied: false, reason: '', error: 'away' }],
  ])('%j', async (answer, decision) => {
    expect(await build(answer).authorizer.authorize(ask())).toEqual(decision);
  });

  test('when it is away, it may be told to deny; the first beta calls groups otherwise', async () => {
    expect(await build(new RemoteError('away', false), { denyOnError: true }).authorizer.authorize(ask())).toMatchObject({ denied: true });
    const { authorizer, sent } = build({ status: {} }, { version: 'v1beta1' });
    await authorizer.authorize(ask());
    expect(sent[0]?.spec).toMatchObject({ group: ['dev'] });
    expect(sent[0]?.spec).not.toHaveProperty('groups');
  });

  test('is asked only about what its conditions select', async () => {
    const conditions = conditionLanguage.conditions(['has(request.resourceAttributes)', "request.resourceAttributes.namespace == 'db'", "!('system:nodes' in request.groups)"]);
    const { authorizer, sent } = build({ status: { allowed: true } }, { conditions });
    expect(await authorizer.authorize(ask())).toEqual({ allowed: false, reason: '' });
    expect(await authorizer.authorize(ask({ isResourceRequest: false, path: '/metrics' }))).toEqual({ allowed: false, reason: '' });
    expect(sent).toHaveLength(0);
    expect(await authorizer.authorize(ask({ namespace: 'db' }))).toEqual({ allowed: true, reason: '' });
    const selecting = build({ status: { allowed: true } }, { conditions: conditionLanguage.conditions(["request.resourceAttributes.fieldSelector.requirements.exists(r, r.key == 'spec.nodeName' && r.values == ['n1'])"]) });
    expect(await selecting.authorizer.authorize(ask({ fieldSelector: 'spec.nodeName=n1' }))).toMatchObject({ allowed: true });
    expect(await selecting.authorizer.authorize(ask())).toMatchObject({ allowed: false, error: expect.stringContaining("resulted in error: no such key: fieldSelector") });
  });
});

describe('the configuration file', () => {
  const file = (authorizers: string): string => `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers: ${authorizers}\n`;
  const faults = (authorizers: string): string[] => validateAuthorizationConfiguration(readAuthorizationConfiguration(file(authorizers)), conditionLanguage.fault).map(({ field, message }) => `${field}: ${message}`);
  const webhook = (change: object = {}): string => JSON.stringify([{ type: 'Webhook', name: 'w', webhook: { timeout: '3s', subjectAccessReviewVersion: 'v1', matchConditionSubjectAccessReviewVersion: 'v1', failurePolicy: 'Deny', connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: import.meta.filename }, ...change } }]);

  test.each<[string, string[]]>([
    ['[]', ['authorizers: Required value: at least one authorization mode must be defined']],
    ['[{type: Node, name: node}, {type: RBAC, name: rbac}]', []],
    ['[{type: X, name: x}]', ['authorizers[0].type: Unsupported value: "X": supported values: "ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"']],
    ['[{type: RBAC, name: a}, {type: RBAC, name: b}]', ['authorizers[1].type: Duplicate value: "RBAC"']],
    ['[{type: RBAC, name: a}, {type: Node, name: a}]', ['authorizers[1].name: Duplicate value: "a"']],
    ['[{type: RBAC}]', ['authorizers[0].name: Required value']],
    ['[{type: RBAC, name: a, webhook: {}}]', ['authorizers[0].webhook: Invalid value: "non-null": may only be specified when type=Webhook']],
    ['[{type: Webhook, name: a}]', ['authorizers[0].webhook: Required value: required when type=Webhook']],
    [webhook(), []],
    [webhook({ timeout: '31s' }), ['authorizers[0].timeout: Invalid value: "31s": must be > 0s and <= 30s']],
    [webhook({ failurePolicy: 'Fail' }), ['authorizers[0].failurePolicy: Unsupported value: "Fail": supported values: "NoOpinion", "Deny"']],
    [webhook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: 'x' } }), ['authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "x": must be an absolute path']],
    [webhook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/none' } }), ['authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/none": error loading file: stat /none: no such file or directory']],
    [webhook({ matchConditions: [{ expression: 'request.user' }] }), ['authorizers[0].matchConditions[0].expression: Invalid value: "request.user": must evaluate to bool but got string']],
    [webhook({ matchConditions: [{ expression: ' ' }, { expression: 'true' }, { expression: 'true' }] }), ['authorizers[0].matchConditions[0].expression: Required value', 'authorizers[0].matchConditions[2].expression: Duplicate value: "true"']],
  ])('%s', (authorizers, expected) => expect(faults(authorizers)).toEqual(expected));

  test('an expression that names nothing is refused with its place', () => {
    expect(faults(webhook({ matchConditions: [{ expression: 'request.name == 1' }] }))[0]).toMatch(/^authorizers\[0\]\.matchConditions\[0\]\.expression: Invalid value: "request\.name == 1": compilation failed: ERROR: <input>:1:8: undefined field 'name'/);
  });

  test('is read strictly', () => {
    expect(() => readAuthorizationConfiguration(file('[{type: RBAC, nam: a}]'))).toThrow('strict decoding error: unknown field "authorizers[0].nam"');
    expect(() => readAuthorizationConfiguration('kind: AuthorizationConfiguration\napiVersion: v1\n')).toThrow('no kind "AuthorizationConfiguration" is registered for version "v1"');
    expect(() => readConfigFile('{}', { versions: ['g/v1'], kind: 'K' }, {})).toThrow("Object 'Kind' is missing");
    expect(() => readAuthorizationConfiguration(file('[{type: Webhook, name: a, webhook: {timeout: soon}}]'))).toThrow('time: invalid duration "soon"');
  });
});

describe('the flags', () => {
  test.each([
    [{ modes: ['X'] }, 'authorization-mode "X" is not a valid mode'],
    [{ modes: ['RBAC', 'RBAC'] }, 'authorization-mode ["RBAC" "RBAC"] has mode specified more than once'],
    [{ modes: ['ABAC'] }, "authorization-mode ABAC's authorization policy file not passed"],
    [{ policy: '' }, 'cannot specify --authorization-policy-file without mode ABAC'],
    [{ modes: ['Webhook'] }, "authorization-mode Webhook's authorization config file not passed"],
    [{ webhook: { configFile: 'f', version: 'v1', authorizedTTL: 1, unauthorizedTTL: 1 } }, 'cannot specify --authorization-webhook-config-file without mode Webhook'],
    [{ modes: ['Webhook'], webhook: { configFile: 'f', version: 'v2', authorizedTTL: 1, unauthorizedTTL: 1 } }, 'unsupported webhook authorizer version "v2", supported versions are "v1", "v1beta1"'],
  ])('%j', (settings, message) => expect(() => authorizersOfFlags(settings)).toThrow(message));

  test('are nodes, then roles, unless told otherwise', () => {
    expect(authorizersOfFlags({}).map(({ type }) => type)).toEqual(['Node', 'RBAC']);
  });
});
