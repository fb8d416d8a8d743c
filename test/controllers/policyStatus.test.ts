import { ValidatingAdmissionPolicies } from '../../client/resources.ts';
import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: ['validatingadmissionpolicy-status-controller'], scheduler: false });
});

afterAll(() => plane.close());

const CRANES = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'cranes.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'cranes', kind: 'Crane' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { most: { type: 'integer' } } } } } } }] } };

it.each([
  ['apps', 'deployments', 'object.spec.replicos > 1', "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicos'"],
  ['example.com', 'cranes', "object.spec.most > 1 && object.metadata.labels['a'] == object.spec.least", "example.com/v1, Kind=Crane: ERROR: <input>:1:67: undefined field 'least'"],
])('the status of a policy tells which of its expressions do not fit the kinds of %s', async (group, plural, expression, warning) => {
  if (plural === 'cranes') {
    await plane.run('create -f -', JSON.stringify(CRANES));
    // The policy is judged once, by the kinds that are served then.
    await plane.run('wait --for=condition=Established crd/cranes.example.com --timeout=90s');
  }
  const policy = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: plural }, spec: { matchConstraints: { resourceRules: [{ apiGroups: [group], apiVersions: ['v1'], resources: [plural], operations: ['*'] }] }, validations: [{ expression }] } };
  await plane.run('create -f -', JSON.stringify(policy));
  const status = await eventually('the policy is checked', async () => {
    const found = await plane.client.get(ValidatingAdmissionPolicies, plural);
    return found.status?.observedGeneration === found.metadata.generation ? found.status : undefined;
  });
  expect(status?.typeChecking?.expressionWarnings).toEqual([{ fieldRef: 'spec.validations[0].expression', warning: expect.stringContaining(warning) }]);
});
