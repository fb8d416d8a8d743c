import type { Answer } from '../../rig/apiserver.ts';
import { defined, makeDefinition, until } from './definitions.ts';
import { usePlane } from './plane.ts';

const used = usePlane({ scheduler: false });
const ok = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer['json']> => used().caller.ok(method, path, body, headers);
const GROUP = '/apis/admissionregistration.k8s.io/v1';
const apps = (namespace: string, rest: string): string => `/apis/apps/v1/namespaces/${namespace}/${rest}`;
const workload = (name: string, replicas: number, more: object = {}): object => ({ metadata: { name, ...more }, spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } } } });
const rules = (group: string, resource: string, operations: readonly string[] = ['CREATE', 'UPDATE']): object => ({ resourceRules: [{ operations, apiGroups: [group], apiVersions: ['v1'], resources: [resource] }] });
const selector = (namespace: string): object => ({ namespaceSelector: { matchLabels: { [namespace]: 'true' } } });

/** A namespace that has its own name as a label, for the bindings of the test. */
async function marked(): Promise<string> {
  const namespace = await used().namespace();
  await ok('PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { labels: { [namespace]: 'true' } } }, { 'content-type': 'application/merge-patch+json' });
  return namespace;
}

async function enforce(sort: 'validating' | 'mutating', namespace: string, spec: object): Promise<void> {
  const name = `${namespace}.policy.example.com`;
  await ok('POST', `${GROUP}/${sort}admissionpolicies`, { metadata: { name }, spec });
  await ok('POST', `${GROUP}/${sort}admissionpolicybindings`, { metadata: { name: `${namespace}.binding.example.com` }, spec: { policyName: name, matchResources: selector(namespace), ...(sort === 'validating' ? { validationActions: ['Deny'] } : {}) } });
}

async function isDenied(namespace: string): Promise<void> {
  await until('the marker is denied', async () => {
    const { status, json } = await used().caller.request('POST', `${apps(namespace, 'deployments')}?dryRun=All`, workload('marker-deployment', 1));
    return status === 422 && json.reason === 'Invalid';
  });
}

describe('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin]', () => {
  test('should validate against a Deployment', async () => {
    const namespace = await marked();
    await enforce('validating', namespace, {
      matchConstraints: { ...rules('apps', 'deployments'), ...selector(namespace) },
      validations: [{ expression: 'object.spec.replicas > 1', messageExpression: "'wants replicas > 1, got ' + object.spec.replicas" }, { expression: `namespaceObject.metadata.name == '${namespace}'`, message: 'Internal error! Other namespace should not be allowed.' }],
    });
    await isDenied(namespace);
    await ok('POST', apps(namespace, 'deployments'), workload('replicated', 2));
    await ok('POST', apps(namespace, 'replicasets'), workload('non-replicated', 1));
  });

  test('should allow expressions to refer variables.', async () => {
    const namespace = await marked();
    await enforce('validating', namespace, {
      matchConstraints: { ...rules('apps', 'deployments'), ...selector(namespace) },
      variables: [{ name: 'replicas', expression: 'object.spec.replicas' }, { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' }],
      validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
    });
    await isDenied(namespace);
    await ok('POST', apps(namespace, 'deployments'), workload('replicated', 3));
    expect((await used().caller.request('POST', apps(namespace, 'deployments'), workload('even', 2))).json.message).toMatch(/failed expression: variables.oddReplicas/);
    await ok('POST', apps(namespace, 'replicasets'), workload('non-replicated', 1));
  });

  /** Makes a policy, and gives what its type check found. */
  async function checked(name: string, constraints: object, ...validations: object[]): Promise<Answer['json'][]> {
    await ok('POST', `${GROUP}/validatingadmissionpolicies`, { metadata: { name }, spec: { matchConstraints: constraints, validations } });
    const read = async (): Promise<Answer['json']> => (await ok('GET', `${GROUP}/validatingadmissionpolicies/${name}`)).status?.typeChecking;
    await until('the types are checked', async () => (await read()) !== undefined);
    return (await read()).expressionWarnings ?? [];
  }
  const CONFUSED = { expression: "object.spec.replicas > '1'", messageExpression: "'wants replicas > 1, got ' + object.spec.replicas" };
  const areTwo = (warnings: readonly Answer['json'][], ...texts: readonly string[]): void =>
    expect(warnings.map(({ fieldRef, warning }) => [fieldRef, warning])).toEqual(['expression', 'messageExpression'].map((field, index) => [`spec.validations[0].${field}`, expect.stringContaining(texts[index] ?? '')]));

  test('should type check validation expressions', async () => {
    const constraints = rules('apps', 'deployments');
    expect(await checked('correct-policy.example.com', constraints, { expression: 'object.spec.replicas > 1' })).toEqual([]);
    areTwo(await checked('confused-policy.example.com', constraints, CONFUSED), "found no matching overload for '_>_' applied to '(int, string)'", "found no matching overload for '_+_' applied to '(string, int)'");
  });

  test('should type check a CRD', async () => {
    const schema = { type: 'object', properties: { spec: { type: 'object', properties: { cronSpec: { type: 'string' }, image: { type: 'string' }, replicas: { type: 'integer' } } } } };
    const made = await makeDefinition(used().caller, { versions: [defined('v1', schema)] });
    const constraints = rules(made.group, made.plural);
    expect(await checked('correct-crd-policy.example.com', constraints, { expression: 'object.spec.replicas > 1' })).toEqual([]);
    areTwo(await checked('confused-crd-policy.example.com', constraints, CONFUSED), "found no matching overload for '_>_' applied to '(int, string)'", "found no matching overload for '_+_' applied to '(string, int)'");
  });
});

describe('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin]', () => {
  test('should mutate a Deployment', async () => {
    const namespace = await marked();
    await enforce('mutating', namespace, { matchConstraints: rules('apps', 'deployments'), reinvocationPolicy: 'Never', mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{annotations: {"mutated-by": "admission-policy"}}}' } }] });
    let annotations: Record<string, string> | undefined;
    await until('it is mutated', async () => {
      annotations = (await ok('POST', `${apps(namespace, 'deployments')}?dryRun=All`, workload('test-deployment', 2))).metadata.annotations;
      return annotations !== undefined;
    });
    expect(annotations).toEqual({ 'mutated-by': 'admission-policy' });
  });
});
