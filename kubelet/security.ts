import type { V1Container, V1Pod } from '../api/generated/types.ts';
import { ContainerConfigError } from './env/containerEnv.ts';
import { formatPod, specOf } from './podContainers.ts';
import type { LinuxSecurity } from './runtime/types.ts';

/** The security of a container: its own settings before the pod's (`securitycontext.DetermineEffectiveSecurityContext`). */
export function containerSecurity(pod: V1Pod, container: V1Container, readProfile: (name: string) => string): LinuxSecurity {
  const spec = specOf(pod);
  const ofPod = spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const privileged = own.privileged ?? false;
  const seccomp = own.seccompProfile ?? ofPod.seccompProfile;
  const appArmor = own.appArmorProfile ?? ofPod.appArmorProfile;
  const seLinux = own.seLinuxOptions ?? ofPod.seLinuxOptions;
  return {
    privileged,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    runAsUser: own.runAsUser ?? ofPod.runAsUser,
    runAsGroup: own.runAsGroup ?? ofPod.runAsGroup,
    supplementalGroups: [...new Set([...(ofPod.supplementalGroups ?? []), ...(ofPod.fsGroup === undefined ? [] : [ofPod.fsGroup])])],
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    seccomp: privileged || !seccomp || seccomp.type === 'Unconfined' ? 'Unconfined' : seccomp.type === 'RuntimeDefault' ? 'RuntimeDefault' : readProfile(seccomp.localhostProfile ?? ''),
    sharedPID: spec.hostPID ? 'host' : spec.shareProcessNamespace ? 'pod' : 'container',
    hostIPC: spec.hostIPC ?? false,
    appArmorProfile: appArmor?.type === 'Unconfined' ? 'unconfined' : appArmor?.type === 'Localhost' ? appArmor.localhostProfile : undefined,
    seLinuxLabel: seLinux && [seLinux.user, seLinux.role, seLinux.type, seLinux.level].map((part) => part ?? '').join(':'),
  };
}

/** Refuses a container that must not run as root and would, or whose user cannot be told (`verifyRunAsNonRoot`). */
export function verifyRunAsNonRoot(pod: V1Pod, container: V1Container, imageUser: string): void {
  const ofPod = specOf(pod).securityContext ?? {};
  const own = container.securityContext ?? {};
  if (!(own.runAsNonRoot ?? ofPod.runAsNonRoot ?? false)) return;
  const about = `(pod: "${formatPod(pod)}", container: ${container.name})`;
  const user = own.runAsUser ?? ofPod.runAsUser;
  if (user !== undefined) {
    if (user === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${about}`);
    return;
  }
  const name = imageUser.split(':')[0] ?? '';
  if (name === '' || /^0+$/.test(name)) throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${about}`);
  if (!/^\d+$/.test(name)) throw new ContainerConfigError(`container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root ${about}`);
}
