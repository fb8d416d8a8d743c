import type { V1Container, V1Pod, V1PodSpec, V1Volume } from '../../../generated/types.ts';
import { pod as definition } from './pod.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const minimal: V1PodSpec = { serviceAccountName: 'default', containers: [{ name: 'c', image: 'nginx:1' }] };

function podOf(spec: V1PodSpec, annotations?: Record<string, string>): V1Pod {
  const pod: V1Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ...(annotations ? { annotations } : {}) }, spec: structuredClone(spec) };
  definition.setDefaults?.(pod);
  return pod;
}

const lines = (errors: readonly { readonly field: string; readonly message: string }[]): string[] => errors.map(({ field, message }) => `${field}: ${message}`);
const errorsOf = (spec: V1PodSpec, annotations?: Record<string, string>): string[] => {
  const pod = podOf(spec, annotations);
  return lines([...(definition.validate?.(pod) ?? []), ...(definition.validateCreate?.(pod) ?? [])]);
};
const withContainer = (more: Partial<V1Container>, spec: Partial<V1PodSpec> = {}): V1PodSpec => ({ ...minimal, ...spec, containers: [{ name: 'c', image: 'nginx:1', ...more }] });
const volume = (source: Omit<V1Volume, 'name'>): V1PodSpec => ({ ...minimal, volumes: [{ name: 'v', ...source }] });

describe('volumes', () => {
  const V = 'spec.volumes[0]';
  it.each<[string, V1PodSpec, string[]]>([
    ['git without address', volume({ gitRepo: { repository: '', directory: '/x' } }), [`${V}.gitRepo.repository: Required value`, `${V}.gitRepo.directory: Invalid value: "/x": must be a relative path`]],
    ['a GCE disk', volume({ gcePersistentDisk: { pdName: '', partition: 300 } }), [`${V}.persistentDisk.pdName: Required value`, `${V}.persistentDisk.partition: Invalid value: 300: must be between 1 and 255, inclusive`]],
    ['NFS', volume({ nfs: { server: '', path: '' } }), [`${V}.nfs.server: Required value`, `${V}.nfs.path: Required value`, `${V}.nfs.path: Invalid value: "": must be an absolute path`]],
    ['iSCSI', volume({ iscsi: { targetPortal: '1.2.3.4', iqn: 'x', lun: 256, chapAuthSession: true } }), [
      `${V}.iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa`, `${V}.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive`, `${V}.iscsi.secretRef: Required value`,
    ]],
    ['fibre channel', volume({ fc: {} }), [`${V}.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both`]],
    ['a Ceph block device', volume({ rbd: { monitors: [], image: '' } }), [`${V}.rbd.monitors: Required value`, `${V}.rbd.image: Required value`]],
    ['Cinder', volume({ cinder: { volumeID: '', secretRef: {} } }), [`${V}.cinder.volumeID: Required value`, `${V}.cinder.secretRef.name: Required value`]],
    ['Quobyte', volume({ quobyte: { registry: 'x', volume: '' } }), [`${V}.quobyte.registry: Invalid value: "x": must be a host:port pair or multiple pairs separated by commas`, `${V}.quobyte.volume: Required value`]],
    ['Flocker', volume({ flocker: {} }), [`${V}.flocker: Required value: one of datasetName and datasetUUID is required`]],
    ['a flex volume', volume({ flexVolume: { driver: 'd', options: { 'a.k8s.io/x': 'y' } } }), [`${V}.flexVolume.options[a.k8s.io/x]: Invalid value: "a.k8s.io/x": kubernetes.io and k8s.io namespaces are reserved`]],
    ['an Azure disk', volume({ azureDisk: { diskName: 'd', diskURI: 'x', kind: 'Managed' } }), [
      `${V}.azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"`,
    ]],
    ['CSI', volume({ csi: { driver: 'd', nodePublishSecretRef: {} } }), [`${V}.csi.nodePublishSecretRef.name: Required value`]],
    ['an image', volume({ image: { reference: '', pullPolicy: 'Seldom' } }), [`${V}.image.reference: Required value`, `${V}.image.pullPolicy: Unsupported value: "Seldom": supported values: "Always", "IfNotPresent", "Never"`]],
    ['a claim of its own', volume({ ephemeral: { volumeClaimTemplate: { metadata: { name: 'x' }, spec: { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'], resources: { requests: { storage: '0' } } } } } }), [
      `${V}.ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set`,
      `${V}.ephemeral.volumeClaimTemplate.spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes`,
      `${V}.ephemeral.volumeClaimTemplate.spec.resources[storage]: Invalid value: "0": must be greater than zero`,
    ]],
    ['two sources', volume({ cephfs: { monitors: ['a'] }, hostPath: { path: '/x' } }), [`${V}.cephFS: Forbidden: may not specify more than 1 volume type`]],
    ['a trust bundle', volume({ projected: { sources: [{ clusterTrustBundle: { path: '' } }] } }), [
      `${V}.projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified`, `${V}.projected.sources[0].clusterTrustBundle.path: Required value`,
    ]],
    ['two files of one name', volume({ projected: { sources: [{ secret: { name: 's', items: [{ key: 'k', path: 'p' }] } }, { configMap: { name: 'm', items: [{ key: 'k', path: 'p' }] } }] } }), [
      `${V}.projected: Invalid value: "m": conflicting duplicate paths`,
    ]],
  ])('%s', (_, spec, messages) => {
    expect(errorsOf(spec)).toEqual(messages);
  });

  it('that are at fault cannot be mounted', () => {
    expect(errorsOf({ ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v', subPath: '../x' }] }), volumes: [{ name: 'v', secret: {} }] })).toEqual([
      `${V}.secret.secretName: Required value`, 'spec.containers[0].volumeMounts[0].name: Not found: "v"', 'spec.containers[0].volumeMounts.subPath: Invalid value: "../x": must not contain \'..\'',
    ]);
  });
});

describe('containers', () => {
  const C = 'spec.containers[0]';
  it.each<[string, V1PodSpec, string[]]>([
    ['claims that the pod has not', withContainer({ resources: { claims: [{ name: 'gpu' }] } }), [`${C}.resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty`]],
    ['claims that the pod has twice', withContainer({}, { resourceClaims: [{ name: 'gpu', resourceClaimName: 'a' }, { name: 'gpu', resourceClaimName: 'b' }] }), ['spec.resourceClaims[1].name: Duplicate value: "gpu"']],
    ['parts of huge pages', withContainer({ resources: { limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } } }), ['limits', 'requests'].map((list) => `${C}.resources.${list}[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`)],
    ['a resize that never restarts', withContainer({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }, { restartPolicy: 'Never' }), [`${C}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`]],
    ['rules without a policy', withContainer({ restartPolicyRules: [{ action: 'Stop' }] }), [
      `${C}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`, `${C}.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"`, `${C}.restartPolicyRules[0].exitCodes: Required value: must be specified`,
    ]],
    ['a signal of no system', withContainer({ lifecycle: { stopSignal: 'SIGTERM' } }), [`${C}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``]],
    ['a long sleep', withContainer({ lifecycle: { preStop: { sleep: { seconds: 60 } } } }), [`${C}.lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)`]],
    ['a gRPC probe', withContainer({ livenessProbe: { grpc: { port: 0 } } }), [`${C}.livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive`]],
    ['an unmasked /proc', withContainer({ securityContext: { procMount: 'Unmasked' } }), [`${C}.securityContext.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``]],
    ['profiles', withContainer({ securityContext: { seccompProfile: { type: 'Localhost' }, appArmorProfile: { type: 'Localhost', localhostProfile: ' a' } } }), [
      `${C}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`, `${C}.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace`,
    ]],
    ['a Windows user', withContainer({ securityContext: { windowsOptions: { runAsUserName: 'a\\b\\c' } } }), [`${C}.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash`]],
    ['a variable out of a file', withContainer({ env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: '/a', key: 'K' } } }] }, { volumes: [{ name: 'v', hostPath: { path: '/x' } }] }), [
      `${C}.env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir`, `${C}.env[0].valueFrom.fileKeyRef.path: Invalid value: "/a": must be a relative path`,
    ]],
  ])('%s', (_, spec, messages) => {
    expect(errorsOf(spec)).toEqual(messages);
  });

  it('for debugging have no probes, ports or resources', () => {
    const pod = podOf({ ...minimal, ephemeralContainers: [{ name: 'd', image: 'i', ports: [{ containerPort: 1 }], resources: { limits: { cpu: '1' } }, livenessProbe: { tcpSocket: { port: 1 } } }] });
    expect(lines(definition.validate?.(pod) ?? [])).toEqual(['ports', 'resources', 'livenessProbe'].map((name) => `spec.ephemeralContainers[0].${name}: Forbidden: cannot be set for an Ephemeral Container`));
    expect(lines(definition.validateCreate?.(pod) ?? [])).toEqual(['spec.ephemeralContainers: Forbidden: cannot be set on create']);
  });
});

describe('the pod as a whole', () => {
  it.each<[string, V1PodSpec, string[]]>([
    ['Windows with what only Linux has', { ...minimal, os: { name: 'windows' }, hostUsers: false, securityContext: { runAsUser: 1 } }, ['spec.hostUsers: Forbidden: cannot be set for a windows pod', 'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod']],
    ['Linux with what only Windows has', withContainer({ securityContext: { windowsOptions: {} } }, { os: { name: 'linux' } }), ['spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod']],
    ['another system', { ...minimal, os: { name: 'plan9' } }, ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"']],
    ['host processes off the host', { ...minimal, securityContext: { windowsOptions: { hostProcess: true } } }, ['spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers']],
    ['overhead', { ...minimal, overhead: { cpu: '-1' } }, ['spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0']],
    ['less for all than for one', withContainer({ resources: { requests: { cpu: '2' } } }, { resources: { requests: { cpu: '1' } } }), ['spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2']],
    ['a resource that pods as a whole do not have', { ...minimal, resources: { limits: { 'ephemeral-storage': '1Gi' } } }, ['spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"']],
    ['a name on the host network', { ...minimal, hostNetwork: true, hostnameOverride: 'a' }, ['spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true']],
    ['labels without a selector', { ...minimal, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 1, matchLabelKeys: ['x'] }] }, [
      'spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
      'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ]],
    ['a node label that cannot be', { ...minimal, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] }] } } } }, [
      expect.stringMatching(/^spec\.affinity\.nodeAffinity\.requiredDuringSchedulingIgnoredDuringExecution\.nodeSelectorTerms\[0\]\.matchExpressions\[0\]\.values\[0\]: Invalid value: "-": a valid label must be/),
    ]],
    ['labels to share and not to share', { ...minimal, affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z', labelSelector: {}, matchLabelKeys: ['a'], mismatchLabelKeys: ['a'] }] } } }, [
      'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys',
    ]],
  ])('%s', (_, spec, messages) => {
    expect(errorsOf(spec)).toEqual(messages);
  });

  it('is told by its annotations what older clients tell by them', () => {
    expect(errorsOf(minimal, { 'controller.kubernetes.io/pod-deletion-cost': '+1' })).toEqual(['metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer']);
    expect(errorsOf(minimal, { 'container.apparmor.security.beta.kubernetes.io/x': 'y' })).toEqual([
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "x": container not found', 'metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "y": invalid AppArmor profile name: "y"',
    ]);
    expect(errorsOf({ ...minimal, securityContext: { seccompProfile: { type: 'Unconfined' } } }, { 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' })).toEqual(['spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match']);
  });
});
