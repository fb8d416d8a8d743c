/**
 * Kubernetes' own form of what it compares (`pkg/apis/core`, 1.36): the fields of each type in their order, with what they hold: `s` text, `i` integer, `b` truth value,
 * `q` quantity, `p` number or text, a type's name; behind `*` where it may be null, `[]` a list, `{}` a map. A field is called in JSON as here with its first letters
 * small, or as what stands behind `=`. Types of volumes that hardly anybody has are missing.
 */
const CONTAINER =
  'Name:s Image:s Command:[]s Args:[]s WorkingDir:s Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy RestartPolicy:*s ' +
  'RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle ' +
  'TerminationMessagePath:s TerminationMessagePolicy:s ImagePullPolicy:s SecurityContext:*SecurityContext Stdin:b StdinOnce:b TTY:b';
const POD_TERMS = 'RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm';

export const INTERNAL_TYPES: Readonly<Record<string, string>> = {
  PodSpec:
    'Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer RestartPolicy:s TerminationGracePeriodSeconds:*i ActiveDeadlineSeconds:*i DNSPolicy:s ' +
    'NodeSelector:{}s ServiceAccountName:s AutomountServiceAccountToken:*b NodeName:s SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference Hostname:s Subdomain:s ' +
    'SetHostnameAsFQDN:*b Affinity:*Affinity SchedulerName:s Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName:s Priority:*i PreemptionPolicy:*s DNSConfig:*PodDNSConfig ' +
    'ReadinessGates:[]PodReadinessGate RuntimeClassName:*s Overhead:{}q EnableServiceLinks:*b TopologySpreadConstraints:[]TopologySpreadConstraint OS:*PodOS SchedulingGates:[]PodSchedulingGate ' +
    'ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements HostnameOverride:*s SchedulingGroup:*PodSchedulingGroup',
  Container: CONTAINER,
  EphemeralContainer: `${CONTAINER} TargetContainerName:s`,
  ContainerPort: 'Name:s HostPort:i ContainerPort:i Protocol:s HostIP:s',
  EnvFromSource: 'Prefix:s ConfigMapRef:*OptionalName SecretRef:*OptionalName',
  OptionalName: 'Name:s Optional:*b',
  EnvVar: 'Name:s Value:s ValueFrom:*EnvVarSource',
  EnvVarSource: 'FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*KeySelector SecretKeyRef:*KeySelector FileKeyRef:*FileKeySelector',
  ObjectFieldSelector: 'APIVersion:s FieldPath:s',
  ResourceFieldSelector: 'ContainerName:s Resource:s Divisor:q',
  KeySelector: 'Name:s Key:s Optional:*b',
  FileKeySelector: 'VolumeName:s Path:s Key:s Optional:*b',
  ResourceRequirements: 'Limits:{}q Requests:{}q Claims:[]ResourceClaim',
  ResourceClaim: 'Name:s Request:s',
  ContainerResizePolicy: 'ResourceName:s RestartPolicy:s',
  ContainerRestartRule: 'Action:s ExitCodes:*ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'Operator:s Values:[]i',
  VolumeMount: 'Name:s ReadOnly:b RecursiveReadOnly:*s MountPath:s SubPath:s MountPropagation:*s SubPathExpr:s',
  VolumeDevice: 'Name:s DevicePath:s',
  Probe: 'Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction GRPC:*GRPCAction InitialDelaySeconds:i TimeoutSeconds:i PeriodSeconds:i SuccessThreshold:i FailureThreshold:i TerminationGracePeriodSeconds:*i',
  Lifecycle: 'PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:*s',
  LifecycleHandler: 'Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction Sleep:*SleepAction',
  ExecAction: 'Command:[]s',
  HTTPGetAction: 'Path:s Port:p Host:s Scheme:s HTTPHeaders:[]HTTPHeader',
  HTTPHeader: 'Name:s Value:s',
  TCPSocketAction: 'Port:p Host:s',
  GRPCAction: 'Port:i Service:*s',
  SleepAction: 'Seconds:i',
  SecurityContext:
    'Capabilities:*Capabilities Privileged:*b SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:*i RunAsGroup:*i RunAsNonRoot:*b ReadOnlyRootFilesystem:*b ' +
    'AllowPrivilegeEscalation:*b ProcMount:*s SeccompProfile:*Profile AppArmorProfile:*Profile',
  PodSecurityContext:
    'HostNetwork:b HostPID:b HostIPC:b ShareProcessNamespace:*b HostUsers:*b SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:*i RunAsGroup:*i RunAsNonRoot:*b ' +
    'SupplementalGroups:[]i SupplementalGroupsPolicy:*s FSGroup:*i FSGroupChangePolicy:*s Sysctls:[]Sysctl SeccompProfile:*Profile AppArmorProfile:*Profile SELinuxChangePolicy:*s',
  Capabilities: 'Add:[]s Drop:[]s',
  SELinuxOptions: 'User:s Role:s Type:s Level:s',
  WindowsSecurityContextOptions: 'GMSACredentialSpecName:*s GMSACredentialSpec:*s RunAsUserName:*s HostProcess:*b',
  Profile: 'Type:s LocalhostProfile:*s',
  Sysctl: 'Name:s Value:s',
  LocalObjectReference: 'Name:s',
  Affinity: 'NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAffinity',
  NodeAffinity: 'RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm',
  NodeSelector: 'NodeSelectorTerms:[]NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key:s Operator:s Values:[]s',
  PreferredSchedulingTerm: 'Weight:i Preference:NodeSelectorTerm',
  PodAffinity: POD_TERMS,
  PodAffinityTerm: 'LabelSelector:*LabelSelector Namespaces:[]s TopologyKey:s NamespaceSelector:*LabelSelector MatchLabelKeys:[]s MismatchLabelKeys:[]s',
  WeightedPodAffinityTerm: 'Weight:i PodAffinityTerm:PodAffinityTerm',
  Toleration: 'Key:s Operator:s Value:s Effect:s TolerationSeconds:*i',
  HostAlias: 'IP:s Hostnames:[]s',
  PodDNSConfig: 'Nameservers:[]s Searches:[]s Options:[]PodDNSConfigOption',
  PodDNSConfigOption: 'Name:s Value:*s',
  PodReadinessGate: 'ConditionType:s',
  TopologySpreadConstraint: 'MaxSkew:i TopologyKey:s WhenUnsatisfiable:s LabelSelector:*LabelSelector MinDomains:*i NodeAffinityPolicy:*s NodeTaintsPolicy:*s MatchLabelKeys:[]s',
  PodOS: 'Name:s',
  PodSchedulingGate: 'Name:s',
  PodResourceClaim: 'Name:s ResourceClaimName:*s ResourceClaimTemplateName:*s',
  PodSchedulingGroup: 'PodGroupName:*s',
  Volume:
    'Name:s HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource GCEPersistentDisk:*? AWSElasticBlockStore:*? GitRepo:*? Secret:*SecretVolumeSource NFS:*NFSVolumeSource ISCSI:*? Glusterfs:*? ' +
    'PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD:*? Quobyte:*? FlexVolume:*? Cinder:*? CephFS=cephfs:*? Flocker:*? DownwardAPI:*DownwardAPIVolumeSource FC:*? AzureFile:*? ' +
    'ConfigMap:*ConfigMapVolumeSource VsphereVolume:*? AzureDisk:*? PhotonPersistentDisk:*? Projected:*ProjectedVolumeSource PortworxVolume:*? ScaleIO:*? StorageOS=storageos:*? CSI:*CSIVolumeSource ' +
    'Ephemeral:*? Image:*ImageVolumeSource',
  HostPathVolumeSource: 'Path:s Type:*s',
  EmptyDirVolumeSource: 'Medium:s SizeLimit:*q',
  SecretVolumeSource: 'SecretName:s Items:[]KeyToPath DefaultMode:*i Optional:*b',
  ConfigMapVolumeSource: 'Name:s Items:[]KeyToPath DefaultMode:*i Optional:*b',
  KeyToPath: 'Key:s Path:s Mode:*i',
  NFSVolumeSource: 'Server:s Path:s ReadOnly:b',
  PersistentVolumeClaimVolumeSource: 'ClaimName:s ReadOnly:b',
  DownwardAPIVolumeSource: 'Items:[]DownwardAPIVolumeFile DefaultMode:*i',
  DownwardAPIVolumeFile: 'Path:s FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:*i',
  ProjectedVolumeSource: 'Sources:[]VolumeProjection DefaultMode:*i',
  VolumeProjection: 'Secret:*KeysProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*KeysProjection ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:*ClusterTrustBundleProjection PodCertificate:*?',
  KeysProjection: 'Name:s Items:[]KeyToPath Optional:*b',
  DownwardAPIProjection: 'Items:[]DownwardAPIVolumeFile',
  ServiceAccountTokenProjection: 'Audience:s ExpirationSeconds:i Path:s',
  CSIVolumeSource: 'Driver:s ReadOnly:*b FSType:*s VolumeAttributes:{}s NodePublishSecretRef:*LocalObjectReference',
  ImageVolumeSource: 'Reference:s PullPolicy:s',
  PersistentVolumeClaimSpec:
    'AccessModes:[]s Selector:*LabelSelector Resources:VolumeResourceRequirements VolumeName:s StorageClassName:*s VolumeMode:*s DataSource:*TypedLocalObjectReference DataSourceRef:*TypedObjectReference VolumeAttributesClassName:*s',
  VolumeResourceRequirements: 'Limits:{}q Requests:{}q',
  TypedLocalObjectReference: 'APIGroup:*s Kind:s Name:s',
  TypedObjectReference: 'APIGroup:*s Kind:s Name:s Namespace:*s',
  PersistentVolumeSource:
    'GCEPersistentDisk:*? AWSElasticBlockStore:*? HostPath:*HostPathVolumeSource Glusterfs:*? NFS:*NFSVolumeSource RBD:*? Quobyte:*? ISCSI:*? FlexVolume:*? Cinder:*? CephFS=cephfs:*? FC:*? Flocker:*? ' +
    'AzureFile:*? VsphereVolume:*? AzureDisk:*? PhotonPersistentDisk:*? PortworxVolume:*? ScaleIO:*? Local:*LocalVolumeSource StorageOS=storageos:*? CSI:*CSIPersistentVolumeSource',
  LocalVolumeSource: 'Path:s FSType:*s',
  CSIPersistentVolumeSource:
    'Driver:s VolumeHandle:s ReadOnly:b FSType:s VolumeAttributes:{}s ControllerPublishSecretRef:*SecretReference NodeStageSecretRef:*SecretReference NodePublishSecretRef:*SecretReference ' +
    'ControllerExpandSecretRef:*SecretReference NodeExpandSecretRef:*SecretReference',
  SecretReference: 'Name:s Namespace:s',
  VolumeNodeAffinity: 'Required:*NodeSelector',
  Taint: 'Key:s Value:s Effect:s TimeAdded:*s',
  ServicePort: 'Name:s Protocol:s AppProtocol:*s Port:i TargetPort:p NodePort:i',
  NodeConfigSource: 'ConfigMap:*?',
  ScopeSelector: 'MatchExpressions:[]ScopedResourceSelectorRequirement',
  ScopedResourceSelectorRequirement: 'ScopeName:s Operator:s Values:[]s',
  CSINodeDriver: 'Name:s NodeID:s TopologyKeys:[]s Allocatable:*VolumeNodeResources',
  VolumeNodeResources: 'Count:*i',
  VolumeAttachmentSpec: 'Attacher:s Source:VolumeAttachmentSource NodeName:s',
  VolumeAttachmentSource: 'PersistentVolumeName:*s InlineVolumeSpec:*?',
  PodFailurePolicy: 'Rules:[]PodFailurePolicyRule',
  PodFailurePolicyRule: 'Action:s OnExitCodes:*PodFailurePolicyOnExitCodes OnPodConditions:[]PodFailurePolicyOnPodConditions',
  PodFailurePolicyOnExitCodes: 'ContainerName:*s Operator:s Values:[]i',
  PodFailurePolicyOnPodConditions: 'Type:s Status:s',
  SuccessPolicy: 'Rules:[]SuccessPolicyRule',
  SuccessPolicyRule: 'SucceededIndexes:*s SucceededCount:*i',
  AuditAnnotation: 'Key:s ValueExpression:s',
  DaemonSetUpdateStrategy: 'Type:s RollingUpdate:*SurgingUpdate',
  DeploymentStrategy: 'Type:s RollingUpdate:*SurgingUpdate',
  SurgingUpdate: 'MaxUnavailable:p MaxSurge:p',
  StatefulSetUpdateStrategy: 'Type:s RollingUpdate:*RollingUpdateStatefulSetStrategy',
  RollingUpdateStatefulSetStrategy: 'Partition:i MaxUnavailable:*p',
  PodDisruptionBudgetSpec: 'MinAvailable:*p Selector:*LabelSelector MaxUnavailable:*p UnhealthyPodEvictionPolicy:*s',
  RoleRef: 'APIGroup:s Kind:s Name:s',
  NonResourceAttributes: 'Path:s Verb:s',
  DeviceAttribute: 'IntValue=int:*i BoolValue=bool:*b StringValue=string:*s VersionValue=version:*s',
  NodeAddress: 'Type:s Address:s',
  ClusterTrustBundleProjection: 'Name:*s SignerName:*s LabelSelector:*LabelSelector Optional:*b Path:s',
  ParentReference: 'Group:s Resource:s Namespace:s Name:s',
  UncountedTerminatedPods: 'Succeeded:[]s Failed:[]s',
};
