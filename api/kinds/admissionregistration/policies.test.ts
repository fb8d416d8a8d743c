import type { V1MutatingAdmissionPolicy, V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding, V1ValidatingAdmissionPolicySpec } from '../../generated/types.ts';
import { mutatingAdmissionPolicy, validatingAdmissionPolicy, validatingAdmissionPolicyBinding } from './policies.ts';

const metadata = { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const apiVersion = 'admissionregistration.k8s.io/v1';
const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] };

function policy(spec: V1ValidatingAdmissionPolicySpec): V1ValidatingAdmissionPolicy {
  const object = { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata, spec: structuredClone({ matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }], ...spec }) };
  validatingAdmissionPolicy.setDefaults?.(object);
  return object;
}

const errorsOf = (spec: V1ValidatingAdmissionPolicySpec): string[] => (validatingAdmissionPolicy.validate?.(policy(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);

it('a policy gets defaults', () => {
  expect(policy({}).spec).toMatchObject({ failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, resourceRules: [{ scope: '*' }] } });
});

it.each<[V1ValidatingAdmissionPolicySpec, string[]]>([
  [{}, []],
  [{ failurePolicy: 'Maybe' }, ['spec.failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"']],
  [{ matchConstraints: {} }, ['spec.matchConstraints.resourceRules: Required value']],
  [{ matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a', 'a'] }] } }, ['spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"']],
  [{ paramKind: { apiVersion: 'a/b/c', kind: 'X' } }, ['spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c']],
  [{ paramKind: { apiVersion: 'v1' } }, ['spec.paramKind.kind: Required value']],
  [{ matchConditions: [{ name: '', expression: '' }] }, ['spec.matchConditions[0].expression: Required value', 'spec.matchConditions[0].name: Required value']],
  [{ matchConditions: [{ name: 'a', expression: 'object.flag' }] }, ['spec.matchConditions[0].expression: Invalid value: "object.flag": must evaluate to bool but got dyn']],
  [{ variables: [{ name: 'in', expression: '1' }, { name: 'a', expression: '' }] }, ['spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier', 'spec.variables[1].expression: Required value: expression is not specified']],
  [{ variables: [{ name: 'b', expression: 'variables.a' }, { name: 'a', expression: '1' }] }, [expect.stringContaining("spec.variables[0].expression: Invalid value: \"variables.a\": compilation failed: ERROR: <input>:1:10: undefined field 'a'")]],
  [{ validations: [{ expression: 'true', message: 'a\nb', reason: 'Unauthorized' }] }, ['spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks', 'spec.validations[0].reason: Unsupported value: "Unauthorized": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"']],
  [{ validations: [{ expression: 'true', messageExpression: ' ' }] }, ['spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified']],
  [{ validations: [{ expression: 'true', messageExpression: "authorizer.path('/x').check('get').reason()" }] }, [expect.stringContaining("undeclared reference to 'authorizer'")]],
  [{ auditAnnotations: [{ key: 'k', valueExpression: "'a'" }, { key: 'k', valueExpression: ' ' }] }, ['spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified', 'spec.auditAnnotations[1].key: Duplicate value: "k"']],
])('a policy with %j has the faults %j', (spec, errors) => {
  expect(errorsOf(spec)).toEqual(errors);
});

it('a binding says what to do', () => {
  const binding: V1ValidatingAdmissionPolicyBinding = { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata, spec: { policyName: '', validationActions: ['Deny', 'Deny', 'Log'], matchResources: { matchPolicy: 'Some', objectSelector: {}, namespaceSelector: {} }, paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Wait' } } };
  expect((validatingAdmissionPolicyBinding.validate?.(binding) ?? []).map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'spec.policyName: Required value',
    'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.parameterNotFoundAction: Unsupported value: "Wait": supported values: "Deny", "Allow"',
    'spec.matchResouces.matchPolicy: Unsupported value: "Some": supported values: "Equivalent", "Exact"',
    'spec.validationActions[1]: Duplicate value: "Deny"',
    'spec.validationActions[2]: Unsupported value: "Log": supported values: "Audit", "Deny", "Warn"',
  ]);
});

it('a mutating policy says how it changes objects, and never deleted ones', () => {
  const object: V1MutatingAdmissionPolicy = { apiVersion, kind: 'MutatingAdmissionPolicy', metadata, spec: { matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE'] }] }, mutations: [{ patchType: 'Merge' }] } };
  mutatingAdmissionPolicy.setDefaults?.(object);
  expect((mutatingAdmissionPolicy.validate?.(object) ?? []).map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'spec.matchConstraints.resourceRules[0].operations[0]: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    'spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
    'spec.reinvocationPolicy: Required value',
  ]);
});
