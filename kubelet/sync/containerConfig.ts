import { readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { V1Container, V1Pod } from '../../api/generated/types.ts';
import { containerEnv, ContainerConfigError } from '../env/containerEnv.ts';
import { expand } from '../env/expansion.ts';
import { cgroupParent, podCgroup } from '../podCgroup.ts';
import { identityOf, specOf } from '../podContainers.ts';
import { hostNetworkHosts, podHosts, podNames } from '../podHosts.ts';
import { etcHostsPath, terminationLogPath } from '../podPaths.ts';
import { containerResources } from '../resources.ts';
import type { ContainerConfig, DeviceMapping, Mount, RuntimeImage } from '../runtime/types.ts';
import { containerSecurity, verifyRunAsNonRoot } from '../security.ts';
import { specHash } from '../specHash.ts';
import type { MountedVolume, SubPathMount } from '../volumes/types.ts';
import type { SyncContext } from './context.ts';

export const LABEL_TERMINATION_PATH = 'io.kubernetes.container.terminationMessagePath';
export const LABEL_TERMINATION_POLICY = 'io.kubernetes.container.terminationMessagePolicy';
const DEFAULT_TERMINATION_PATH = '/dev/termination-log';

export interface ContainerRun {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly attempt: number;
  readonly image: RuntimeImage;
  readonly podIPs: readonly string[];
  readonly volumes: ReadonlyMap<string, MountedVolume>;
}

/** All that the runtime needs to make a container; throws a `ContainerConfigError` where something that it refers to is missing. */
export async function containerConfig(context: SyncContext, run: ContainerRun): Promise<ContainerConfig> {
  const { pod, container, attempt, image } = run;
  const spec = specOf(pod);
  verifyRunAsNonRoot(pod, container, image.user);
  const addresses = { podIPs: run.podIPs, hostIPs: context.hostIPs };
  const env = await containerEnv(pod, container, { objects: context.objects, services: context.services(), addresses, allocatable: context.allocatable });
  const expanded = (texts: readonly string[] | undefined): readonly string[] | undefined => texts?.map((text) => expand(text, (name) => env.get(name)));
  const mounts = await containerMounts(context, run, env);
  return {
    pod: identityOf(pod),
    name: container.name,
    attempt,
    image: image.id,
    command: expanded(container.command),
    args: expanded(container.args),
    workingDir: container.workingDir,
    env: [...env].map(([name, value]) => ({ name, value })),
    mounts,
    devices: devices(container, run.volumes),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    stopSignal: container.lifecycle?.stopSignal,
    hostNetwork: spec.hostNetwork ?? false,
    cgroupParent: cgroupParent(podCgroup(pod, context.cgroups), context.cgroups.driver),
    resources: containerResources(pod, container, context.memoryBytes),
    security: containerSecurity(pod, container, (name) => readFileSync(join(context.paths.rootDir, 'seccomp', name), 'utf8')),
    specHash: specHash(container),
    labels: {
      'io.kubernetes.container.image': container.image ?? '',
      [LABEL_TERMINATION_PATH]: container.terminationMessagePath ?? DEFAULT_TERMINATION_PATH,
      [LABEL_TERMINATION_POLICY]: container.terminationMessagePolicy ?? 'File',
    },
  };
}

async function containerMounts(context: SyncContext, run: ContainerRun, env: ReadonlyMap<string, string>): Promise<readonly Mount[]> {
  const { container } = run;
  const mounts: Mount[] = [];
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const volume = run.volumes.get(mount.name);
    if (!volume) throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const subPath = mount.subPath ?? (mount.subPathExpr === undefined ? undefined : expand(mount.subPathExpr, (name) => env.get(name)));
    mounts.push({
      hostPath: subPath ? await subPathOf(context, run, { volumeName: mount.name, volume, index, subPath }) : volume.hostPath,
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
      readOnly: (mount.readOnly ?? false) || volume.readOnly,
      propagation: mount.mountPropagation === 'Bidirectional' ? 'rshared' : mount.mountPropagation === 'HostToContainer' ? 'rslave' : 'private',
    });
  }
  const has = (path: string): boolean => mounts.some((mount) => mount.containerPath === path);
  if (!has('/etc/hosts')) mounts.push(await hostsMount(context, run));
  const terminationPath = container.terminationMessagePath ?? DEFAULT_TERMINATION_PATH;
  if (!has(terminationPath)) mounts.push(await terminationMount(context, run, terminationPath));
  return mounts;
}

async function subPathOf(context: SyncContext, { pod, container }: ContainerRun, mount: Omit<SubPathMount, 'podUid' | 'container'>): Promise<string> {
  try {
    return await context.volumes.mountSubPath({ ...mount, podUid: pod.metadata.uid, container: container.name });
  } catch (error) {
    throw new ContainerConfigError(`failed to prepare subPath for volumeMount "${mount.volumeName}" of container "${container.name}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** One /etc/hosts for all containers of the pod, written anew for each, as addresses may have changed with the sandbox. */
async function hostsMount(context: SyncContext, { pod, podIPs }: ContainerRun): Promise<Mount> {
  const path = etcHostsPath(context.paths, pod.metadata.uid);
  const content = specOf(pod).hostNetwork ? hostNetworkHosts(pod, await readFile('/etc/hosts', 'utf8')) : podHosts(pod, podNames(pod, context.dns.domain), podIPs);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o644 });
  return { hostPath: path, containerPath: '/etc/hosts', readOnly: false, propagation: 'private' };
}

async function terminationMount(context: SyncContext, { pod, container, attempt }: ContainerRun, containerPath: string): Promise<Mount> {
  const path = terminationLogPath(context.paths, pod.metadata.uid, container.name, attempt);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
  // Whoever the container runs as is to write it; a umask must not stand in the way.
  await chmod(path, 0o666);
  return { hostPath: path, containerPath, readOnly: false, propagation: 'private' };
}

function devices(container: V1Container, volumes: ReadonlyMap<string, MountedVolume>): readonly DeviceMapping[] {
  return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const volume = volumes.get(name);
    if (!volume) throw new ContainerConfigError(`cannot find volume "${name}" to pass into container "${container.name}"`);
    return { hostPath: volume.hostPath, containerPath: devicePath, permissions: 'mrw' };
  });
}

/** Whether the path is there at all. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
