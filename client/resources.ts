import type {
  CoreV1Event,
  EventsV1Event,
  ResourceV1ResourceClaim,
  V1APIService,
  V1Binding,
  V1CSIDriver,
  V1CSINode,
  V1CSIStorageCapacity,
  V1CertificateSigningRequest,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1ComponentStatus,
  V1ConfigMap,
  V1ControllerRevision,
  V1CronJob,
  V1CustomResourceDefinition,
  V1DaemonSet,
  V1Deployment,
  V1DeviceClass,
  V1EndpointSlice,
  V1Endpoints,
  V1FlowSchema,
  V1HorizontalPodAutoscaler,
  V1IPAddress,
  V1Ingress,
  V1IngressClass,
  V1Job,
  V1Lease,
  V1LimitRange,
  V1LocalSubjectAccessReview,
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodTemplate,
  V1PriorityClass,
  V1PriorityLevelConfiguration,
  V1ReplicaSet,
  V1ReplicationController,
  V1ResourceClaimTemplate,
  V1ResourceQuota,
  V1ResourceSlice,
  V1Role,
  V1RoleBinding,
  V1RuntimeClass,
  V1Secret,
  V1SelfSubjectAccessReview,
  V1SelfSubjectReview,
  V1SelfSubjectRulesReview,
  V1Service,
  V1ServiceAccount,
  V1ServiceCIDR,
  V1StatefulSet,
  V1StorageClass,
  V1SubjectAccessReview,
  V1TokenReview,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
  V1ValidatingWebhookConfiguration,
  V1VolumeAttachment,
  V1VolumeAttributesClass,
  V2HorizontalPodAutoscaler,
} from '../api/generated/types.ts';
import type { KubeObject } from '../api/meta.ts';
import type { Resource } from './types.ts';

/** Builds the name of a kind that has no constant here, e.g. one that a CustomResourceDefinition brings. */
export function resource<T extends KubeObject>(group: string, version: string, plural: string, kind: string, scope: 'Namespaced' | 'Cluster'): Resource<T> {
  return { group, version, plural, kind, namespaced: scope === 'Namespaced' };
}

/* core */
export const Bindings = resource<V1Binding>('', 'v1', 'bindings', 'Binding', 'Namespaced');
export const ComponentStatuses = resource<V1ComponentStatus>('', 'v1', 'componentstatuses', 'ComponentStatus', 'Cluster');
export const ConfigMaps = resource<V1ConfigMap>('', 'v1', 'configmaps', 'ConfigMap', 'Namespaced');
export const Endpoints = resource<V1Endpoints>('', 'v1', 'endpoints', 'Endpoints', 'Namespaced');
export const Events = resource<CoreV1Event>('', 'v1', 'events', 'Event', 'Namespaced');
export const LimitRanges = resource<V1LimitRange>('', 'v1', 'limitranges', 'LimitRange', 'Namespaced');
export const Namespaces = resource<V1Namespace>('', 'v1', 'namespaces', 'Namespace', 'Cluster');
export const Nodes = resource<V1Node>('', 'v1', 'nodes', 'Node', 'Cluster');
export const PersistentVolumes = resource<V1PersistentVolume>('', 'v1', 'persistentvolumes', 'PersistentVolume', 'Cluster');
export const PersistentVolumeClaims = resource<V1PersistentVolumeClaim>('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', 'Namespaced');
export const Pods = resource<V1Pod>('', 'v1', 'pods', 'Pod', 'Namespaced');
export const PodTemplates = resource<V1PodTemplate>('', 'v1', 'podtemplates', 'PodTemplate', 'Namespaced');
export const ReplicationControllers = resource<V1ReplicationController>('', 'v1', 'replicationcontrollers', 'ReplicationController', 'Namespaced');
export const ResourceQuotas = resource<V1ResourceQuota>('', 'v1', 'resourcequotas', 'ResourceQuota', 'Namespaced');
export const Secrets = resource<V1Secret>('', 'v1', 'secrets', 'Secret', 'Namespaced');
export const Services = resource<V1Service>('', 'v1', 'services', 'Service', 'Namespaced');
export const ServiceAccounts = resource<V1ServiceAccount>('', 'v1', 'serviceaccounts', 'ServiceAccount', 'Namespaced');

/* admissionregistration.k8s.io */
export const MutatingAdmissionPolicies = resource<V1MutatingAdmissionPolicy>('admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicies', 'MutatingAdmissionPolicy', 'Cluster');
export const MutatingAdmissionPolicyBindings = resource<V1MutatingAdmissionPolicyBinding>('admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', 'Cluster');
export const MutatingWebhookConfigurations = resource<V1MutatingWebhookConfiguration>('admissionregistration.k8s.io', 'v1', 'mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', 'Cluster');
export const ValidatingAdmissionPolicies = resource<V1ValidatingAdmissionPolicy>('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', 'Cluster');
export const ValidatingAdmissionPolicyBindings = resource<V1ValidatingAdmissionPolicyBinding>('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', 'Cluster');
export const ValidatingWebhookConfigurations = resource<V1ValidatingWebhookConfiguration>('admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', 'Cluster');

/* apiextensions.k8s.io */
export const CustomResourceDefinitions = resource<V1CustomResourceDefinition>('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', 'Cluster');

/* apiregistration.k8s.io */
export const APIServices = resource<V1APIService>('apiregistration.k8s.io', 'v1', 'apiservices', 'APIService', 'Cluster');

/* apps */
export const ControllerRevisions = resource<V1ControllerRevision>('apps', 'v1', 'controllerrevisions', 'ControllerRevision', 'Namespaced');
export const DaemonSets = resource<V1DaemonSet>('apps', 'v1', 'daemonsets', 'DaemonSet', 'Namespaced');
export const Deployments = resource<V1Deployment>('apps', 'v1', 'deployments', 'Deployment', 'Namespaced');
export const ReplicaSets = resource<V1ReplicaSet>('apps', 'v1', 'replicasets', 'ReplicaSet', 'Namespaced');
export const StatefulSets = resource<V1StatefulSet>('apps', 'v1', 'statefulsets', 'StatefulSet', 'Namespaced');

/* authentication.k8s.io */
export const SelfSubjectReviews = resource<V1SelfSubjectReview>('authentication.k8s.io', 'v1', 'selfsubjectreviews', 'SelfSubjectReview', 'Cluster');
export const TokenReviews = resource<V1TokenReview>('authentication.k8s.io', 'v1', 'tokenreviews', 'TokenReview', 'Cluster');

/* authorization.k8s.io */
export const LocalSubjectAccessReviews = resource<V1LocalSubjectAccessReview>('authorization.k8s.io', 'v1', 'localsubjectaccessreviews', 'LocalSubjectAccessReview', 'Namespaced');
export const SelfSubjectAccessReviews = resource<V1SelfSubjectAccessReview>('authorization.k8s.io', 'v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', 'Cluster');
export const SelfSubjectRulesReviews = resource<V1SelfSubjectRulesReview>('authorization.k8s.io', 'v1', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', 'Cluster');
export const SubjectAccessReviews = resource<V1SubjectAccessReview>('authorization.k8s.io', 'v1', 'subjectaccessreviews', 'SubjectAccessReview', 'Cluster');

/* autoscaling */
export const HorizontalPodAutoscalers = resource<V2HorizontalPodAutoscaler>('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'Namespaced');
export const HorizontalPodAutoscalersV1 = resource<V1HorizontalPodAutoscaler>('autoscaling', 'v1', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'Namespaced');

/* batch */
export const CronJobs = resource<V1CronJob>('batch', 'v1', 'cronjobs', 'CronJob', 'Namespaced');
export const Jobs = resource<V1Job>('batch', 'v1', 'jobs', 'Job', 'Namespaced');

/* certificates.k8s.io */
export const CertificateSigningRequests = resource<V1CertificateSigningRequest>('certificates.k8s.io', 'v1', 'certificatesigningrequests', 'CertificateSigningRequest', 'Cluster');

/* coordination.k8s.io */
export const Leases = resource<V1Lease>('coordination.k8s.io', 'v1', 'leases', 'Lease', 'Namespaced');

/* discovery.k8s.io */
export const EndpointSlices = resource<V1EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', 'Namespaced');

/* events.k8s.io */
export const EventsV1Events = resource<EventsV1Event>('events.k8s.io', 'v1', 'events', 'Event', 'Namespaced');

/* flowcontrol.apiserver.k8s.io */
export const FlowSchemas = resource<V1FlowSchema>('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas', 'FlowSchema', 'Cluster');
export const PriorityLevelConfigurations = resource<V1PriorityLevelConfiguration>('flowcontrol.apiserver.k8s.io', 'v1', 'prioritylevelconfigurations', 'PriorityLevelConfiguration', 'Cluster');

/* networking.k8s.io */
export const IPAddresses = resource<V1IPAddress>('networking.k8s.io', 'v1', 'ipaddresses', 'IPAddress', 'Cluster');
export const Ingresses = resource<V1Ingress>('networking.k8s.io', 'v1', 'ingresses', 'Ingress', 'Namespaced');
export const IngressClasses = resource<V1IngressClass>('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass', 'Cluster');
export const NetworkPolicies = resource<V1NetworkPolicy>('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy', 'Namespaced');
export const ServiceCIDRs = resource<V1ServiceCIDR>('networking.k8s.io', 'v1', 'servicecidrs', 'ServiceCIDR', 'Cluster');

/* node.k8s.io */
export const RuntimeClasses = resource<V1RuntimeClass>('node.k8s.io', 'v1', 'runtimeclasses', 'RuntimeClass', 'Cluster');

/* policy */
export const PodDisruptionBudgets = resource<V1PodDisruptionBudget>('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget', 'Namespaced');

/* rbac.authorization.k8s.io */
export const ClusterRoles = resource<V1ClusterRole>('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', 'Cluster');
export const ClusterRoleBindings = resource<V1ClusterRoleBinding>('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding', 'Cluster');
export const Roles = resource<V1Role>('rbac.authorization.k8s.io', 'v1', 'roles', 'Role', 'Namespaced');
export const RoleBindings = resource<V1RoleBinding>('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding', 'Namespaced');

/* resource.k8s.io */
export const DeviceClasses = resource<V1DeviceClass>('resource.k8s.io', 'v1', 'deviceclasses', 'DeviceClass', 'Cluster');
export const ResourceClaims = resource<ResourceV1ResourceClaim>('resource.k8s.io', 'v1', 'resourceclaims', 'ResourceClaim', 'Namespaced');
export const ResourceClaimTemplates = resource<V1ResourceClaimTemplate>('resource.k8s.io', 'v1', 'resourceclaimtemplates', 'ResourceClaimTemplate', 'Namespaced');
export const ResourceSlices = resource<V1ResourceSlice>('resource.k8s.io', 'v1', 'resourceslices', 'ResourceSlice', 'Cluster');

/* scheduling.k8s.io */
export const PriorityClasses = resource<V1PriorityClass>('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', 'Cluster');

/* storage.k8s.io */
export const CSIDrivers = resource<V1CSIDriver>('storage.k8s.io', 'v1', 'csidrivers', 'CSIDriver', 'Cluster');
export const CSINodes = resource<V1CSINode>('storage.k8s.io', 'v1', 'csinodes', 'CSINode', 'Cluster');
export const CSIStorageCapacities = resource<V1CSIStorageCapacity>('storage.k8s.io', 'v1', 'csistoragecapacities', 'CSIStorageCapacity', 'Namespaced');
export const StorageClasses = resource<V1StorageClass>('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', 'Cluster');
export const VolumeAttachments = resource<V1VolumeAttachment>('storage.k8s.io', 'v1', 'volumeattachments', 'VolumeAttachment', 'Cluster');
export const VolumeAttributesClasses = resource<V1VolumeAttributesClass>('storage.k8s.io', 'v1', 'volumeattributesclasses', 'VolumeAttributesClass', 'Cluster');
