import { type Check, type CheckPod, containersNamed, containersOf, distinct, hasOwnUsers, quoted, setters } from './check.ts';

/** What Docker gives to containers by default, without NET_RAW. */
const USUAL_CAPABILITIES: ReadonlySet<string> = new Set(['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT']);

/** Windows knows nothing of what these checks ask for. */
const unlessWindows = (check: CheckPod): CheckPod => (pod) => (pod.spec.os?.name === 'windows' ? undefined : check(pod));
const unlessOwnUsers = (check: CheckPod): CheckPod => (pod) => (hasOwnUsers(pod.spec) ? undefined : check(pod));

export const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  versions: [
    {
      minor: 0,
      check({ spec }) {
        const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.privileged === true).map(({ name }) => name);
        return bad.length === 0 ? undefined : { reason: 'privileged', detail: `${containersNamed(bad)} must not set securityContext.privileged=true` };
      },
    },
  ],
};

const checkEscalation: CheckPod = ({ spec }) => {
  const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false).map(({ name }) => name);
  return bad.length === 0 ? undefined : { reason: 'allowPrivilegeEscalation != false', detail: `${containersNamed(bad)} must set securityContext.allowPrivilegeEscalation=false` };
};

export const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { minor: 8, check: checkEscalation },
    { minor: 25, check: unlessWindows(checkEscalation) },
  ],
};

/** Which containers add a capability that is not among the allowed ones, and which those are. */
function added({ spec }: Parameters<CheckPod>[0], isAllowed: (capability: string) => boolean): { readonly names: readonly string[]; readonly capabilities: readonly string[] } {
  const bad = containersOf(spec).map(({ name, securityContext }) => ({ name, capabilities: (securityContext?.capabilities?.add ?? []).filter((each) => !isAllowed(each)) })).filter(({ capabilities }) => capabilities.length > 0);
  return { names: bad.map(({ name }) => name), capabilities: distinct(bad.flatMap((each) => each.capabilities)) };
}

export const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [
    {
      minor: 0,
      check(pod) {
        const { names, capabilities } = added(pod, (each) => USUAL_CAPABILITIES.has(each));
        return names.length === 0 ? undefined : { reason: 'non-default capabilities', detail: `${containersNamed(names)} must not include ${quoted(capabilities)} in securityContext.capabilities.add` };
      },
    },
  ],
};

const checkCapabilities: CheckPod = (pod) => {
  const keeping = containersOf(pod.spec).filter(({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL')).map(({ name }) => name);
  const { names, capabilities } = added(pod, (each) => each === 'NET_BIND_SERVICE');
  const details = [
    ...(keeping.length > 0 ? [`${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(names.length > 0 ? [`${containersNamed(names)} must not include ${quoted(capabilities)} in securityContext.capabilities.add`] : []),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

export const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { minor: 22, check: checkCapabilities, overrides: ['capabilities_baseline'] },
    { minor: 25, check: unlessWindows(checkCapabilities), overrides: ['capabilities_baseline'] },
  ],
};

const checkNonRoot: CheckPod = ({ spec }) => {
  const reason = 'runAsNonRoot != true';
  const ofPod = spec.securityContext?.runAsNonRoot;
  const containers = containersOf(spec).map(({ name, securityContext }) => ({ name, own: securityContext?.runAsNonRoot }));
  const by = setters(ofPod === false, containers.filter(({ own }) => own === false).map(({ name }) => name));
  if (by.length > 0) return { reason, detail: `${by.join(' and ')} must not set securityContext.runAsNonRoot=false` };
  const silent = ofPod === true ? [] : containers.filter(({ own }) => own === undefined).map(({ name }) => name);
  return silent.length === 0 ? undefined : { reason, detail: `pod or ${containersNamed(silent)} must set securityContext.runAsNonRoot=true` };
};

export const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { minor: 0, check: checkNonRoot },
    { minor: 35, check: unlessOwnUsers(checkNonRoot) },
  ],
};

const checkUser: CheckPod = ({ spec }) => {
  const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.runAsUser === 0).map(({ name }) => name);
  const by = setters(spec.securityContext?.runAsUser === 0, bad);
  return by.length === 0 ? undefined : { reason: 'runAsUser=0', detail: `${by.join(' and ')} must not set runAsUser=0` };
};

export const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { minor: 23, check: checkUser },
    { minor: 35, check: unlessOwnUsers(checkUser) },
  ],
};
