import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { ContainerConfig, SandboxConfig } from '../types.ts';
import { engineName, LABEL_ATTEMPT, LABEL_CONTAINER_HASH, LABEL_CONTAINER_NAME, LABEL_IMAGE, LABEL_SANDBOX_ID, LABEL_TYPE, podLabels, TYPE_CONTAINER, TYPE_SANDBOX, type Ownership } from './labels.ts';

/** The kubelet's own defaults, containerLogMaxSize and containerLogMaxFiles. */
const LOG_CONFIG = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } };
/** Below every container, so that the kernel ends a sandbox last (`qos.PodInfraOOMAdj`). */
export const SANDBOX_OOM_SCORE = -998;
/** `cpu.shares` of a pause process. */
const SANDBOX_CPU_SHARES = 2;

export interface OptionsContext {
  readonly owner: Ownership;
  /** False where the host lacks CAP_SYS_RESOURCE: a negative score would keep the container from starting. */
  readonly negativeOomScore: boolean;
}

/** How the engine is asked for a sandbox: a pause container without a network of the engine's. */
export function sandboxOptions(config: SandboxConfig, image: string, context: OptionsContext): ContainerCreateOptions {
  const host: HostConfig = {
    NetworkMode: config.hostNetwork ? 'host' : 'none',
    PidMode: config.hostPID ? 'host' : '',
    IpcMode: config.hostIPC ? 'host' : 'shareable',
    UTSMode: config.hostNetwork ? 'host' : '',
    CgroupParent: config.cgroupParent,
    CpuShares: SANDBOX_CPU_SHARES,
    OomScoreAdj: oomScore(SANDBOX_OOM_SCORE, context),
    ReadonlyRootfs: true,
    SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
    Sysctls: { ...config.sysctls },
    LogConfig: LOG_CONFIG,
    RestartPolicy: { Name: 'no' },
  };
  return {
    name: engineName(undefined, config.pod, config.attempt),
    Image: image,
    ...(config.hostNetwork ? {} : { Hostname: config.hostname }),
    Labels: { ...podLabels(context.owner, config.pod), [LABEL_TYPE]: TYPE_SANDBOX, [LABEL_ATTEMPT]: String(config.attempt) },
    HostConfig: host,
  };
}

/** How the engine is asked for a container in a sandbox. `imageUser` is what the image runs as. */
export function containerOptions(sandboxId: string, config: ContainerConfig, imageUser: string, context: OptionsContext): ContainerCreateOptions {
  return {
    name: engineName(config.name, config.pod, config.attempt),
    Image: config.image,
    ...(config.command?.length ? { Entrypoint: [...config.command], Cmd: [...(config.args ?? [])] } : config.args?.length ? { Cmd: [...config.args] } : {}),
    ...(config.workingDir ? { WorkingDir: config.workingDir } : {}),
    Env: config.env.map(({ name, value }) => `${name}=${value}`),
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    Tty: config.tty,
    ...(config.stopSignal === undefined ? {} : { StopSignal: config.stopSignal }),
    ...userOption(config, imageUser),
    // A health check of the image is Docker's own affair; the pod's probes say what is healthy.
    Healthcheck: { Test: ['NONE'] },
    Labels: {
      ...config.labels,
      ...podLabels(context.owner, config.pod),
      [LABEL_TYPE]: TYPE_CONTAINER,
      [LABEL_CONTAINER_NAME]: config.name,
      [LABEL_ATTEMPT]: String(config.attempt),
      [LABEL_CONTAINER_HASH]: config.specHash,
      [LABEL_SANDBOX_ID]: sandboxId,
      [LABEL_IMAGE]: config.labels[LABEL_IMAGE] ?? config.image,
    },
    HostConfig: hostConfig(sandboxId, config, context),
  };
}

function hostConfig(sandboxId: string, config: ContainerConfig, context: OptionsContext): HostConfig {
  const { security, resources } = config;
  const sandbox = `container:${sandboxId}`;
  return {
    NetworkMode: sandbox,
    IpcMode: security.hostIPC ? 'host' : sandbox,
    PidMode: security.sharedPID === 'host' ? 'host' : security.sharedPID === 'pod' ? sandbox : '',
    UTSMode: config.hostNetwork ? 'host' : '',
    CgroupParent: config.cgroupParent,
    CpuShares: resources.cpuShares,
    CpuQuota: resources.cpuQuota,
    CpuPeriod: resources.cpuQuota > 0 ? resources.cpuPeriod : 0,
    Memory: resources.memoryLimit,
    // Without swap, as the kubelet's NoSwap.
    MemorySwap: resources.memoryLimit,
    OomScoreAdj: oomScore(resources.oomScoreAdj, context),
    Privileged: security.privileged,
    ReadonlyRootfs: security.readOnlyRootFilesystem,
    CapAdd: [...security.addCapabilities],
    CapDrop: [...security.dropCapabilities],
    GroupAdd: security.supplementalGroups.map(String),
    SecurityOpt: securityOptions(config),
    Mounts: config.mounts.map((mount) => ({
      Type: 'bind' as const,
      Source: mount.hostPath,
      Target: mount.containerPath,
      ReadOnly: mount.readOnly,
      BindOptions: { Propagation: mount.propagation === 'private' ? ('rprivate' as const) : mount.propagation },
    })),
    Devices: config.devices.map((device) => ({ PathOnHost: device.hostPath, PathInContainer: device.containerPath, CgroupPermissions: device.permissions })),
    LogConfig: LOG_CONFIG,
    RestartPolicy: { Name: 'no' },
  };
}

function securityOptions({ security }: ContainerConfig): string[] {
  if (security.privileged) return [];
  return [
    ...(security.noNewPrivileges ? ['no-new-privileges'] : []),
    ...(security.seccomp === 'RuntimeDefault' ? [] : [`seccomp=${security.seccomp === 'Unconfined' ? 'unconfined' : security.seccomp}`]),
    ...(security.appArmorProfile === undefined ? [] : [`apparmor=${security.appArmorProfile}`]),
    ...(security.seLinuxLabel === undefined ? [] : seLinuxOptions(security.seLinuxLabel)),
  ];
}

function seLinuxOptions(label: string): string[] {
  const [user, role, type, ...level] = label.split(':');
  const parts: readonly (readonly [string, string | undefined])[] = [['user', user], ['role', role], ['type', type], ['level', level.join(':')]];
  return parts.filter(([, value]) => value).map(([name, value]) => `label=${name}:${value}`);
}

/** Docker takes a group only together with a user. */
function userOption({ security }: ContainerConfig, imageUser: string): { readonly User?: string } {
  if (security.runAsUser === undefined && security.runAsGroup === undefined) return {};
  const user = security.runAsUser ?? (imageUser.split(':')[0] || '0');
  return { User: security.runAsGroup === undefined ? String(user) : `${user}:${security.runAsGroup}` };
}

function oomScore(score: number, { negativeOomScore }: OptionsContext): number {
  return negativeOomScore ? score : Math.max(0, score);
}
