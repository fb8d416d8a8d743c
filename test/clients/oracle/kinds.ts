/** Kinds that between them have every sort of field, of list and of merge. */
export const KINDS: readonly { readonly apiVersion: string; readonly kind: string; readonly model: string }[] = [
  { apiVersion: 'v1', kind: 'Pod', model: 'V1Pod' },
  { apiVersion: 'v1', kind: 'Service', model: 'V1Service' },
  { apiVersion: 'v1', kind: 'Node', model: 'V1Node' },
  { apiVersion: 'v1', kind: 'ConfigMap', model: 'V1ConfigMap' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', model: 'V1PersistentVolumeClaim' },
  { apiVersion: 'v1', kind: 'PersistentVolume', model: 'V1PersistentVolume' },
  { apiVersion: 'apps/v1', kind: 'Deployment', model: 'V1Deployment' },
  { apiVersion: 'batch/v1', kind: 'CronJob', model: 'V1CronJob' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', model: 'V2HorizontalPodAutoscaler' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', model: 'V1Ingress' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', model: 'V1NetworkPolicy' },
  { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', model: 'ResourceV1ResourceClaim' },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', model: 'V1MutatingWebhookConfiguration' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', model: 'V1ClusterRole' },
];
