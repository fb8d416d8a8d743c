/** Names of labels, annotations, taints and finalizers that Kubernetes' components agree on. */
export const LABEL_HOSTNAME = 'kubernetes.io/hostname';
export const LABEL_OS = 'kubernetes.io/os';
export const LABEL_ARCH = 'kubernetes.io/arch';
export const LABEL_ZONE = 'topology.kubernetes.io/zone';
export const LABEL_REGION = 'topology.kubernetes.io/region';
export const LABEL_INSTANCE_TYPE = 'node.kubernetes.io/instance-type';
export const LABEL_METADATA_NAME = 'kubernetes.io/metadata.name';
export const LABEL_NODE_ROLE_PREFIX = 'node-role.kubernetes.io/';
export const LABEL_CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
export const LABEL_EXCLUDE_FROM_EXTERNAL_LOAD_BALANCERS = 'node.kubernetes.io/exclude-from-external-load-balancers';
export const LABEL_EXCLUDE_DISRUPTION = 'node.kubernetes.io/exclude-disruption';

export const LABEL_POD_TEMPLATE_HASH = 'pod-template-hash';
export const LABEL_CONTROLLER_REVISION_HASH = 'controller-revision-hash';
export const LABEL_POD_TEMPLATE_GENERATION = 'pod-template-generation';
export const LABEL_STATEFUL_SET_POD_NAME = 'statefulset.kubernetes.io/pod-name';
export const LABEL_POD_INDEX = 'apps.kubernetes.io/pod-index';
export const LABEL_JOB_NAME = 'batch.kubernetes.io/job-name';
export const LABEL_JOB_CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';
export const LABEL_LEGACY_JOB_NAME = 'job-name';
export const LABEL_LEGACY_CONTROLLER_UID = 'controller-uid';
export const LABEL_JOB_COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

export const LABEL_SERVICE_NAME = 'kubernetes.io/service-name';
export const LABEL_ENDPOINT_SLICE_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** Who manages the slices of the nodes' DNS. */
export const DNS_ENDPOINTS_MANAGER = 'gantry-dns';
export const LABEL_ENDPOINT_SLICE_SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
export const LABEL_HEADLESS_SERVICE = 'service.kubernetes.io/headless';
export const LABEL_SERVICE_PROXY_NAME = 'service.kubernetes.io/service-proxy-name';
export const LABEL_IP_ADDRESS_FAMILY = 'ipaddress.kubernetes.io/ip-family';
export const LABEL_IP_ADDRESS_MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
/** By whom the addresses of Services are managed: the API servers. */
export const IP_ALLOCATOR = 'ipallocator.k8s.io';
export const LABEL_BOOTSTRAPPING = 'kubernetes.io/bootstrapping';

export const ANNOTATION_LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
export const ANNOTATION_DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';
export const ANNOTATION_RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
export const ANNOTATION_CHANGE_CAUSE = 'kubernetes.io/change-cause';
export const ANNOTATION_DEPLOYMENT_REVISION = 'deployment.kubernetes.io/revision';
export const ANNOTATION_DEPLOYMENT_REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const ANNOTATION_DEPLOYMENT_DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const ANNOTATION_DEPLOYMENT_MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
export const ANNOTATION_POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
export const ANNOTATION_JOB_COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
export const ANNOTATION_CRON_JOB_SCHEDULED_TIMESTAMP = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
export const ANNOTATION_CRON_JOB_INSTANTIATE = 'cronjob.kubernetes.io/instantiate';
export const ANNOTATION_CONFIG_SOURCE = 'kubernetes.io/config.source';
export const ANNOTATION_CONFIG_HASH = 'kubernetes.io/config.hash';
export const ANNOTATION_CONFIG_MIRROR = 'kubernetes.io/config.mirror';
export const ANNOTATION_CONFIG_SEEN = 'kubernetes.io/config.seen';
export const ANNOTATION_SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';
export const ANNOTATION_SERVICE_ACCOUNT_UID = 'kubernetes.io/service-account.uid';
export const ANNOTATION_ENDPOINTS_LAST_CHANGE_TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
export const ANNOTATION_ENDPOINTS_OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
export const ANNOTATION_RBAC_AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
export const ANNOTATION_DEFAULT_STORAGE_CLASS = 'storageclass.kubernetes.io/is-default-class';
export const ANNOTATION_DEFAULT_INGRESS_CLASS = 'ingressclass.kubernetes.io/is-default-class';
/** The class of a claim or a volume before there was a field for it. */
export const ANNOTATION_BETA_STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';
export const ANNOTATION_NODE_TTL = 'node.alpha.kubernetes.io/ttl';

export const TAINT_NOT_READY = 'node.kubernetes.io/not-ready';
export const TAINT_UNREACHABLE = 'node.kubernetes.io/unreachable';
export const TAINT_UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
export const TAINT_MEMORY_PRESSURE = 'node.kubernetes.io/memory-pressure';
export const TAINT_DISK_PRESSURE = 'node.kubernetes.io/disk-pressure';
export const TAINT_PID_PRESSURE = 'node.kubernetes.io/pid-pressure';
export const TAINT_NETWORK_UNAVAILABLE = 'node.kubernetes.io/network-unavailable';
export const TAINT_OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
export const TAINT_UNINITIALIZED_BY_CLOUD_PROVIDER = 'node.cloudprovider.kubernetes.io/uninitialized';

export const FINALIZER_FOREGROUND_DELETION = 'foregroundDeletion';
export const FINALIZER_ORPHAN = 'orphan';
export const FINALIZER_KUBERNETES = 'kubernetes';
export const FINALIZER_JOB_TRACKING = 'batch.kubernetes.io/job-tracking';
export const FINALIZER_PV_PROTECTION = 'kubernetes.io/pv-protection';
export const FINALIZER_VAC_PROTECTION = 'kubernetes.io/vac-protection';
export const FINALIZER_PVC_PROTECTION = 'kubernetes.io/pvc-protection';
export const FINALIZER_SERVICE_CIDR = 'networking.k8s.io/service-cidr-finalizer';
export const FINALIZER_LOAD_BALANCER_CLEANUP = 'service.kubernetes.io/load-balancer-cleanup';

export const DEFAULT_SCHEDULER = 'default-scheduler';
export const NAMESPACE_DEFAULT = 'default';
export const NAMESPACE_SYSTEM = 'kube-system';
export const NAMESPACE_PUBLIC = 'kube-public';
export const NAMESPACE_NODE_LEASE = 'kube-node-lease';

/** Our own domain, for what Kubernetes has no name for. `.internal` is nobody's. */
const OWN_DOMAIN = 'gantry.internal';
/** Extension of a kubeconfig's cluster: `{path}` of a JSON array with the URLs of the cluster's API servers. */
export const SERVERS_FILE_EXTENSION = `servers.${OWN_DOMAIN}`;
export const CLUSTER_CONFIGURATION_VERSION = `${OWN_DOMAIN}/v1`;
/** On a control plane that takes pods as long as no other machine does. */
export const ANNOTATION_TAINT_PENDING = `taint-pending.${OWN_DOMAIN}`;
