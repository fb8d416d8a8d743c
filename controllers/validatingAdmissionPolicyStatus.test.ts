import type { V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicySpec } from '../api/generated/types.ts';
import { loadSchema } from '../api/schema/schema.ts';
import { checked } from './validatingAdmissionPolicyStatus.ts';

const metadata = { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: 't', generation: 3 };
const custom = { group: 'example.com', version: 'v1', kind: 'Crane', plural: 'cranes', schema: { type: 'object', properties: { most: { type: 'integer' } } } };
const rule = (group: string, resource: string): object => ({ resourceRules: [{ apiGroups: [group], apiVersions: ['v1'], resources: [resource], operations: ['*'] }] });

function statusOf(spec: V1ValidatingAdmissionPolicySpec): V1ValidatingAdmissionPolicy['status'] {
  return checked({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata, spec }, [custom], loadSchema()).status;
}

const validate = (expression: string): Pick<V1ValidatingAdmissionPolicySpec, 'validations'> => ({ validations: [{ expression }] });

it('a policy that fits its kinds has nothing to be warned of', () => {
  expect(statusOf({ matchConstraints: rule('apps', 'deployments'), ...validate("object.spec.replicas > 1 && object.metadata.labels['a'] == 'b'") })).toEqual({ observedGeneration: 3, typeChecking: {} });
  expect(statusOf({ matchConstraints: rule('example.com', 'cranes'), ...validate("object.most > 1 && object.metadata.labels['a'] == 'b'") })).toEqual({ observedGeneration: 3, typeChecking: {} });
});

it('a field that is not there is told with the kind that lacks it', () => {
  const status = statusOf({ matchConstraints: rule('apps', 'deployments'), variables: [{ name: 'r', expression: 'object.spec.replicas' }], validations: [{ expression: 'variables.r > 1' }, { expression: 'object.replicas > 1', messageExpression: "'have ' + object.spec.replicas" }] });
  expect(status?.typeChecking?.expressionWarnings).toEqual([
    { fieldRef: 'spec.validations[1].expression', warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n" },
    { fieldRef: 'spec.validations[1].messageExpression', warning: expect.stringContaining("found no matching overload for '_+_' applied to '(string, int)'") },
  ]);
});

it('parameters have types, too', () => {
  const status = statusOf({ paramKind: { apiVersion: 'example.com/v1', kind: 'Crane' }, matchConstraints: rule('', 'pods'), ...validate('object.spec.containers.size() < params.least') });
  expect(status?.typeChecking?.expressionWarnings?.[0]?.warning).toContain("/v1, Kind=Pod: ERROR: <input>:1:39: undefined field 'least'");
});

it('kinds by wildcards are not checked', () => {
  expect(statusOf({ matchConstraints: rule('*', 'pods'), ...validate('object.nothing') })?.typeChecking).toEqual({});
});
