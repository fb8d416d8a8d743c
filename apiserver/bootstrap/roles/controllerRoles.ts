import type { V1PolicyRule } from '../../../api/generated/types.ts';
import { eventsRule, READ, rule, type DefaultRole } from './rules.ts';

const PREFIX = 'system:controller:';

/** By the ServiceAccount in kube-system that is given the role; each may also report events, in the last place unless it stands elsewhere or not at all in Kubernetes. */
const RULES: Readonly<Record<string, readonly V1PolicyRule[]>> = {
  'attachdetach-controller': [
    rule('list watch', 'core', 'persistentvolumes persistentvolumeclaims'),
    rule(READ, 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status'),
    rule('list watch', 'core', 'pods'),
    eventsRule(),
    rule('get create delete list watch', 'storage.k8s.io', 'volumeattachments'),
    rule(READ, 'storage.k8s.io', 'csidrivers'),
    rule(READ, 'storage.k8s.io', 'csinodes'),
  ],
  'clusterrole-aggregation-controller': [rule('escalate get list watch update patch', 'rbac.authorization.k8s.io', 'clusterroles')],
  'cronjob-controller': [
    rule('get list watch update', 'batch', 'cronjobs'),
    rule('get list watch create update delete patch', 'batch', 'jobs'),
    rule('update', 'batch', 'cronjobs/status'),
    rule('update', 'batch', 'cronjobs/finalizers'),
    rule('list watch delete', 'core', 'pods'),
  ],
  'daemon-set-controller': [
    rule(READ, 'extensions apps', 'daemonsets'),
    rule('update', 'extensions apps', 'daemonsets/status'),
    rule('update', 'extensions apps', 'daemonsets/finalizers'),
    rule('list watch', 'core', 'nodes'),
    rule('list watch create delete patch', 'core', 'pods'),
    rule('create', 'core', 'pods/binding'),
    rule('get list watch create delete update patch', 'apps', 'controllerrevisions'),
  ],
  'deployment-controller': [
    rule('get list watch update', 'extensions apps', 'deployments'),
    rule('update', 'extensions apps', 'deployments/status'),
    rule('update', 'extensions apps', 'deployments/finalizers'),
    rule('get list watch create update patch delete', 'apps extensions', 'replicasets'),
    rule('get list watch update', 'core', 'pods'),
  ],
  'device-taint-eviction-controller': [
    rule('get list watch delete', 'core', 'pods'),
    rule('update patch', 'core', 'pods/status'),
    rule(READ, 'resource.k8s.io', 'resourceclaims'),
    rule(READ, 'resource.k8s.io', 'resourceslices'),
    rule(READ, 'resource.k8s.io', 'deviceclasses'),
  ],
  'disruption-controller': [
    rule(READ, 'extensions apps', 'deployments'),
    rule(READ, 'apps extensions', 'replicasets'),
    rule(READ, 'core', 'replicationcontrollers'),
    rule(READ, 'policy', 'poddisruptionbudgets'),
    rule(READ, 'apps', 'statefulsets'),
    rule('update', 'policy', 'poddisruptionbudgets/status'),
    rule('patch update', 'core', 'pods/status'),
    rule('get', '*', '*/scale'),
  ],
  'endpoint-controller': [rule(READ, 'core', 'services pods'), rule('get list watch create update delete', 'core', 'endpoints'), rule('create', 'core', 'endpoints/restricted')],
  'endpointslice-controller': [rule(READ, 'core', 'services pods nodes'), rule('update', 'core', 'services/finalizers'), rule('get list watch create update delete', 'discovery.k8s.io', 'endpointslices')],
  'endpointslicemirroring-controller': [
    rule(READ, 'core', 'services endpoints'),
    rule('update', 'core', 'services/finalizers'),
    rule('update', 'core', 'endpoints/finalizers'),
    rule('get list watch create update delete', 'discovery.k8s.io', 'endpointslices'),
  ],
  'expand-controller': [
    rule('get list watch update patch', 'core', 'persistentvolumes'),
    rule('update patch', 'core', 'persistentvolumeclaims/status'),
    rule(READ, 'core', 'persistentvolumeclaims'),
    rule('get', 'core', 'services'),
  ],
  'ephemeral-volume-controller': [rule(READ, 'core', 'pods'), rule('update', 'core', 'pods/finalizers'), rule('get list watch create', 'core', 'persistentvolumeclaims')],
  'resource-claim-controller': [
    rule(READ, 'core', 'pods'),
    rule('update', 'core', 'pods/finalizers'),
    rule('get list watch create delete', 'resource.k8s.io', 'resourceclaims'),
    rule('update patch', 'resource.k8s.io', 'resourceclaims resourceclaims/status'),
    rule('update patch', 'core', 'pods/status'),
    eventsRule(),
    rule('update patch', 'resource.k8s.io', 'resourceclaims/binding'),
  ],
  'generic-garbage-collector': [rule('get list watch patch update delete', '*', '*')],
  'horizontal-pod-autoscaler': [
    rule(READ, 'autoscaling', 'horizontalpodautoscalers'),
    rule('update', 'autoscaling', 'horizontalpodautoscalers/status'),
    rule('get update', '*', '*/scale'),
    rule('list watch', 'core', 'pods'),
    rule('list watch', 'metrics.k8s.io', 'pods'),
    rule(READ, 'custom.metrics.k8s.io', '*'),
    rule(READ, 'external.metrics.k8s.io', '*'),
  ],
  'job-controller': [
    rule('get list watch update patch', 'batch', 'jobs'),
    rule('update', 'batch', 'jobs/status'),
    rule('update', 'batch', 'jobs/finalizers'),
    rule('list watch create delete patch', 'core', 'pods'),
  ],
  'namespace-controller': [rule('get list watch delete', 'core', 'namespaces'), rule('update', 'core', 'namespaces/finalize namespaces/status'), rule('get list watch delete deletecollection', '*', '*')],
  'node-controller': [
    rule('get list watch update delete patch', 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status'),
    rule('patch update', 'core', 'pods/status'),
    rule('list watch get delete', 'core', 'pods'),
  ],
  'persistent-volume-binder': [
    rule('get list watch update create delete', 'core', 'persistentvolumes'),
    rule('update', 'core', 'persistentvolumes/status'),
    rule('get list watch update', 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'persistentvolumeclaims/status'),
    rule('list watch get create delete', 'core', 'pods'),
    rule(READ, 'storage.k8s.io', 'storageclasses'),
    rule('list watch', 'core', 'nodes'),
    rule('get', 'core', 'services'),
    eventsRule(),
    rule('watch', 'core', 'events'),
  ],
  'pod-garbage-collector': [rule('list watch delete', 'core', 'pods'), rule(READ, 'core', 'nodes'), rule('patch', 'core', 'pods/status')],
  'replicaset-controller': [
    rule('get list watch update', 'apps extensions', 'replicasets'),
    rule('update', 'apps extensions', 'replicasets/status'),
    rule('update', 'apps extensions', 'replicasets/finalizers'),
    rule('list watch patch create delete', 'core', 'pods'),
  ],
  'replication-controller': [
    rule('get list watch update', 'core', 'replicationcontrollers'),
    rule('update', 'core', 'replicationcontrollers/status'),
    rule('update', 'core', 'replicationcontrollers/finalizers'),
    rule('list watch patch create delete', 'core', 'pods'),
  ],
  'resourcequota-controller': [rule('list watch', '*', '*'), rule('update', 'core', 'resourcequotas/status')],
  'route-controller': [rule('list watch', 'core', 'nodes'), rule('patch', 'core', 'nodes/status')],
  'selinux-warning-controller': [
    eventsRule(),
    rule(READ, 'core', 'persistentvolumes'),
    rule(READ, 'core', 'persistentvolumeclaims'),
    rule(READ, 'core', 'pods'),
    rule(READ, 'storage.k8s.io', 'csidrivers'),
  ],
  'service-account-controller': [rule('create', 'core', 'serviceaccounts')],
  'service-controller': [rule(READ, 'core', 'services'), rule('patch update', 'core', 'services/status'), rule('list watch', 'core', 'nodes')],
  'service-cidrs-controller': [
    rule('get list watch patch update', 'networking.k8s.io', 'servicecidrs'),
    rule('patch update', 'networking.k8s.io', 'servicecidrs/finalizers'),
    rule('patch update', 'networking.k8s.io', 'servicecidrs/status'),
    rule(READ, 'networking.k8s.io', 'ipaddresses'),
  ],
  'statefulset-controller': [
    rule('list watch', 'core', 'pods'),
    rule(READ, 'apps', 'statefulsets'),
    rule('update', 'apps', 'statefulsets/status'),
    rule('update', 'apps', 'statefulsets/finalizers'),
    rule('get create delete update patch', 'core', 'pods'),
    rule('get create delete update patch list watch', 'apps', 'controllerrevisions'),
    rule('get create list watch', 'core', 'persistentvolumeclaims'),
    rule('update delete', 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'pods/finalizers'),
  ],
  'ttl-controller': [rule('update patch list watch', 'core', 'nodes')],
  'certificate-controller': [
    rule('get list watch delete', 'certificates.k8s.io', 'certificatesigningrequests'),
    rule('update', 'certificates.k8s.io', 'certificatesigningrequests/status certificatesigningrequests/approval'),
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    rule('sign', 'certificates.k8s.io', 'signers', 'kubernetes.io/legacy-unknown kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ],
  'pvc-protection-controller': [rule('get list watch update', 'core', 'persistentvolumeclaims'), rule('list watch get', 'core', 'pods')],
  'pv-protection-controller': [rule('get list watch update', 'core', 'persistentvolumes')],
  'volumeattributesclass-protection-controller': [
    rule('list watch get', 'core', 'persistentvolumeclaims'),
    rule('list watch get', 'core', 'persistentvolumes'),
    rule('get list watch update', 'storage.k8s.io', 'volumeattributesclasses'),
  ],
  'ttl-after-finished-controller': [rule('get list watch delete', 'batch', 'jobs')],
  'root-ca-cert-publisher': [rule('create update', 'core', 'configmaps')],
  'validatingadmissionpolicy-status-controller': [
    rule(READ, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
    rule('get patch update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'),
  ],
  'legacy-service-account-token-cleaner': [rule('get', 'core', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'), rule('patch delete', 'core', 'secrets')],
};

/** Those to whose rules nothing is added. */
const COMPLETE: ReadonlySet<string> = new Set([
  'clusterrole-aggregation-controller', 'namespace-controller', 'pod-garbage-collector', 'legacy-service-account-token-cleaner',
  'attachdetach-controller', 'persistent-volume-binder', 'resource-claim-controller', 'selinux-warning-controller',
]);

/** ServiceAccounts in kube-system that the controllers run as. */
export const controllerAccounts: readonly string[] = Object.keys(RULES);

export const controllerRole = (account: string): string => `${PREFIX}${account}`;

export const controllerRoles: readonly DefaultRole[] = Object.entries(RULES).map(([account, rules]) => ({
  name: controllerRole(account),
  rules: COMPLETE.has(account) ? [...rules] : [...rules, eventsRule()],
}));
