import type { V1PodSpec } from '../../../api/generated/types.ts';
import { describe as said, evaluatePod } from './evaluate.ts';
import type { Level } from './levels.ts';

/** What a pod with these fields is told at a level in a version. */
function faults(level: Level, version: string, spec: Partial<V1PodSpec>, annotations: Record<string, string> = {}): string {
  return said(evaluatePod({ level, version }, { metadata: { annotations }, spec: { containers: [{ name: 'a' }], ...spec } }));
}

const container = (name: string, securityContext: NonNullable<V1PodSpec['containers'][number]['securityContext']>): V1PodSpec['containers'][number] => ({ name, securityContext });

/** A pod that may run everywhere. */
const GOOD: V1PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [container('a', { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })],
  volumes: [{ name: 'v', emptyDir: {} }, { name: 'i', image: { reference: 'x' } }],
};

test('a careful pod passes every level in every version; an ordinary one the baseline', () => {
  for (const version of ['latest', 'v1.0', 'v1.22', 'v1.25', 'v1.36', 'v1.99']) {
    expect(faults('restricted', version, GOOD)).toBe('');
    expect(faults('baseline', version, {})).toBe('');
    expect(faults('privileged', version, { hostNetwork: true })).toBe('');
  }
});

test.each<[string, string, Partial<V1PodSpec>, string]>([
  ['host namespaces', 'latest', { hostPID: true, hostNetwork: true }, 'host namespaces (hostNetwork=true, hostPID=true)'],
  ['host paths', 'latest', { volumes: [{ name: 'v', hostPath: { path: '/' } }, { name: 'w', hostPath: { path: '/' } }] }, 'hostPath volumes (volumes "v", "w")'],
  ['host ports', 'latest', { containers: [{ name: 'a', ports: [{ containerPort: 1, hostPort: 80 }, { containerPort: 2, hostPort: 443 }] }] }, 'hostPort (container "a" uses hostPorts 443, 80)'],
  ['host ports of several', 'latest', { initContainers: [{ name: 'i', ports: [{ containerPort: 1, hostPort: 80 }] }], containers: [{ name: 'a', ports: [{ containerPort: 1, hostPort: 80 }] }] }, 'hostPort (containers "i", "a" use hostPort 80)'],
  ['hosts of probes', 'v1.34', { containers: [{ name: 'a', livenessProbe: { httpGet: { port: 1, host: 'h' } }, lifecycle: { preStop: { tcpSocket: { port: 1, host: 'i' } } } }] }, 'probe or lifecycle host (container "a" uses probe or lifecycle hosts "h", "i")'],
  ['hosts of probes, before', 'v1.33', { containers: [{ name: 'a', livenessProbe: { httpGet: { port: 1, host: 'h' } } }] }, ''],
  ['Windows host processes', 'latest', { securityContext: { windowsOptions: { hostProcess: true } }, containers: [container('a', { windowsOptions: { hostProcess: true } })] }, 'hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)'],
  ['privileged', 'v1.0', { containers: [container('a', { privileged: true })] }, 'privileged (container "a" must not set securityContext.privileged=true)'],
  ['privileged ephemeral containers', 'v1.0', { ephemeralContainers: [container('e', { privileged: true })] }, 'privileged (container "e" must not set securityContext.privileged=true)'],
  ['capabilities', 'latest', { containers: [container('a', { capabilities: { add: ['NET_RAW', 'CHOWN', 'SYS_ADMIN'] } })] }, 'non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)'],
  ['AppArmor', 'latest', { securityContext: { appArmorProfile: { type: 'Unconfined' } } }, 'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")'],
  ['proc', 'latest', { containers: [container('a', { procMount: 'Unmasked' })] }, 'procMount (container "a" must not set securityContext.procMount to "Unmasked")'],
  ['proc in a user namespace', 'v1.35', { hostUsers: false, containers: [container('a', { procMount: 'Unmasked' })] }, ''],
  ['proc in a user namespace, before', 'v1.34', { hostUsers: false, containers: [container('a', { procMount: 'Unmasked' })] }, 'procMount (container "a" must not set securityContext.procMount to "Unmasked")'],
  ['seccomp', 'v1.19', { securityContext: { seccompProfile: { type: 'Unconfined' } } }, 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'],
  ['seccomp, before there was the field', 'v1.18', { securityContext: { seccompProfile: { type: 'Unconfined' } } }, ''],
  ['SELinux', 'latest', { securityContext: { seLinuxOptions: { user: 'u' } }, containers: [container('a', { seLinuxOptions: { type: 'spc_t', role: 'r' } })] }, 'seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)'],
  ['SELinux engine', 'v1.31', { securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }, ''],
  ['SELinux engine, before', 'v1.30', { securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }, 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "container_engine_t")'],
  ['sysctls', 'latest', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }, { name: 'net.ipv4.tcp_rmem', value: '1' }] } }, 'forbidden sysctls (kernel.msgmax)'],
  ['sysctls, before', 'v1.28', { securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports', value: '1' }, { name: 'net.ipv4.tcp_fin_timeout', value: '1' }] } }, 'forbidden sysctls (net.ipv4.tcp_fin_timeout)'],
])('baseline: %s (%s)', (_, version, spec, message) => {
  expect(faults('baseline', version, spec)).toBe(message);
  // What the baseline refuses, the restricted level does, too, in its own words at most.
  const isRefused = faults('restricted', version, { ...GOOD, ...spec }) !== '';
  expect(message === '' || isRefused).toBe(true);
});

test('annotations of older versions count', () => {
  expect(faults('baseline', 'v1.18', {}, { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/a': 'localhost/x' })).toBe('seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")');
  expect(faults('baseline', 'v1.19', {}, { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' })).toBe('');
  expect(faults('baseline', 'latest', {}, { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' })).toBe(
    'forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
  );
});

test.each<[string, string, Partial<V1PodSpec>, string]>([
  ['escalation', 'latest', { containers: [container('a', { capabilities: { drop: ['ALL'] } })] }, 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)'],
  ['escalation, before', 'v1.7', { containers: [container('a', {})] }, ''],
  ['escalation on Windows', 'v1.25', { os: { name: 'windows' }, containers: [{ name: 'a' }] }, ''],
  ['capabilities', 'latest', { containers: [container('a', { allowPrivilegeEscalation: false, capabilities: { add: ['CHOWN'] } })] }, 'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "CHOWN" in securityContext.capabilities.add)'],
  ['capabilities, before', 'v1.21', { containers: [container('a', { allowPrivilegeEscalation: false, capabilities: { add: ['NET_RAW'] } })] }, 'non-default capabilities (container "a" must not include "NET_RAW" in securityContext.capabilities.add)'],
  ['volumes', 'latest', { volumes: [{ name: 'h', hostPath: { path: '/' } }, { name: 'n', nfs: { server: 's', path: '/' } }] }, 'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs")'],
  ['one volume', 'v1.0', { volumes: [{ name: 'h', hostPath: { path: '/' } }] }, 'restricted volume types (volume "h" uses restricted volume type "hostPath")'],
  ['root by default', 'latest', { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }, 'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)'],
  ['root by will', 'latest', { securityContext: { runAsNonRoot: false, seccompProfile: { type: 'Localhost' } } }, 'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)'],
  ['user 0', 'latest', { securityContext: { runAsNonRoot: true, runAsUser: 0, seccompProfile: { type: 'Localhost' } } }, 'runAsUser=0 (pod must not set runAsUser=0)'],
  ['user 0 in a user namespace', 'v1.35', { hostUsers: false, securityContext: { runAsUser: 0, seccompProfile: { type: 'Localhost' } } }, ''],
  ['no seccomp', 'latest', { securityContext: { runAsNonRoot: true } }, 'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'],
  ['proc even in a user namespace', 'latest', { hostUsers: false, containers: [container('a', { procMount: 'Unmasked', allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })] }, 'procMount (container "a" must not set securityContext.procMount to "Unmasked")'],
])('restricted: %s (%s)', (_, version, spec, message) => {
  expect(faults('restricted', version, { ...GOOD, ...spec })).toBe(message);
});

test('faults come in Kubernetes\' order', () => {
  expect(faults('restricted', 'latest', { hostNetwork: true, containers: [container('c', { privileged: true, runAsUser: 0 })] })).toBe(
    'host namespaces (hostNetwork=true), privileged (container "c" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
      'runAsUser=0 (container "c" must not set runAsUser=0), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  );
});
