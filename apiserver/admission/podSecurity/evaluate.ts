import type { Check, CheckedPod, CheckPod, Violation } from './checks/check.ts';
import { hostNamespaces, hostPathVolumes, hostPorts, hostProbesAndHostLifecycle, windowsHostProcess } from './checks/hostAccess.ts';
import { appArmorProfile, procMount, procMountRestricted, seccompProfileBaseline, seccompProfileRestricted, seLinuxOptions, sysctls } from './checks/kernelProfiles.ts';
import { allowPrivilegeEscalation, capabilitiesBaseline, capabilitiesRestricted, privileged, runAsNonRoot, runAsUser } from './checks/privileges.ts';
import { restrictedVolumes } from './checks/restrictedVolumes.ts';
import { type LevelVersion, minorOf } from './levels.ts';

/** Every check of the Pod Security Standards. */
export const CHECKS: readonly Check[] = [
  appArmorProfile, capabilitiesBaseline, hostNamespaces, hostPathVolumes, hostPorts, hostProbesAndHostLifecycle, privileged, procMount, seccompProfileBaseline, seLinuxOptions, sysctls, windowsHostProcess,
  allowPrivilegeEscalation, capabilitiesRestricted, procMountRestricted, restrictedVolumes, runAsNonRoot, runAsUser, seccompProfileRestricted,
];

/** Later versions are as the last one that changed anything. */
const NEWEST = Math.max(...CHECKS.flatMap(({ versions }) => versions.map(({ minor }) => minor)));

const known = new Map<string, readonly CheckPod[]>();

/** The checks of a level in a version, in the order in which Kubernetes names their faults: baseline first, each part by its id. */
function checksFor({ level, version }: LevelVersion): readonly CheckPod[] {
  const minor = Math.min(minorOf(version), NEWEST);
  const key = `${level} ${minor}`;
  const found = known.get(key);
  if (found) return found;
  const chosen = CHECKS.filter((check) => level === 'restricted' || check.level === 'baseline').flatMap((check) => {
    const at = check.versions.findLast((each) => each.minor <= minor);
    return at ? [{ check, at }] : [];
  });
  const overridden = new Set(chosen.flatMap(({ at }) => at.overrides ?? []));
  const order = (check: Check): string => `${check.level === 'baseline' ? 0 : 1}${check.id}`;
  const checks = chosen.filter(({ check }) => !overridden.has(check.id)).sort((left, right) => (order(left.check) < order(right.check) ? -1 : 1)).map(({ at }) => at.check);
  known.set(key, checks);
  return checks;
}

/** Everything that a pod does against a level. */
export function evaluatePod(wanted: LevelVersion, pod: CheckedPod): readonly Violation[] {
  if (wanted.level === 'privileged') return [];
  return checksFor(wanted).flatMap((check) => check(pod) ?? []);
}

/** `hostPort (container "a" uses hostPort 80), privileged (…)`. */
export const describe = (violations: readonly Violation[]): string => violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');

/** Without the details: what many pods have in common. */
export const summarize = (violations: readonly Violation[]): string => violations.map(({ reason }) => reason).join(', ');
