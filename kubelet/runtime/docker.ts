import Docker from 'dockerode';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { containerStats, createContainer, PodReader } from './docker/containers.ts';
import { asked, type Engine, ifFound, inTime, settled } from './docker/engine.ts';
import { engineEvents } from './docker/engineEvents.ts';
import { findImage, listImages, pullImage, removeImage } from './docker/engineImages.ts';
import { attach, exec, execSync } from './docker/processes.ts';
import { runSandbox } from './docker/sandboxes.ts';
import { writableLayers } from './docker/writableLayers.ts';
import type { ContainerRuntime, RuntimeInfo } from './types.ts';

export interface DockerRuntimeOptions {
  /** Path of the engine's socket. */
  readonly socketPath: string;
  readonly cluster: string;
  readonly node: string;
  /** Whether the host may set a negative OOM score (CAP_SYS_RESOURCE). */
  readonly negativeOomScore: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The container runtime on a Docker engine (Engine API 1.41 and later). */
export function dockerRuntime(options: DockerRuntimeOptions): ContainerRuntime {
  const docker = new Docker({ socketPath: options.socketPath });
  const context = { owner: { cluster: options.cluster, node: options.node }, negativeOomScore: options.negativeOomScore };
  const engine: Engine = { docker, context, clock: options.clock, logger: options.logger };
  const reader = new PodReader(engine);
  return {
    info: () => engineInfo(engine),
    listPods: () => reader.list(),
    fingerprints: () => reader.fingerprints(),
    pod: async (identity) => (await reader.list(identity.uid))[0] ?? { pod: identity, sandboxes: [], containers: [] },

    runSandbox: (config) => runSandbox(engine, config),
    // The pause program holds nothing that would have to end gracefully.
    stopSandbox: (id) => settled(docker.getContainer(id).stop({ t: 0 })),
    removeSandbox: (id) => settled(docker.getContainer(id).remove({ force: true, v: true })),

    createContainer: (sandboxId, config) => createContainer(engine, sandboxId, config),
    startContainer: (id) => asked(docker.getContainer(id).start()).then(() => undefined),
    logPath: async (id) => (await ifFound(docker.getContainer(id).inspect()))?.LogPath ?? '',
    stopContainer: (id, graceSeconds) => settled(docker.getContainer(id).stop({ t: graceSeconds })),
    removeContainer: (id) => settled(docker.getContainer(id).remove({ force: true, v: true })),

    execSync: (id, command, timeout) => execSync(engine, id, command, timeout),
    exec: (id, command, streams) => exec(engine, id, command, streams),
    attach: (id, streams) => attach(engine, id, streams),
    stats: (id) => containerStats(engine, id),
    writableLayers: (ids) => writableLayers(engine, ids),

    image: (reference) => findImage(engine, reference),
    listImages: () => listImages(engine),
    pullImage: (reference, auth) => pullImage(engine, reference, auth),
    removeImage: (id) => removeImage(engine, id),

    events: (signal) => engineEvents(engine, signal),
  };
}

async function engineInfo({ docker, clock }: Engine): Promise<RuntimeInfo> {
  const info = (await inTime(clock, asked(docker.info()))) as {
    readonly ServerVersion: string;
    readonly CgroupDriver?: string;
    readonly CgroupVersion?: string;
    readonly LiveRestoreEnabled?: boolean;
    readonly DockerRootDir: string;
    readonly IndexServerAddress?: string;
  };
  return {
    name: 'docker',
    version: info.ServerVersion,
    cgroupDriver: info.CgroupDriver === 'systemd' ? 'systemd' : 'cgroupfs',
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    liveRestore: info.LiveRestoreEnabled ?? false,
    rootDirectory: info.DockerRootDir,
    defaultRegistry: (info.IndexServerAddress ?? '').replace(/^https?:\/\//, '').split('/')[0] ?? '',
  };
}
