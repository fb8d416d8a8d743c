import type { V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding, V1MutatingAdmissionPolicySpec, V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding, V1ValidatingAdmissionPolicySpec, V1ValidatingAdmissionPolicyStatus } from '../../generated/types.ts';
import { mutatingAdmissionPolicy, mutatingAdmissionPolicyBinding, validatingAdmissionPolicy, validatingAdmissionPolicyBinding } from './policies.ts';

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
  [{ variables: [{ name: 'in', expression: '1' }, { name: 'a', expression: '' }] }, ['spec.variables[0].name: Invalid value: "in": must be a valid CEL identifier', 'spec.variables[1].expression: Required value: expression is not specified']],
  [{ variables: [{ name: 'b', expression: 'variables.a' }, { name: 'a', expression: '1' }] }, [expect.stringContaining("spec.variables[0].expression: Invalid value: \"variables.a\": compilation failed: ERROR: <input>:1:10: undefined field 'a'")]],
  [{ validations: [{ expression: 'true', message: 'a\nb', reason: 'Unauthorized' }] }, ['spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks', 'spec.validations[0].reason: Unsupported value: "Unauthorized": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"']],
  [{ validations: [{ expression: 'true', message: ' ' }] }, ['spec.validations[0].message: Invalid value: " ": must be non-empty if specified']],
  [{ validations: [{ expression: 'object.x in [1, 2, ' }] }, [expect.stringContaining("spec.validations[0].expression: Invalid value: \"object.x in [1, 2, \": compilation failed: ERROR: <input>:1:20: Syntax error: missing ']' at '<EOF>")]],
  [{ validations: [{ expression: 'true', messageExpression: '0 == 0' }] }, ['spec.validations[0].messageExpression: Invalid value: "0 == 0": must evaluate to string but got bool']],
  [{ auditAnnotations: [{ key: '@', valueExpression: "'a'" }] }, [expect.stringContaining('spec.auditAnnotations[0].key: Invalid value: "p/@": name part must consist of alphanumeric characters')]],
  [{ auditAnnotations: [{ key: 'k', valueExpression: 'true' }] }, ['spec.auditAnnotations[0].valueExpression: Invalid value: "true": must evaluate to one of [string null_type] but got bool']],
  [{ auditAnnotations: [{ key: 'k', valueExpression: 'object.x in [1, 2, ' }] }, [expect.stringContaining("spec.auditAnnotations[0].valueExpression: Invalid value: \"object.x in [1, 2, \": compilation failed: ERROR: <input>:1:19: Syntax error: missing ']' at '<EOF>")]],
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
    'spec.matchResources.matchPolicy: Unsupported value: "Some": supported values: "Equivalent", "Exact"',
    'spec.validationActions[1]: Duplicate value: "Deny"',
    'spec.validationActions[2]: Unsupported value: "Log": supported values: "Audit", "Deny", "Warn"',
  ]);
});

it.each<[V1ValidatingAdmissionPolicyStatus, string[]]>([
  [{ typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning: 'w' }] } }, []],
  [{ typeChecking: { expressionWarnings: [{ fieldRef: 'spec[foo]', warning: '' }] } }, ['status.typeChecking.expressionWarnings[0].warning: Required value', 'status.typeChecking.expressionWarnings[0].fieldRef: Invalid value: "spec[foo]": invalid JSONPath: invalid array index foo']],
  [{ typeChecking: { expressionWarnings: [{ fieldRef: ' ', warning: 'w' }] } }, ['status.typeChecking.expressionWarnings[0].fieldRef: Required value']],
  [{ conditions: [{ type: 'Ready', status: 'Maybe', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'A', message: '' }] }, ['status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"']],
])('the status %j has the faults %j', (status, errors) => {
  const object = { ...policy({}), status };
  expect((validatingAdmissionPolicy.validateStatusUpdate?.(object, policy({})) ?? []).map(({ field, message }) => `${field}: ${message}`)).toEqual(errors);
});

const mutatingErrors = (spec: V1MutatingAdmissionPolicySpec): string[] => {
  const object: V1MutatingAdmissionPolicy = { apiVersion, kind: 'MutatingAdmissionPolicy', metadata, spec: structuredClone({ matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: 'Never', mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/a"}]' } }], ...spec }) };
  mutatingAdmissionPolicy.setDefaults?.(object);
  return (mutatingAdmissionPolicy.validate?.(object) ?? []).map(({ field, message }) => `${field}: ${message}`);
};

it.each<[V1MutatingAdmissionPolicySpec, string[]]>([
  [{}, []],
  [{ mutations: [] }, ['spec.mutations: Required value: mutations must contain at least one item']],
  [{ mutations: [{ patchType: 'Merge' }], reinvocationPolicy: '' }, ['spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"', 'spec.reinvocationPolicy: Required value']],
  [{ mutations: [{ patchType: '', jsonPatch: { expression: '[]' } }] }, ['spec.mutations[0].patchType: Required value']],
  [{ mutations: [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'Object{}' } }] }, ['spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch', 'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch']],
  [{ mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: ' ' }, jsonPatch: { expression: '[]' } }] }, ['spec.mutations[0].applyConfiguration.expression: Required value', 'spec.mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration']],
  [{ mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: ' true ' } }] }, ['spec.mutations[0].applyConfiguration.expression: Invalid value: "true": must evaluate to Object but got bool']],
  [{ matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE'] }, { ...rule, operations: ['PATCH'] }] } }, [
    'spec.matchConstraints.resourceRules[1].operations[0]: Unsupported value: "PATCH": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "PATCH": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
  ]],
])('a mutating policy with %j has the faults %j', (spec, errors) => {
  expect(mutatingErrors(spec)).toEqual(errors);
});

it('a binding of a mutating policy says nothing of deleted objects', () => {
  const binding: V1MutatingAdmissionPolicyBinding = { apiVersion, kind: 'MutatingAdmissionPolicyBinding', metadata, spec: { policyName: 'p', matchResources: { resourceRules: [{ ...rule, operations: ['DELETE'] }] } } };
  mutatingAdmissionPolicyBinding.setDefaults?.(binding);
  expect((mutatingAdmissionPolicyBinding.validate?.(binding) ?? []).map(({ field, message }) => `${field}: ${message}`)).toEqual(['spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"']);
});
