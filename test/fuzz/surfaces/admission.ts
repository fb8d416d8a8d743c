import { randomExpression } from '../../../api/cel/randomExpression.ts';
import type { RandomInput } from '../../../api/schema/randomInput.ts';
import type { Call, Reply } from '../fuzzCase.ts';
import { MERGE, type Surface } from './surface.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';
const RULES = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] }];
const EXPRESSIONS = ['true', 'false', 'object.metadata.name == "fuzzed"', 'object.data.all(k, object.data[k] == k)', 'has(object.data.constructor)', 'oldObject == null || object.data == oldObject.data', 'request.userInfo.groups.exists(g, g == "system:masters")', 'variables.v', 'params.data.a == "b"', 'namespaceObject.metadata.name == "default"', 'authorizer.group("").resource("pods").check("get").allowed()', '1 / 0 == 1', 'object.data["__proto__"] == "x"'];
const MUTATIONS = ['Object{}', 'Object{data: {"a": "b"}}', 'Object{metadata: Object.metadata{labels: {"constructor": "x"}}}', 'Object{data: {"__proto__": "b"}}', 'Object{metadata: Object.metadata{name: "other"}}', 'Object{spec: Object.spec{}}'];
const PATCHES = ['[]', '[JSONPatch{op: "add", path: "/data", value: {"a": "b"}}]', '[JSONPatch{op: "add", path: "/data/__proto__", value: "x"}]', '[JSONPatch{op: "remove", path: "/metadata/name"}]', '[JSONPatch{op: "test", path: "/nowhere", value: 1}]', '[JSONPatch{op: "add", path: "/data/" + jsonpatch.escapeKey("a/b~c"), value: "x"}]', '[JSONPatch{op: "move", from: "/metadata", path: "/data"}]'];

/** Policies in CEL and webhooks with hostile answers around the writes of a ConfigMap. */
export const admission: Surface = {
  name: 'admission',
  generate: (input) => {
    const data = (): object => Object.fromEntries(Array.from({ length: input.below(3) }, () => [input.pick(['a', 'constructor', '__proto__', 'k']), input.pick(['a', 'b', 'x', ''])]));
    const calls: Call[] = [input.chance(0.5) ? webhook(input) : policy(input)].flat();
    calls.push({ method: 'POST', path: CONFIG_MAPS, body: { metadata: { name: 'fuzzed' }, data: data() } });
    calls.push({ method: 'PUT', path: `${CONFIG_MAPS}/fuzzed`, body: { metadata: { name: 'fuzzed' }, data: data() } });
    calls.push({ method: 'PATCH', path: `${CONFIG_MAPS}/fuzzed`, headers: { 'content-type': MERGE }, body: { data: data() } });
    return { calls, replies: { admit: review(input) } };
  },
};

function expression(input: RandomInput): string {
  return input.chance(0.7) ? input.pick(EXPRESSIONS) : randomExpression(() => input.next(), 3).replace(/\b(?:any|s|list)\b/g, () => input.pick(['object', 'request', 'oldObject', 'object.data']));
}

function policy(input: RandomInput): Call[] {
  const matchConstraints = { resourceRules: RULES };
  const shared = {
    matchConstraints, failurePolicy: input.pick(['Fail', 'Ignore']),
    ...(input.chance(0.3) ? { variables: [{ name: input.pick(['v', 'constructor', 'w']), expression: expression(input) }] } : {}),
    ...(input.chance(0.3) ? { matchConditions: [{ name: 'm', expression: expression(input) }] } : {}),
    ...(input.chance(0.2) ? { paramKind: { apiVersion: 'v1', kind: input.pick(['ConfigMap', 'Nothing']) } } : {}),
  };
  const isMutating = input.chance(0.4);
  const mutations = Array.from({ length: 1 + input.below(2) }, () => (input.chance(0.5) ? { patchType: 'ApplyConfiguration', applyConfiguration: { expression: input.pick(MUTATIONS) } } : { patchType: 'JSONPatch', jsonPatch: { expression: input.pick(PATCHES) } }));
  const validations = Array.from({ length: 1 + input.below(3) }, () => ({ expression: expression(input), ...(input.chance(0.3) ? { messageExpression: input.pick(['"no"', 'string(object.data)', 'object.metadata.name', '1']) } : {}), ...(input.chance(0.2) ? { reason: input.pick(['Forbidden', 'Invalid', 'constructor']) } : {}) }));
  const spec = isMutating ? { ...shared, reinvocationPolicy: input.pick(['Never', 'IfNeeded']), mutations } : { ...shared, validations, ...(input.chance(0.3) ? { auditAnnotations: [{ key: input.pick(['a', 'constructor']), valueExpression: input.pick(['"x"', 'object.metadata.name', 'null']) }] } : {}) };
  const plural = isMutating ? 'mutatingadmissionpolicies' : 'validatingadmissionpolicies';
  const binding = { policyName: 'fuzzed', ...(isMutating ? {} : { validationActions: [input.pick(['Deny', 'Warn', 'Audit'])] }), ...(input.chance(0.2) ? { paramRef: { name: 'fuzzed', namespace: 'default', parameterNotFoundAction: input.pick(['Allow', 'Deny']) } } : {}) };
  return [
    { method: 'POST', path: `${REGISTRATION}/${plural}`, body: { metadata: { name: 'fuzzed' }, spec } },
    { method: 'POST', path: `${REGISTRATION}/${plural.replace('policies', 'policybindings')}`, body: { metadata: { name: 'fuzzed' }, spec: binding } },
  ];
}

function webhook(input: RandomInput): Call[] {
  const plural = input.pick(['mutatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingwebhookconfigurations']);
  const hook = {
    name: 'a.example.com', admissionReviewVersions: ['v1', 'v1beta1'].slice(0, 1 + input.below(2)), sideEffects: 'None', rules: RULES, failurePolicy: input.pick(['Fail', 'Ignore']), timeoutSeconds: 2,
    clientConfig: { url: `https://REPLY/admit`, caBundle: 'CA-BUNDLE' }, ...(input.chance(0.3) ? { matchConditions: [{ name: 'm', expression: expression(input) }] } : {}), ...(input.chance(0.3) && plural.startsWith('m') ? { reinvocationPolicy: 'IfNeeded' } : {}),
  };
  return [{ method: 'POST', path: `${REGISTRATION}/${plural}`, body: { metadata: { name: 'fuzzed' }, webhooks: [hook] } }];
}

/** An answer that mostly is a review. */
export function review(input: RandomInput): Reply {
  const patch = input.chance(0.5) ? input.operations({ metadata: { name: 'fuzzed', labels: { a: 'b' } }, data: { a: 'b' } }) : [{ op: 'add', path: input.pick(['/data', '/metadata/labels', '/metadata/finalizers', '/apiVersion', '/metadata/uid', '', '/metadata/managedFields', '/data/__proto__']), value: input.value(2) }];
  const response = {
    uid: input.pick(['UID', 'UID', 'UID', 'x']), allowed: input.chance(0.9) ? true : input.pick([false, 'yes', null]),
    ...(input.chance(0.6) ? { patchType: input.pick(['JSONPatch', 'JSONPatch', 'Merge']), patch: input.chance(0.9) ? Buffer.from(JSON.stringify(patch)).toString('base64') : input.pick(['!!', 7, 'e30=']) } : {}),
    ...(input.chance(0.3) ? { warnings: input.pick([['a'], ['é\u0000\r\nx: y', 'x'.repeat(9_000)], 'w', [7]]) } : {}),
    ...(input.chance(0.3) ? { auditAnnotations: input.pick<unknown>([{ a: 'b' }, { constructor: 'x' }, 7]) } : {}),
    ...(input.chance(0.3) ? { status: input.pick([{ code: 403, message: 'no' }, { code: 'x' }, { code: 99_999 }, { code: 0, reason: 'constructor' }, 'x']) } : {}),
  };
  const answer = { apiVersion: input.pick(['admission.k8s.io/v1', 'admission.k8s.io/v1', 'admission.k8s.io/v1beta1', 'x']), kind: 'AdmissionReview', response: input.chance(0.95) ? response : input.value(1) };
  return { status: input.pick([200, 200, 200, 200, 500, 302]), body: input.chance(0.1) ? input.mangled(JSON.stringify(answer)).toString('latin1') : answer };
}
