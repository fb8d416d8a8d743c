import { atOnce } from '../../../api/cel/atOnce.ts';
import type { V1ValidatingAdmissionPolicySpec } from '../../../api/generated/types.ts';
import { fromAnyJson } from '../../../api/cel/fromJson.ts';
import type { Registry } from '../../registry.ts';
import type { AdmissionAttributes } from '../../types.ts';
import type { Asked } from '../webhooks/matchHook.ts';
import { AuditAnnotations, validationFailure } from './auditAnnotations.ts';
import { evaluateValidations, type Verdict } from './evaluateValidations.ts';
import { matchCriteria, matchedVersion } from './matchResources.ts';
import { paramResource } from './params.ts';
import { validationRefusal } from './refusal.ts';
import { validatingPolicy } from './validatingPolicy.ts';

const metadata = { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: 't' };
const object = { metadata: { name: 'o' }, data: { n: '1' } };

function verdict(spec: V1ValidatingAdmissionPolicySpec): Verdict {
  const policy = validatingPolicy({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata, spec });
  return atOnce(evaluateValidations(policy, { object: () => fromAnyJson(object), oldObject: null, namespaceObject: null }));
}

const messages = (spec: V1ValidatingAdmissionPolicySpec): string[] => verdict(spec).violations.map(({ message, reason }) => `${reason}: ${message}`);

describe('a verdict', () => {
  it.each<[object, string[]]>([
    [{ expression: 'true' }, []],
    [{ expression: ' 1 > 2 ' }, ['Invalid: failed expression: 1 > 2']],
    [{ expression: 'false', message: ' no ', reason: 'Forbidden' }, ['Forbidden: no']],
    [{ expression: 'false', message: 'no', messageExpression: "' not ' + object.data.n" }, ['Invalid: not 1']],
    [{ expression: 'false', message: 'no', messageExpression: 'object.data.m + string(1)' }, ['Invalid: no']],
    [{ expression: 'false', message: 'no', messageExpression: "'a\\nb'" }, ['Invalid: no']],
    [{ expression: 'false', message: 'no', messageExpression: `'${'x'.repeat(5 * 1024)}'` }, [`Invalid: ${'x'.repeat(5 * 1024)}`]],
    [{ expression: 'false', message: 'no', messageExpression: `'${'x'.repeat(5 * 1024 + 1)}'` }, ['Invalid: no']],
    [{ expression: 'object.data.m == 1' }, ["Invalid: expression 'object.data.m == 1' resulted in error: no such key: m"]],
    [{ expression: 'namespaceObject.metadata.name == object.metadata.name' }, ["Invalid: expression 'namespaceObject.metadata.name == object.metadata.name' resulted in error: no such key: metadata"]],
    [{ expression: 'object.a ==' }, [expect.stringContaining('Invalid: compilation error: compilation failed: ERROR: <input>:1:12: Syntax error')]],
  ])('on %j is %j', (validation, expected) => {
    expect(messages({ validations: [validation as { expression: string }] })).toEqual(expected);
  });

  it('passes over what has no value where failures are ignored, and nothing else', () => {
    expect(messages({ failurePolicy: 'Ignore', validations: [{ expression: 'object.data.m == 1' }, { expression: 'false' }] })).toEqual(['Invalid: failed expression: false']);
  });

  it('tells which variable failed', () => {
    const variables = [{ name: 'a', expression: 'object.data.m' }, { name: 'b', expression: "variables.a + 'x'" }];
    expect(messages({ variables, validations: [{ expression: "variables.b == ''" }] })).toEqual([`Invalid: expression 'variables.b == ''' resulted in error: composited variable "b" fails to evaluate: composited variable "a" fails to evaluate: no such key: m`]);
    expect(messages({ variables, validations: [{ expression: "true || variables.b == ''" }] })).toEqual([]);
  });

  it('evaluates variables that have loops first, each once', () => {
    const variables = [{ name: 'numbers', expression: '[1, 2, 3].map(n, n + int(object.data.n))' }, { name: 'sum', expression: 'variables.numbers.sum()' }, { name: 'large', expression: 'variables.numbers.exists(n, n > variables.sum)' }];
    const validations = [{ expression: 'variables.large || variables.sum != 9', messageExpression: "'the sum is ' + string(variables.sum)" }, { expression: 'variables.sum == 9' }];
    expect(messages({ variables, validations })).toEqual(['Invalid: the sum is 9']);
  });

  it('is none where a condition is false', () => {
    const validations = [{ expression: 'false' }];
    expect(messages({ validations, matchConditions: [{ name: 'a', expression: 'object.data.m == 1' }, { name: 'b', expression: 'false' }] })).toEqual([]);
    expect(messages({ validations, matchConditions: [{ name: 'a', expression: 'object.data.m == 1' }] })).toEqual(["Invalid: expression 'object.data.m == 1' resulted in error: no such key: m"]);
    expect(messages({ failurePolicy: 'Ignore', validations, matchConditions: [{ name: 'a', expression: 'object.data.m == 1' }] })).toEqual([]);
  });

  it('annotates the audit event with texts, and not with null', () => {
    const auditAnnotations = [{ key: 'a', valueExpression: "'n is ' + object.data.n" }, { key: 'b', valueExpression: 'null' }, { key: 'c', valueExpression: 'string(object.data.m)' }];
    expect(verdict({ auditAnnotations })).toEqual({ violations: [], annotations: [{ key: 'a', value: 'n is 1' }], faults: ["expression 'string(object.data.m)' resulted in error: no such key: m"] });
  });
});

it('a refusal has the code of its reason', () => {
  const attributes = { definition: { group: 'apps', plural: 'deployments' }, name: '', object: { metadata: { generateName: 'x-' } } } as unknown as AdmissionAttributes;
  const { status } = validationRefusal(attributes, { policy: 'p', binding: undefined, message: 'failed to configure policy: why', reason: 'Unauthorized' });
  expect(status).toMatchObject({ code: 401, reason: 'Unauthorized', message: `deployments.apps "x-" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: why` });
});

it('what is said under one key stands side by side, once each', () => {
  const told: Record<string, string> = {};
  const annotations = new AuditAnnotations();
  for (const value of ['a', 'b', 'a']) annotations.add('k', value);
  annotations.publish('p', { annotate: (key, value) => void (told[key] = value) });
  expect(told).toEqual({ 'p/k': 'a, b' });
});

it('a violation is told in the audit event', () => {
  const binding = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { ...metadata, name: 'b' }, spec: { policyName: 'p', validationActions: ['Audit'] } };
  expect(validationFailure(binding, { index: 2, message: 'm', reason: 'Invalid' })).toEqual(['validation.policy.admission.k8s.io/validation_failure', '[{"message":"m","policy":"p","binding":"b","expressionIndex":2,"validationActions":["Audit"]}]']);
});

it('a kind of parameters that is not there is told', () => {
  expect(() => paramResource({ all: [] } as unknown as Registry, { apiVersion: 'v1', kind: 'Limit' })).toThrow("failed to find resource referenced by paramKind: '/v1, Kind=Limit'");
});

it('names may be chosen and left out', async () => {
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['*'] };
  const asked = { subject: { operation: 'CREATE', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'n' }, version: 'this' } as unknown as Asked;
  const matches = async (match: object, name: string): Promise<boolean> => (await matchedVersion(matchCriteria({ matchPolicy: 'Exact', ...match }), { name, operation: 'CREATE', namespace: 'n', subresource: '' } as unknown as AdmissionAttributes, asked, {} as Registry, async () => undefined)) !== undefined;
  expect(await matches({ resourceRules: [{ ...rule, resourceNames: ['a'] }] }, 'a')).toBe(true);
  expect(await matches({ resourceRules: [{ ...rule, resourceNames: ['a'] }] }, 'b')).toBe(false);
  expect(await matches({ excludeResourceRules: [{ ...rule, resourceNames: ['a'] }] }, 'a')).toBe(false);
  expect(await matches({ excludeResourceRules: [{ ...rule, resourceNames: ['a'] }] }, 'b')).toBe(true);
});
