import { createAuthority, createSigningKey } from '../../../process/certificates.ts';
import { newSigningRequest } from '../../../process/newSigningRequest.ts';
import { startWholeServer, type WholeServer } from '../../rig/wholeServer.ts';
import { changesStatus, supportsApiOperations } from './apiOperations.ts';
import { type Caller, callerOf, MERGE } from './caller.ts';
import { until } from './definitions.ts';

let api: WholeServer;
let caller: Caller;
beforeAll(async () => {
  api = await startWholeServer();
  caller = callerOf(api);
});
afterAll(() => api.close());

describe('[sig-api-machinery] API priority and fairness', () => {
  test('should support FlowSchema API operations', () =>
    supportsApiOperations(caller, {
      group: 'flowcontrol.apiserver.k8s.io',
      version: 'v1',
      plural: 'flowschemas',
      subresources: ['status'],
      object: {
        spec: {
          matchingPrecedence: 10_000,
          priorityLevelConfiguration: { name: 'global-default' },
          distinguisherMethod: { type: 'ByUser' },
          rules: [{ subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
        },
      },
      patch: { body: { spec: { matchingPrecedence: 9_999 } }, seen: ({ spec }) => spec.matchingPrecedence, value: 9_999 },
      update: { change: (object) => (object.spec.matchingPrecedence = 9_998), seen: ({ spec }) => spec.matchingPrecedence, value: 9_998 },
      more: (path, name) => changesStatus(caller, 'FlowSchema', `${path}/${name}`, 'status'),
    }));

  test('should support PriorityLevelConfiguration API operations', () =>
    supportsApiOperations(caller, {
      group: 'flowcontrol.apiserver.k8s.io',
      version: 'v1',
      plural: 'prioritylevelconfigurations',
      subresources: ['status'],
      object: { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } } },
      patch: { body: { spec: { limited: { nominalConcurrencyShares: 4 } } }, seen: ({ spec }) => spec.limited.nominalConcurrencyShares, value: 4 },
      update: { change: (object) => (object.spec.limited.nominalConcurrencyShares = 6), seen: ({ spec }) => spec.limited.nominalConcurrencyShares, value: 6 },
      more: (path, name) => changesStatus(caller, 'PriorityLevelConfiguration', `${path}/${name}`, 'status'),
    }));

  test('should ensure that requests can be classified by adding FlowSchema and PriorityLevelConfiguration', async () => {
    const group = '/apis/flowcontrol.apiserver.k8s.io/v1';
    const level = await caller.ok('POST', `${group}/prioritylevelconfigurations`, { metadata: { name: 'e2e-testing-prioritylevel' }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } } });
    const schema = await caller.ok('POST', `${group}/flowschemas`, {
      metadata: { name: 'e2e-testing-flowschema' },
      spec: {
        matchingPrecedence: 1_000,
        priorityLevelConfiguration: { name: 'e2e-testing-prioritylevel' },
        distinguisherMethod: { type: 'ByUser' },
        rules: [{ subjects: [{ kind: 'User', user: { name: 'noxu' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
      },
    });
    const conditions = async (): Promise<unknown> => (await caller.ok('GET', `${group}/flowschemas/e2e-testing-flowschema`)).status?.conditions?.find(({ type }: { type: string }) => type === 'Dangling')?.status;
    await until('the FlowSchema does not dangle', async () => (await conditions()) === 'False');
    const flowOf = async (user: string): Promise<unknown[]> => {
      const { headers } = await caller.request('GET', '/version', undefined, { 'impersonate-user': user, 'impersonate-group': 'system:authenticated' });
      return [headers['x-kubernetes-pf-prioritylevel-uid'], headers['x-kubernetes-pf-flowschema-uid']];
    };
    expect(await flowOf('noxu')).toEqual([level.metadata.uid, schema.metadata.uid]);
    const other = await flowOf('foo');
    expect(other).toEqual([expect.stringMatching(/.+/), expect.stringMatching(/.+/)]);
    expect(other).not.toEqual([level.metadata.uid, schema.metadata.uid]);
  });
});

const RULES = { resourceRules: [{ operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }] };
const failurePolicy = { change: (object: { spec: { failurePolicy: string } }) => (object.spec.failurePolicy = 'Fail'), seen: ({ spec }: { spec: { failurePolicy: string } }) => spec.failurePolicy, value: 'Fail' };
const ignored = { body: { spec: { failurePolicy: 'Ignore' } }, seen: ({ spec }: { spec: { failurePolicy: string } }) => spec.failurePolicy, value: 'Ignore' };

describe('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin]', () => {
  test('should support ValidatingAdmissionPolicy API operations', () =>
    supportsApiOperations(caller, {
      group: 'admissionregistration.k8s.io',
      version: 'v1',
      plural: 'validatingadmissionpolicies',
      subresources: ['status'],
      object: { spec: { validations: [{ expression: "object.spec.replicas <= 100", reason: 'Invalid', messageExpression: "'too many replicas: ' + string(object.spec.replicas)" }], matchConstraints: RULES } },
      patch: ignored,
      update: failurePolicy,
      more: (path, name) => changesStatus(caller, 'ValidatingAdmissionPolicy', `${path}/${name}`, 'status'),
    }));

  test('should support ValidatingAdmissionPolicyBinding API operations', () =>
    supportsApiOperations(caller, {
      group: 'admissionregistration.k8s.io',
      version: 'v1',
      plural: 'validatingadmissionpolicybindings',
      object: { spec: { policyName: 'replicalimit-policy.example.com', validationActions: ['Deny'] } },
    }));
});

describe('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin]', () => {
  test('should support MutatingAdmissionPolicy API operations', () =>
    supportsApiOperations(caller, {
      group: 'admissionregistration.k8s.io',
      version: 'v1',
      plural: 'mutatingadmissionpolicies',
      object: { spec: { reinvocationPolicy: 'Never', mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: "Object{metadata: Object.metadata{annotations: {'my-foo-annotation': 'myAnnotationValue'}}}" } }], matchConstraints: RULES } },
      patch: ignored,
      update: failurePolicy,
    }));

  test('should support MutatingAdmissionPolicyBinding API operations', () =>
    supportsApiOperations(caller, { group: 'admissionregistration.k8s.io', version: 'v1', plural: 'mutatingadmissionpolicybindings', object: { spec: { policyName: 'replicalimit-policy.example.com' } } }));
});

describe('[sig-auth] Certificates API [Privileged:ClusterAdmin]', () => {
  test('should support CSR API operations', async () => {
    const signerName = 'example.com/e2e-signer';
    const request = await newSigningRequest(createSigningKey().privateKey, { commonName: 'e2e.example.com', organizations: [], names: ['e2e.example.com'] });
    const certificate = Buffer.from((await createAuthority('e2e.example.com', Date.now())).certificate).toString('base64');
    await supportsApiOperations(caller, {
      group: 'certificates.k8s.io',
      version: 'v1',
      plural: 'certificatesigningrequests',
      subresources: ['approval', 'status'],
      object: { spec: { request: Buffer.from(request).toString('base64'), signerName, expirationSeconds: 3_600, usages: ['digital signature', 'key encipherment', 'server auth'] } },
      patch: { body: {}, seen: ({ spec }) => spec.expirationSeconds, value: 3_600 },
      selector: `fieldSelector=spec.signerName%3D${encodeURIComponent(signerName)}`,
      more: async (path, name) => {
        const approval = `${path}/${name}/approval`;
        const read = await caller.ok('GET', approval);
        expect([read.apiVersion, read.kind, read.metadata.name]).toEqual(['certificates.k8s.io/v1', 'CertificateSigningRequest', name]);
        const approved = await caller.ok('PATCH', approval, { metadata: { annotations: { patchedapproval: 'true' } }, status: { conditions: [{ type: 'ApprovalPatch', status: 'True', reason: 'e2e' }] } }, MERGE);
        expect([approved.metadata.annotations.patchedapproval, approved.status.conditions.map(({ type }: { type: string }) => type)]).toEqual(['true', ['ApprovalPatch']]);
        const updated = await caller.ok('PUT', approval, { ...approved, status: { ...approved.status, conditions: [...approved.status.conditions, { type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }] } });
        expect(updated.status.conditions.map(({ type }: { type: string }) => type)).toEqual(['ApprovalPatch', 'Approved']);

        const status = `${path}/${name}/status`;
        expect((await caller.ok('GET', status)).metadata.uid).toBe(read.metadata.uid);
        const patched = await caller.ok('PATCH', status, { metadata: { annotations: { patchedstatus: 'true' } }, status: { certificate } }, MERGE);
        expect([patched.metadata.annotations.patchedstatus, patched.status.certificate]).toEqual(['true', certificate]);
        const last = await caller.ok('PUT', status, { ...patched, status: { ...patched.status, conditions: [...patched.status.conditions, { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }] } });
        expect(last.status.conditions.map(({ type }: { type: string }) => type)).toEqual(['ApprovalPatch', 'Approved', 'StatusUpdate']);
      },
    });
  });
});
