import { builtinDefinitions } from '../../api/kinds/index.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { schemaFaults, type Definitions } from '../../apiserver/openapi/schemaFaults.ts';
import { OpenApi } from '../../apiserver/openapi/openApi.ts';
import { answerOpenApi } from '../../apiserver/openapi/openApiHandler.ts';
import type { SchemaObject } from '../../apiserver/openapi/schemaObject.ts';
import type { TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';

let api: TestApi;
beforeAll(async () => {
  const schema = loadSchema();
  api = await startHandlers({
    pathHandlers: (registry) => {
      const openApi = new OpenApi(schema, registry, 'v1.36.0');
      return [{ path: '/openapi/v3/', handle: async ({ request }) => answerOpenApi(openApi, request) }];
    },
  });
}, 30_000);
afterAll(() => api.close());

const labels = { app: 'crane' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '100m', memory: '64Mi' } } }] } };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const workload = { selector: { matchLabels: labels }, template };
const job = { template: { spec: { ...template.spec, restartPolicy: 'Never' } } };
const service = { name: 'crane', namespace: 'default' };
const webhooks = [{ name: 'check.crane.example.com', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { service }, rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }] }];
const resourceRules = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }] };
const devices = { requests: [{ name: 'one', exactly: { deviceClassName: 'crane' } }] };
const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

/** One object of every kind that is stored, as a client would send it: what is not said is left to the defaults. */
const OBJECTS: Readonly<Record<string, object>> = {
  'v1 ConfigMap': { data: { key: 'value' } },
  'v1 Endpoints': { subsets: [{ addresses: [{ ip: '10.1.0.1' }], ports: [{ port: 80 }] }] },
  'v1 Event': { involvedObject: { kind: 'Pod', name: 'crane', namespace: 'default' }, reason: 'Started', message: 'It started', type: 'Normal' },
  'v1 LimitRange': { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } },
  'v1 Namespace': {},
  'v1 Node': { spec: { podCIDR: '10.2.0.0/24' } },
  'v1 PersistentVolume': { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } } },
  'v1 PersistentVolumeClaim': { spec: claim },
  'v1 Pod': { spec: { ...template.spec, volumes: [{ name: 'v' }, { name: 'w', projected: { sources: [{ configMap: { name: 'm' } }] } }] } },
  'v1 PodTemplate': { template },
  'v1 ReplicationController': { spec: { selector: labels, template } },
  'v1 ResourceQuota': { spec: { hard: { pods: '5' } } },
  'v1 Secret': { stringData: { key: 'value' } },
  'v1 Service': { spec: { selector: labels, ports: [{ port: 80 }] } },
  'v1 ServiceAccount': {},
  'apps/v1 ControllerRevision': { revision: 1, data: { a: 1 } },
  'apps/v1 DaemonSet': { spec: workload },
  'apps/v1 Deployment': { spec: workload },
  'apps/v1 ReplicaSet': { spec: workload },
  'apps/v1 StatefulSet': { spec: { ...workload, serviceName: 'crane', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }] } },
  'batch/v1 CronJob': { spec: { schedule: '0 * * * *', jobTemplate: { spec: job } } },
  'batch/v1 Job': { spec: job },
  'autoscaling/v1 HorizontalPodAutoscaler': { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'crane' } } },
  'autoscaling/v2 HorizontalPodAutoscaler': { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'crane' }, behavior: { scaleUp: {} } } },
  'policy/v1 PodDisruptionBudget': { spec: { minAvailable: '50%', selector: { matchLabels: labels } } },
  'rbac.authorization.k8s.io/v1 Role': { rules: [rule] },
  'rbac.authorization.k8s.io/v1 RoleBinding': { roleRef: { kind: 'Role', name: 'crane' }, subjects: [{ kind: 'User', name: 'u' }] },
  'rbac.authorization.k8s.io/v1 ClusterRole': { rules: [rule] },
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': { roleRef: { kind: 'ClusterRole', name: 'crane' }, subjects: [{ kind: 'Group', name: 'g' }] },
  'networking.k8s.io/v1 Ingress': { spec: { rules: [{ host: 'crane.example.com', http: { paths: [{ pathType: 'Prefix', path: '/', backend: { service: { name: 'crane', port: { number: 80 } } } }] } }] } },
  'networking.k8s.io/v1 IngressClass': { spec: { controller: 'example.com/crane' } },
  'networking.k8s.io/v1 NetworkPolicy': { spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }] } },
  'networking.k8s.io/v1 IPAddress': { spec: { parentRef: { resource: 'services', name: 'crane', namespace: 'default' } } },
  'networking.k8s.io/v1 ServiceCIDR': { spec: { cidrs: ['10.97.0.0/24'] } },
  'discovery.k8s.io/v1 EndpointSlice': { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.0.1'] }], ports: [{ port: 80 }] },
  'coordination.k8s.io/v1 Lease': { spec: { holderIdentity: 'crane', leaseDurationSeconds: 15 } },
  'storage.k8s.io/v1 StorageClass': { provisioner: 'example.com/crane' },
  'storage.k8s.io/v1 CSIDriver': { spec: {} },
  'storage.k8s.io/v1 CSINode': { spec: { drivers: [{ name: 'disk.example.com', nodeID: 'n' }] } },
  'storage.k8s.io/v1 CSIStorageCapacity': { storageClassName: 'crane', capacity: '1Gi' },
  'storage.k8s.io/v1 VolumeAttachment': { spec: { attacher: 'disk.example.com', nodeName: 'crane', source: { persistentVolumeName: 'crane' } } },
  'storage.k8s.io/v1 VolumeAttributesClass': { driverName: 'disk.example.com', parameters: { iops: '1' } },
  'scheduling.k8s.io/v1 PriorityClass': { value: 5 },
  'node.k8s.io/v1 RuntimeClass': { handler: 'runc' },
  'events.k8s.io/v1 Event': { eventTime: '2026-01-01T00:00:00.000000Z', reportingController: 'example.com/crane', reportingInstance: 'a', action: 'Lift', reason: 'Lifted', type: 'Normal', regarding: { kind: 'Pod', name: 'crane', namespace: 'default' } },
  'certificates.k8s.io/v1 CertificateSigningRequest': {
    spec: { request: Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n').toString('base64'), signerName: 'example.com/crane', usages: ['client auth'] },
  },
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': { webhooks },
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': { webhooks },
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy': {
    spec: { matchConstraints: resourceRules, reinvocationPolicy: 'Never', mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }] },
  },
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding': { spec: { policyName: 'crane' } },
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': { spec: { matchConstraints: resourceRules, validations: [{ expression: 'true' }] } },
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding': { spec: { policyName: 'crane', validationActions: ['Deny'] } },
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema': { spec: { priorityLevelConfiguration: { name: 'crane' } } },
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration': { spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } } },
  'apiregistration.k8s.io/v1 APIService': { spec: { group: 'crane.example.com', version: 'v1', service, groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true } },
  'apiextensions.k8s.io/v1 CustomResourceDefinition': {
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'cranes', kind: 'Crane' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  },
  'resource.k8s.io/v1 DeviceClass': { spec: {} },
  'resource.k8s.io/v1 ResourceClaim': { spec: { devices } },
  'resource.k8s.io/v1 ResourceClaimTemplate': { spec: { spec: { devices } } },
  'resource.k8s.io/v1 ResourceSlice': { spec: { driver: 'crane.example.com', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, nodeName: 'n', devices: [{ name: 'd' }] } },
};
/** Names that say what an object is about; the others are all called the same. */
const NAMES: Readonly<Record<string, string>> = {
  'networking.k8s.io/v1 IPAddress': '10.97.0.9', 'apiregistration.k8s.io/v1 APIService': 'v1.crane.example.com', 'apiextensions.k8s.io/v1 CustomResourceDefinition': 'cranes.example.com',
  'autoscaling/v1 HorizontalPodAutoscaler': 'crane-v1', 'events.k8s.io/v1 Event': 'crane-events',
};

const nameOf = (definition: ResourceDefinition): string => `${apiVersionOf(definition)} ${definition.kind}`;
const collectionOf = (definition: ResourceDefinition): string => `${definition.group === '' ? '/api/v1' : `/apis/${apiVersionOf(definition)}`}${definition.namespaced ? '/namespaces/default' : ''}/${definition.plural}`;
const stored = builtinDefinitions.filter(({ verbs }) => !verbs || verbs.includes('update'));

const documents = new Map<string, Definitions>();

async function publishedSchemas(definition: ResourceDefinition): Promise<Definitions> {
  const path = `/openapi/v3/${definition.group === '' ? 'api/v1' : `apis/${apiVersionOf(definition)}`}`;
  const schemas = documents.get(path) ?? ((await api.request('GET', path)).json as { components: { schemas: Definitions } }).components.schemas;
  documents.set(path, schemas);
  return schemas;
}

test('every kind that is stored is here', () => {
  expect(Object.keys(OBJECTS).sort()).toEqual(stored.map(nameOf).sort());
});

test.each(stored.map((definition) => [nameOf(definition), definition] as const))('%s: what is answered, stored and listed is what the published schema says', async (name, definition) => {
  const schemas = await publishedSchemas(definition);
  const published = (kind: string): SchemaObject => {
    const found = Object.entries(schemas).find(([, schema]) => (schema['x-kubernetes-group-version-kind'] as { group: string; version: string; kind: string }[] | undefined)?.some((each) => each.kind === kind && each.group === definition.group && each.version === definition.version));
    if (!found) throw new Error(`${kind} is not published`);
    return found[1];
  };
  const { kind } = definition;
  const created = await api.request('POST', collectionOf(definition), { apiVersion: apiVersionOf(definition), kind, metadata: { name: NAMES[name] ?? 'crane', labels, finalizers: ['example.com/keep'] }, ...OBJECTS[name] });
  expect([created.status, created.json.code]).toEqual([201, undefined]);
  expect(schemaFaults(schemas, published(kind), created.json)).toEqual([]);
  const path = `${collectionOf(definition)}/${created.json.metadata.name}`;
  // The server itself may write after a create, as it does of definitions.
  let read = created;
  let updated = read;
  for (let attempt = 0; attempt < 10 && (attempt === 0 || updated.status === 409); attempt++) {
    read = await api.request('GET', path);
    updated = await api.request('PUT', path, { ...read.json, metadata: { ...read.json.metadata, annotations: { a: 'b' } } });
  }
  expect([updated.status, updated.json.code]).toEqual([200, undefined]);
  const { annotations, managedFields, ...metadata } = updated.json.metadata as Record<string, unknown>;
  const before = { ...read.json.metadata } as Record<string, unknown>;
  delete before['managedFields'];
  expect([annotations, Array.isArray(managedFields)]).toEqual([expect.objectContaining({ a: 'b' }), true]);
  // A second write of what was read changes nothing that was not asked for.
  expect({ ...updated.json, metadata: { ...metadata, resourceVersion: before['resourceVersion'] } }).toEqual({ ...read.json, metadata: { ...before, resourceVersion: before['resourceVersion'] } });
  for (const [type, body] of [['application/merge-patch+json', '{}'], ['application/strategic-merge-patch+json', '{}']] as const) {
    const patched = await api.request('PATCH', path, JSON.parse(body), { 'content-type': type });
    expect(patched.json.metadata.resourceVersion).toBe(updated.json.metadata.resourceVersion);
  }
  const list = (await api.request('GET', collectionOf(definition))).json as { items: object[] };
  expect(list.items.length).toBeGreaterThan(0);
  expect(schemaFaults(schemas, published(`${kind}List`), list)).toEqual([]);
});
