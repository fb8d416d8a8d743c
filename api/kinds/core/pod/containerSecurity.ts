import type { V1SecurityContext } from '../../../generated/types.ts';
import { append, type FieldError, invalid, notSupported } from '../../../fieldError.ts';
import { validateAppArmor, validateIds, validateSeccomp, validateWindowsOptions } from './securityProfiles.ts';
import { internalForm } from '../../internalForm.ts';

const PROC_MOUNTS = ['Default', 'Unmasked'];

/** `ValidateSecurityContext`; `hostUsers` is whether the pod shares the host's users. */
export function validateContainerSecurity(field: string, context: V1SecurityContext | undefined, hostUsers: boolean): FieldError[] {
  if (!context) return [];
  const { procMount } = context;
  const errors = validateIds(field, context, ['runAsUser', 'runAsGroup']);
  if (procMount !== undefined) {
    if (!PROC_MOUNTS.includes(procMount)) errors.push(notSupported(`${field}.procMount`, procMount, PROC_MOUNTS));
    if (hostUsers && procMount === 'Unmasked') errors.push(invalid(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  append(errors, validateSeccomp(`${field}.seccompProfile`, context.seccompProfile));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) errors.push(invalid(field, internalForm('SecurityContext', context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    for (const capability of context.capabilities?.add ?? []) {
      if (capability === 'CAP_SYS_ADMIN') errors.push(invalid(field, internalForm('SecurityContext', context), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
    }
  }
  return [...errors, ...validateWindowsOptions(`${field}.windowsOptions`, context.windowsOptions), ...validateAppArmor(`${field}.appArmorProfile`, context.appArmorProfile)];
}
