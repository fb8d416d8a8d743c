import { startWebhookServer } from '../../rig/webhookServer.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { AdmissionExchange } from './admissionExchange.ts';
import type { Request } from './exchange.ts';
import { defineGates, gate, gatesPath, GROUP } from './gates.ts';
import type { Pair } from './referenceServer.ts';

const POLICIES = '/apis/admissionregistration.k8s.io/v1';
const RULES = [{ apiGroups: [GROUP], apiVersions: ['v1'], resources: ['gates'], operations: ['CREATE', 'UPDATE', 'DELETE'] }];
const json = (type: string): Record<string, string> => ({ 'content-type': `application/${type}` });
const check = (expression: string, more: object = {}): object => ({ validations: [{ expression, ...more }] });

interface Case {
  readonly policy: object;
  readonly binding?: object;
}

const PARAMS = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } };
const withParams = (paramRef: object, policy: object = check("params == null || int(params.data.most) >= object.spec.replicas", { messageExpression: "'at most ' + params.data.most" })): Case => ({ policy: { ...PARAMS, ...policy }, binding: { paramRef } });
const IN_DEFAULT = { namespace: 'default', parameterNotFoundAction: 'Deny' };

/** ValidatingAdmissionPolicies, each with a binding of its own. */
const VALIDATING: Readonly<Record<string, Case>> = {
  fails: { policy: check('object.spec.replicas > 5') },
  message: { policy: check('object.spec.replicas > 5', { message: 'too few' }) },
  'message-long': { policy: check('object.spec.replicas > 5', { message: 'm'.repeat(6000) }) },
  'message-expression': { policy: check('object.spec.replicas > 5', { messageExpression: "'only ' + string(object.spec.replicas)" }) },
  'message-expression-fails': { policy: check('object.spec.replicas > 5', { messageExpression: "object.spec.missing + 'x'", message: 'instead' }) },
  'message-expression-empty': { policy: check('object.spec.replicas > 5', { messageExpression: "'  '" }) },
  'message-expression-lines': { policy: check('object.spec.replicas > 5', { messageExpression: "'two\\nlines'", message: 'instead' }) },
  'message-expression-long': { policy: check('object.spec.replicas > 5', { messageExpression: "'0123456789'.replace('0', '0123456789').replace('1', '0123456789').replace('2', '0123456789').replace('3', '0123456789').replace('4', '0123456789').replace('5', '0123456789').replace('6', '0123456789')", message: 'instead' }) },
  ...Object.fromEntries(['Forbidden', 'Invalid', 'RequestEntityTooLarge'].map((reason) => [`reason-${reason.toLowerCase()}`, { policy: check('false', { reason }) }])),
  'two-fail': { policy: { validations: [{ expression: 'false', message: 'first' }, { expression: 'true' }, { expression: 'false', message: 'second', reason: 'Forbidden' }] } },
  'runtime-error': { policy: check('object.spec.missing == 1') },
  'runtime-error-ignored': { policy: { ...check('object.spec.missing == 1'), failurePolicy: 'Ignore' } },
  'divided-by-zero': { policy: check('1 / (object.spec.replicas - 1) == 0') },
  'wrong-index': { policy: check('object.spec.list[3] == "a"') },
  costly: { policy: check("[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, a + b + c + d + e + f > 0))))))") },
  'warns': { policy: check('false', { message: 'be warned' }), binding: { validationActions: ['Warn'] } },
  'warns-odd': { policy: check('false', { messageExpression: "'ünïcödé \"quoted\"'" }), binding: { validationActions: ['Warn'] } },
  'warns-and-audits': { policy: { ...check('false'), auditAnnotations: [{ key: 'k', valueExpression: "'v'" }] }, binding: { validationActions: ['Warn', 'Audit'] } },
  'denies-and-audits': { policy: check('false'), binding: { validationActions: ['Deny', 'Audit'] } },
  variables: { policy: { variables: [{ name: 'a', expression: 'object.spec.replicas + 1' }, { name: 'b', expression: 'variables.a * 2' }], ...check('variables.b > 100', { messageExpression: "'b is ' + string(variables.b)" }) } },
  'variable-fails': { policy: { variables: [{ name: 'a', expression: 'object.spec.missing' }], ...check('variables.a == 1') } },
  'variable-of-failed': { policy: { variables: [{ name: 'a', expression: 'object.spec.missing' }, { name: 'b', expression: 'variables.a' }], ...check('variables.b == 1') } },
  request: { policy: check("request.name == '' && request.operation == 'NONE'", { messageExpression: "request.operation + ' ' + request.kind.kind + ' ' + request.resource.resource + ' ' + request.namespace + ' ' + request.name + ' ' + request.userInfo.username + ' ' + string(request.dryRun) + ' ' + request.options.kind" }) },
  'old-object': { policy: check('oldObject == null', { messageExpression: "'was ' + string(oldObject.spec.replicas)" }) },
  namespace: { policy: check("namespaceObject.metadata.name != 'default'", { messageExpression: "namespaceObject.metadata.labels['kubernetes.io/metadata.name']" }) },
  authorizer: { policy: check("!authorizer.group('').resource('pods').namespace('default').check('get').allowed() && authorizer.requestResource.check('create').reason() == ''") },
  'condition-false': { policy: { ...check('false'), matchConditions: [{ name: 'c', expression: 'object.spec.replicas > 5' }] } },
  'condition-true': { policy: { ...check('false'), matchConditions: [{ name: 'c', expression: 'true' }] } },
  'condition-error': { policy: { ...check('false'), matchConditions: [{ name: 'c', expression: 'object.spec.missing == 1' }] } },
  'condition-errors': { policy: { ...check('false'), matchConditions: [{ name: 'c', expression: 'object.spec.missing == 1' }, { name: 'd', expression: '1 / 0 == 1' }] } },
  'condition-error-ignored': { policy: { ...check('false'), failurePolicy: 'Ignore', matchConditions: [{ name: 'c', expression: 'object.spec.missing == 1' }] } },
  excluded: { policy: { ...check('false'), matchConstraints: { resourceRules: RULES, excludeResourceRules: [{ ...RULES[0], operations: ['CREATE'] }] } } },
  'binding-excludes': { policy: check('false'), binding: { matchResources: { excludeResourceRules: [{ ...RULES[0], resourceNames: ['binding-excludes'] }] } } },
  'binding-selects': { policy: check('false'), binding: { matchResources: { namespaceSelector: { matchLabels: { no: 'where' } } } } },
  exact: { policy: { ...check('false'), matchConstraints: { matchPolicy: 'Exact', resourceRules: [{ ...RULES[0], apiVersions: ['v2'] }] } } },
  'params-name': withParams({ name: 'most-0', ...IN_DEFAULT }),
  'params-missing': withParams({ name: 'missing', ...IN_DEFAULT }),
  'params-missing-allowed': withParams({ name: 'missing', ...IN_DEFAULT, parameterNotFoundAction: 'Allow' }),
  'params-selector': withParams({ selector: { matchLabels: { most: 'x' } }, ...IN_DEFAULT }),
  'params-selector-none': withParams({ selector: { matchLabels: { most: 'none' } }, ...IN_DEFAULT }),
  'params-of-request': withParams({ name: 'most-0', parameterNotFoundAction: 'Deny' }),
  'params-unknown-kind': { policy: { paramKind: { apiVersion: 'odd.example.com/v1', kind: 'Odd' }, ...check('true') }, binding: { paramRef: { name: 'x', parameterNotFoundAction: 'Deny' } } },
  'params-unbound': { policy: { ...PARAMS, ...check('params == null') } },
};

const apply = (expression: string, more: object = {}): Case => ({ policy: { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }], reinvocationPolicy: 'Never', ...more } });
const patch = (expression: string, more: object = {}): Case => ({ policy: { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }], reinvocationPolicy: 'Never', ...more } });

/** MutatingAdmissionPolicies, each with a binding of its own. */
const MUTATING: Readonly<Record<string, Case>> = {
  'apply-label': apply("Object{metadata: Object.metadata{labels: {'set': 'by-policy'}}}"),
  'apply-spec': apply("Object{spec: Object.spec{text: 'changed', replicas: object.spec.replicas + 1}}"),
  'apply-list': apply("Object{spec: Object.spec{list: ['a', 'b']}}"),
  'apply-map-list': apply("Object{spec: Object.spec{ports: [Object.spec.ports{name: 'a', port: 1}]}}"),
  'apply-set': apply("Object{spec: Object.spec{set: ['x']}}"),
  'apply-atomic': apply("Object{spec: Object.spec{atomic: Object.spec.atomic{a: 'x'}}}"),
  'apply-unknown': apply("Object{spec: Object.spec{unknown: 'x'}}"),
  'apply-wrong-type': apply("Object{spec: Object.spec{text: 1}}"),
  'apply-invalid': apply('Object{spec: Object.spec{replicas: -1}}'),
  'apply-error': apply('Object{spec: Object.spec{text: object.spec.missing}}'),
  'apply-error-ignored': apply('Object{spec: Object.spec{text: object.spec.missing}}', { failurePolicy: 'Ignore' }),
  'apply-open': apply("Object{spec: Object.spec{map: {'a': 'b'}}}"),
  'patch-add': patch("[JSONPatch{op: 'add', path: '/spec/text', value: 'patched'}]"),
  'patch-object': patch("[JSONPatch{op: 'add', path: '/spec/atomic', value: Object.spec.atomic{a: 'x'}}]"),
  'patch-list': patch("[JSONPatch{op: 'add', path: '/spec/list', value: ['a']}, JSONPatch{op: 'add', path: '/spec/list/-', value: 'b'}]"),
  'patch-test': patch("[JSONPatch{op: 'test', path: '/spec/text', value: 'a'}, JSONPatch{op: 'replace', path: '/spec/text', value: 'b'}]"),
  'patch-test-fails': patch("[JSONPatch{op: 'test', path: '/spec/text', value: 'odd'}, JSONPatch{op: 'replace', path: '/spec/text', value: 'b'}]"),
  'patch-odd-path': patch("[JSONPatch{op: 'add', path: '/spec/missing/x', value: 'b'}]"),
  'patch-escaped': patch("[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b~c'), value: 'b'}]"),
  'patch-error': patch("[JSONPatch{op: 'add', path: '/spec/text', value: object.spec.missing}]"),
  'patch-invalid': patch("[JSONPatch{op: 'replace', path: '/spec/replicas', value: -1}]"),
  again: apply("Object{metadata: Object.metadata{annotations: {'again': 'x' + (has(object.metadata.annotations) ? object.metadata.annotations[?'again'].orValue('') : '')}}}", { reinvocationPolicy: 'IfNeeded' }),
  'two-mutations': { policy: { variables: [{ name: 'n', expression: 'object.spec.replicas * 2' }], mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/spec/replicas', value: variables.n}]" } }, { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{text: string(object.spec.replicas)}}' } }], reinvocationPolicy: 'IfNeeded' } },
  'condition-error': { policy: { matchConditions: [{ name: 'c', expression: 'object.spec.missing == 1' }], mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/spec/text', value: 'x'}]" } }], reinvocationPolicy: 'Never' } },
};

async function make(pair: Pair, kind: 'Validating' | 'Mutating', cases: Readonly<Record<string, Case>>): Promise<void> {
  const create = async (sort: string, name: string, spec: object): Promise<void> => {
    const made = await pair.gantry.request('POST', `${POLICIES}/${sort.toLowerCase().replace(/y$/, 'ie')}s`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: sort, metadata: { name }, spec });
    if (made.status !== 201) throw new Error(`${name}: ${made.text}`);
  };
  for (const [name, { policy, binding }] of Object.entries(cases)) {
    const { matchConstraints = {}, ...rest } = policy as { matchConstraints?: object };
    await create(`${kind}AdmissionPolicy`, name, { matchConstraints: { resourceRules: kind === 'Validating' ? RULES : [{ ...RULES[0], operations: ['CREATE', 'UPDATE'] }], ...matchConstraints, objectSelector: { matchLabels: { case: name } } }, ...rest });
    await create(`${kind}AdmissionPolicyBinding`, name, { policyName: name, ...(kind === 'Validating' ? { validationActions: ['Deny'] } : {}), ...binding });
  }
}

function lifeOf(label: string): Request[] {
  const path = gatesPath();
  const one = `${path}/${label}`;
  return [
    { method: 'POST', path, body: gate(label) },
    { method: 'POST', path, body: gate(label, { replicas: 7 }, `${label}-more`) },
    { method: 'PATCH', path: `${one}?dryRun=All`, body: { spec: { replicas: 8 } }, headers: json('merge-patch+json') },
    { method: 'PATCH', path: `${one}?fieldManager=me&force=true`, body: { apiVersion: `${GROUP}/v1`, kind: 'Gate', metadata: { name: label, labels: { case: label } }, spec: { replicas: 2 } }, headers: json('apply-patch+yaml') },
    { method: 'POST', path: gatesPath('v2'), body: { ...gate(label, { replicas: 1 }, `${label}-v2`), apiVersion: `${GROUP}/v2` }, headers: { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' } },
    { method: 'DELETE', path: one },
  ];
}

/** What policies say of the same objects, and make of them. */
export async function comparePolicies(pair: Pair): Promise<Comparison> {
  const webhooks = await startWebhookServer();
  const exchange = new AdmissionExchange(pair, webhooks);
  try {
    await defineGates(pair);
    // One of them alone refuses anything: which of several is told of has no order in Kubernetes.
    for (const most of ['0', '9']) await pair.gantry.request('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: `most-${most}`, labels: { most: 'x' } }, data: { most } });
    for (const [kind, cases] of [['Validating', VALIDATING], ['Mutating', MUTATING]] as const) {
      await make(pair, kind, cases);
      // The last of them that refuses tells that all are known.
      const about = kind === 'Validating' ? 'params-name' : 'patch-invalid';
      await exchange.inForce(`${kind} policies are asked`, { method: 'POST', path: `${gatesPath()}?dryRun=All`, body: gate(about, undefined, 'probe') }, (status) => status === 422);
      for (const name of Object.keys(cases)) for (const request of lifeOf(name)) await exchange.both(request, kind);
      for (const name of Object.keys(cases)) for (const sort of ['policybindings', 'policies']) await pair.gantry.request('DELETE', `${POLICIES}/${kind.toLowerCase()}admission${sort}/${name}`);
    }
    return exchange.differences;
  } finally {
    await webhooks.close();
  }
}
