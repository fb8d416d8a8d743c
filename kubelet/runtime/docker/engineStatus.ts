import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import type { Container, ContainerState, Mount, Sandbox } from '../types.ts';
import { LABEL_ATTEMPT, LABEL_CONTAINER_HASH, LABEL_CONTAINER_NAME, LABEL_IMAGE, LABEL_SANDBOX_ID, podOfLabels } from './labels.ts';

/** What `inspect` says of a sandbox, in CRI terms. */
export function sandboxOf(info: ContainerInspectInfo): Sandbox {
  const labels = info.Config.Labels ?? {};
  return {
    id: info.Id,
    pod: podOfLabels(labels),
    attempt: Number(labels[LABEL_ATTEMPT] ?? '0'),
    state: info.State.Running ? 'Ready' : 'NotReady',
    hostNetwork: info.HostConfig.NetworkMode === 'host',
    createdAt: milliseconds(info.Created),
    pid: info.State.Running ? info.State.Pid : 0,
  };
}

/** What `inspect` says of a container, in CRI terms. A container that could not be started counts as exited. */
export function containerOf(info: ContainerInspectInfo): Container {
  const labels = info.Config.Labels ?? {};
  const finishedAt = milliseconds(info.State.FinishedAt);
  const createdAt = milliseconds(info.Created);
  const { state, reason } = stateOf(info.State, finishedAt);
  const neverRan = reason === 'ContainerCannotRun';
  return {
    id: info.Id,
    sandboxId: labels[LABEL_SANDBOX_ID] ?? '',
    pod: podOfLabels(labels),
    name: labels[LABEL_CONTAINER_NAME] ?? '',
    attempt: Number(labels[LABEL_ATTEMPT] ?? '0'),
    state,
    image: labels[LABEL_IMAGE] ?? info.Config.Image,
    imageId: `docker://${info.Image}`,
    specHash: labels[LABEL_CONTAINER_HASH] ?? '',
    createdAt,
    startedAt: neverRan ? createdAt : milliseconds(info.State.StartedAt),
    finishedAt: state === 'Exited' ? (neverRan ? createdAt : finishedAt) : 0,
    exitCode: state === 'Exited' ? info.State.ExitCode : 0,
    reason,
    message: state === 'Exited' ? info.State.Error : '',
    pid: state === 'Running' ? info.State.Pid : 0,
    logPath: info.LogPath ?? '',
    labels,
    tty: info.Config.Tty,
    mounts: (info.Mounts ?? []).map(mountOf),
  };
}

/** The engine keeps `FinishedAt` at year 1 until the first exit, and `created` with an exit code after a start that failed. */
function stateOf(state: ContainerInspectInfo['State'], finishedAt: number): { readonly state: ContainerState; readonly reason: string } {
  if (state.Running) return { state: 'Running', reason: '' };
  if (finishedAt > 0) return { state: 'Exited', reason: state.OOMKilled ? 'OOMKilled' : state.ExitCode === 0 ? 'Completed' : 'Error' };
  if (state.ExitCode !== 0) return { state: 'Exited', reason: 'ContainerCannotRun' };
  return { state: state.Status === 'created' ? 'Created' : 'Unknown', reason: '' };
}

function mountOf(mount: ContainerInspectInfo['Mounts'][number]): Mount {
  return { hostPath: mount.Source, containerPath: mount.Destination, readOnly: !mount.RW, propagation: 'private' };
}

/** 0 for Go's zero time. */
export function milliseconds(time: string): number {
  const value = Date.parse(time);
  return Number.isNaN(value) || value < 0 ? 0 : value;
}

/** `docker-pullable://name@sha256:…` where the image came from a registry, else `docker://sha256:…`. */
export function imageIdOf(image: Pick<ImageInspectInfo, 'Id' | 'RepoDigests'>): string {
  const digest = image.RepoDigests?.[0];
  return digest === undefined ? `docker://${image.Id}` : `docker-pullable://${digest}`;
}
