import type { ResourceDefinition } from '../resourceDefinition.ts';
import { mutatingAdmissionPolicy, mutatingAdmissionPolicyBinding, validatingAdmissionPolicy, validatingAdmissionPolicyBinding } from './admissionregistration/policies.ts';
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './admissionregistration/webhookConfigurations.ts';
import { customResourceDefinition } from './apiextensions/customResourceDefinition.ts';
import { apiService } from './apiregistration/apiService.ts';
import { controllerRevision } from './apps/controllerRevision.ts';
import { daemonSet } from './apps/daemonSet.ts';
import { deployment } from './apps/deployment.ts';
import { replicaSet } from './apps/replicaSet.ts';
import { statefulSet } from './apps/statefulSet.ts';
import { tokenReview, selfSubjectReview } from './authentication/reviews.ts';
import { subjectAccessReview, selfSubjectAccessReview, selfSubjectRulesReview, localSubjectAccessReview } from './authorization/reviews.ts';
import { horizontalPodAutoscaler } from './autoscaling/horizontalPodAutoscaler.ts';
import { horizontalPodAutoscalerV1 } from './autoscaling/horizontalPodAutoscalerV1.ts';
import { cronJob } from './batch/cronJob.ts';
import { job } from './batch/job.ts';
import { certificateSigningRequest } from './certificates/certificateSigningRequest.ts';
import { lease } from './coordination/lease.ts';
import { binding } from './core/binding.ts';
import { componentStatus } from './core/componentStatus.ts';
import { configMap } from './core/configMap.ts';
import { endpoints } from './core/endpoints.ts';
import { event } from './core/event.ts';
import { limitRange } from './core/limitRange.ts';
import { namespace } from './core/namespace.ts';
import { node } from './core/node.ts';
import { persistentVolume } from './core/persistentVolume.ts';
import { persistentVolumeClaim } from './core/persistentVolumeClaim.ts';
import { pod } from './core/pod/pod.ts';
import { podTemplate } from './core/podTemplate.ts';
import { replicationController } from './core/replicationController.ts';
import { resourceQuota } from './core/resourceQuota.ts';
import { secret } from './core/secret.ts';
import { service } from './core/service/service.ts';
import { serviceAccount } from './core/serviceAccount.ts';
import { endpointSlice } from './discovery/endpointSlice.ts';
import { eventsEvent } from './events/event.ts';
import { flowSchema, priorityLevelConfiguration } from './flowcontrol/flowcontrol.ts';
import { ingress } from './networking/ingress.ts';
import { ingressClass } from './networking/ingressClass.ts';
import { ipAddress } from './networking/ipAddress.ts';
import { networkPolicy } from './networking/networkPolicy.ts';
import { serviceCIDR } from './networking/serviceCIDR.ts';
import { runtimeClass } from './node/runtimeClass.ts';
import { podDisruptionBudget } from './policy/podDisruptionBudget.ts';
import { clusterRole } from './rbac/clusterRole.ts';
import { clusterRoleBinding } from './rbac/clusterRoleBinding.ts';
import { role } from './rbac/role.ts';
import { roleBinding } from './rbac/roleBinding.ts';
import { deviceClass, resourceClaim, resourceClaimTemplate, resourceSlice } from './resource/resource.ts';
import { priorityClass } from './scheduling/priorityClass.ts';
import { csiDriver, csiNode, csiStorageCapacity } from './storage/csi.ts';
import { storageClass } from './storage/storageClass.ts';
import { volumeAttachment } from './storage/volumeAttachment.ts';
import { volumeAttributesClass } from './storage/volumeAttributesClass.ts';

/** Every stable kind of Kubernetes 1.36, in the order in which discovery names them. */
export const builtinDefinitions: readonly ResourceDefinition[] = [
  binding,
  componentStatus,
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolume,
  persistentVolumeClaim,
  pod,
  podTemplate,
  replicationController,
  resourceQuota,
  secret,
  service,
  serviceAccount,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  cronJob,
  job,
  horizontalPodAutoscalerV1,
  horizontalPodAutoscaler,
  podDisruptionBudget,
  role,
  roleBinding,
  clusterRole,
  clusterRoleBinding,
  ingress,
  ingressClass,
  networkPolicy,
  ipAddress,
  serviceCIDR,
  endpointSlice,
  lease,
  storageClass,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  volumeAttachment,
  volumeAttributesClass,
  priorityClass,
  runtimeClass,
  eventsEvent,
  certificateSigningRequest,
  mutatingWebhookConfiguration,
  validatingWebhookConfiguration,
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  flowSchema,
  priorityLevelConfiguration,
  apiService,
  customResourceDefinition,
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
  tokenReview,
  selfSubjectReview,
  subjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  localSubjectAccessReview,
];
