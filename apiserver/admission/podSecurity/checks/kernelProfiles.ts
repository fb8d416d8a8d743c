import type { V1SELinuxOptions } from '../../../../api/generated/types.ts';
import { type Check, type CheckPod, containersNamed, containersOf, distinct, hasOwnUsers, plural, quoted, setters } from './check.ts';

const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER_ANNOTATION = 'container.seccomp.security.alpha.kubernetes.io/';
const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const SYSCTLS = ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start'];
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports'];
const SYSCTLS_29 = [...SYSCTLS_27, 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'];
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** `RuntimeDefault` and `Localhost`; of seccomp and of AppArmor. */
const isConfined = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';

/** Fields and annotations; the fields count in every version, as in Kubernetes. */
export const appArmorProfile: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  versions: [
    {
      minor: 0,
      check({ metadata, spec }) {
        const ofPod = spec.securityContext?.appArmorProfile;
        const bad = containersOf(spec).flatMap(({ name, securityContext }) => (securityContext?.appArmorProfile && !isConfined(securityContext.appArmorProfile.type) ? [{ name, type: securityContext.appArmorProfile.type }] : []));
        const isPodBad = ofPod !== undefined && !isConfined(ofPod.type);
        const annotations = Object.entries(metadata.annotations ?? {})
          .filter(([key, value]) => key.startsWith(APP_ARMOR_ANNOTATION) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'))
          .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
          .sort();
        const by = [...setters(isPodBad, bad.map(({ name }) => name)), ...(annotations.length > 0 ? [plural('annotation', annotations.length)] : [])];
        if (by.length === 0) return undefined;
        const values = [...distinct([...(isPodBad ? [ofPod.type] : []), ...bad.map(({ type }) => type)]), ...annotations];
        return { reason: plural('forbidden AppArmor profile', values.length), detail: `${by.join(' and ')} must not set AppArmor profile type to ${quoted(values)}` };
      },
    },
  ],
};

const checkProcMount: CheckPod = ({ spec }) => {
  const bad = containersOf(spec).flatMap(({ name, securityContext }) => (securityContext?.procMount !== undefined && securityContext.procMount !== 'Default' ? [{ name, type: securityContext.procMount }] : []));
  return bad.length === 0 ? undefined : { reason: 'procMount', detail: `${containersNamed(bad.map(({ name }) => name))} must not set securityContext.procMount to ${quoted(distinct(bad.map(({ type }) => type)))}` };
};

export const procMount: Check = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { minor: 0, check: checkProcMount },
    { minor: 35, check: (pod) => (hasOwnUsers(pod.spec) ? undefined : checkProcMount(pod)) },
  ],
};

/** Users of its own are no reason here. */
export const procMountRestricted: Check = { id: 'procMount_restricted', level: 'restricted', versions: [{ minor: 35, check: checkProcMount, overrides: ['procMount'] }] };

function isSeccompAnnotationBad(value: string | undefined): value is string {
  return value !== undefined && value !== 'runtime/default' && value !== 'docker/default' && !value.startsWith('localhost/');
}

const checkSeccompAnnotations: CheckPod = ({ metadata, spec }) => {
  const keys = [SECCOMP_POD_ANNOTATION, ...containersOf(spec).map(({ name }) => SECCOMP_CONTAINER_ANNOTATION + name)];
  const bad = distinct(keys.flatMap((key) => {
    const value = metadata.annotations?.[key];
    return isSeccompAnnotationBad(value) ? [`${key}=${JSON.stringify(value)}`] : [];
  }));
  return bad.length === 0 ? undefined : { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', bad.length)} ${bad.join(', ')}` };
};

/** Profiles that leave a container unconfined. */
const checkSeccomp: CheckPod = ({ spec }) => {
  const ofPod = spec.securityContext?.seccompProfile;
  const isPodBad = ofPod !== undefined && !isConfined(ofPod.type);
  const bad = containersOf(spec).flatMap(({ name, securityContext }) => (securityContext?.seccompProfile && !isConfined(securityContext.seccompProfile.type) ? [{ name, type: securityContext.seccompProfile.type }] : []));
  const by = setters(isPodBad, bad.map(({ name }) => name));
  if (by.length === 0) return undefined;
  const values = distinct([...(isPodBad ? [ofPod.type] : []), ...bad.map(({ type }) => type)]);
  return { reason: 'seccompProfile', detail: `${by.join(' and ')} must not set securityContext.seccompProfile.type to ${quoted(values)}` };
};

export const seccompProfileBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { minor: 0, check: checkSeccompAnnotations },
    { minor: 19, check: checkSeccomp },
  ],
};

/** As above, and every container must have one. */
const checkSeccompPresent: CheckPod = (pod) => {
  const bad = checkSeccomp(pod);
  if (bad || pod.spec.securityContext?.seccompProfile) return bad;
  const silent = containersOf(pod.spec).filter(({ securityContext }) => securityContext?.seccompProfile === undefined).map(({ name }) => name);
  return silent.length === 0 ? undefined : { reason: 'seccompProfile', detail: `pod or ${containersNamed(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` };
};

export const seccompProfileRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { minor: 19, check: checkSeccompPresent, overrides: ['seccompProfile_baseline'] },
    { minor: 25, check: (pod) => (pod.spec.os?.name === 'windows' ? undefined : checkSeccompPresent(pod)), overrides: ['seccompProfile_baseline'] },
  ],
};

function seLinux(types: readonly string[]): CheckPod {
  const isBad = (options: V1SELinuxOptions | undefined): options is V1SELinuxOptions => options !== undefined && (!types.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
  return ({ spec }) => {
    const ofPod = spec.securityContext?.seLinuxOptions;
    const bad = containersOf(spec).flatMap(({ name, securityContext }) => (isBad(securityContext?.seLinuxOptions) ? [{ name, options: securityContext.seLinuxOptions }] : []));
    const by = setters(isBad(ofPod), bad.map(({ name }) => name));
    if (by.length === 0) return undefined;
    const all = [...(isBad(ofPod) ? [ofPod] : []), ...bad.map(({ options }) => options)];
    const badTypes = distinct(all.map(({ type }) => type ?? '').filter((type) => !types.includes(type)));
    const details = [
      ...(badTypes.length > 0 ? [`${plural('type', badTypes.length)} ${quoted(badTypes)}`] : []),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    return { reason: 'seLinuxOptions', detail: `${by.join(' and ')} set forbidden securityContext.seLinuxOptions: ${details.join('; ')}` };
  };
}

export const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { minor: 0, check: seLinux(SELINUX_TYPES) },
    { minor: 31, check: seLinux([...SELINUX_TYPES, 'container_engine_t']) },
  ],
};

const sysctlsAmong = (allowed: readonly string[]): CheckPod => ({ spec }) => {
  const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name));
  return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
};

export const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  versions: [
    { minor: 0, check: sysctlsAmong(SYSCTLS) },
    { minor: 27, check: sysctlsAmong(SYSCTLS_27) },
    { minor: 29, check: sysctlsAmong(SYSCTLS_29) },
    { minor: 32, check: sysctlsAmong(SYSCTLS_32) },
  ],
};
