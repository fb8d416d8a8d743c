/** What the pods of the samples are selected by. */
export const LABELS = { app: 'crane' };
const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image: 'nginx:1', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '100m', memory: '64Mi' } } }] } };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const workload = { selector: { matchLabels: LABELS }, template };
const job = { template: { spec: { ...template.spec, restartPolicy: 'Never' } } };
const service = { name: 'crane', namespace: 'default' };
const webhooks = [{ name: 'check.crane.example.com', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { service }, rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }] }];
const resourceRules = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }] };
const devices = { requests: [{ name: 'one', exactly: { deviceClassName: 'crane' } }] };
const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

/** One object of every kind that is stored, as a client would send it: what is not said is left to the defaults. */
export const SAMPLES: Readonly<Record<string, object>> = {
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
  'v1 ReplicationController': { spec: { selector: LABELS, template } },
  'v1 ResourceQuota': { spec: { hard: { pods: '5' } } },
  'v1 Secret': { stringData: { key: 'value' } },
  'v1 Service': { spec: { selector: LABELS, ports: [{ port: 80 }] } },
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
  'policy/v1 PodDisruptionBudget': { spec: { minAvailable: '50%', selector: { matchLabels: LABELS } } },
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
export const SAMPLE_NAMES: Readonly<Record<string, string>> = {
  'networking.k8s.io/v1 IPAddress': '10.97.0.9', 'apiregistration.k8s.io/v1 APIService': 'v1.crane.example.com', 'apiextensions.k8s.io/v1 CustomResourceDefinition': 'cranes.example.com',
  'autoscaling/v1 HorizontalPodAutoscaler': 'crane-v1', 'events.k8s.io/v1 Event': 'crane-events',
};
