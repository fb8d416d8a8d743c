import type { Readable, Writable } from 'node:stream';
import type { SpaceUsed } from '../usedSpace.ts';

/** Who a sandbox or container belongs to; written onto it as labels, so that a kubelet which restarts finds its own. */
export interface PodIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

export interface DNSConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** What a sandbox is made from (CRI's `PodSandboxConfig`). */
export interface SandboxConfig {
  readonly pod: PodIdentity;
  /** 0 for the pod's first sandbox. */
  readonly attempt: number;
  readonly hostname: string;
  readonly hostNetwork: boolean;
  readonly hostPID: boolean;
  readonly hostIPC: boolean;
  /** Path of the pod's cgroup, `/kubepods/burstable/pod<uid>` or a systemd slice. */
  readonly cgroupParent: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly dns: DNSConfig;
}

export type SandboxState = 'Ready' | 'NotReady';

export interface Sandbox {
  readonly id: string;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly state: SandboxState;
  readonly hostNetwork: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Process id of its pause process while it is Ready, else 0: the door to its namespaces. */
  readonly pid: number;
}

export interface Mount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
  readonly propagation: 'private' | 'rslave' | 'rshared';
}

export interface DeviceMapping {
  readonly hostPath: string;
  readonly containerPath: string;
  /** Of `rwm`. */
  readonly permissions: string;
}

export interface LinuxResources {
  /** cgroup v1 shares: 1024 for one CPU. */
  readonly cpuShares: number;
  /** Microseconds per period; 0 for no limit. */
  readonly cpuQuota: number;
  /** Microseconds. */
  readonly cpuPeriod: number;
  /** Bytes; 0 for no limit. */
  readonly memoryLimit: number;
  readonly oomScoreAdj: number;
}

export interface LinuxSecurity {
  readonly privileged: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly noNewPrivileges: boolean;
  /** Undefined: as the image says. */
  readonly runAsUser: number | undefined;
  readonly runAsGroup: number | undefined;
  readonly supplementalGroups: readonly number[];
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  /** `RuntimeDefault`, `Unconfined`, or the JSON of a profile. */
  readonly seccomp: string;
  readonly sharedPID: 'container' | 'pod' | 'host';
  readonly hostIPC: boolean;
  /** Undefined: the runtime's default profile. */
  readonly appArmorProfile: string | undefined;
  /** `user:role:type:level`, parts may be empty; undefined for the runtime's default. */
  readonly seLinuxLabel: string | undefined;
}

/** What a container is made from (CRI's `ContainerConfig`). */
export interface ContainerConfig {
  readonly pod: PodIdentity;
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  /** Undefined or empty: as the image says. */
  readonly command: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly workingDir: string | undefined;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly DeviceMapping[];
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly stopSignal: string | undefined;
  readonly hostNetwork: boolean;
  readonly cgroupParent: string;
  readonly resources: LinuxResources;
  readonly security: LinuxSecurity;
  /** Changes of it restart the container. */
  readonly specHash: string;
  /** Further labels to be found again after a restart of the kubelet. */
  readonly labels: Readonly<Record<string, string>>;
}

export type ContainerState = 'Created' | 'Running' | 'Exited' | 'Unknown';

/** CRI's `ContainerStatus`. Times are milliseconds since the epoch, 0 where there is none. */
export interface Container {
  readonly id: string;
  readonly sandboxId: string;
  readonly pod: PodIdentity;
  readonly name: string;
  readonly attempt: number;
  readonly state: ContainerState;
  /** The image as the pod names it. */
  readonly image: string;
  /** `docker-pullable://name@sha256:…` where it came from a registry, else `docker://sha256:…`. */
  readonly imageId: string;
  readonly specHash: string;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  /** `Completed`, `Error`, `OOMKilled` or `ContainerCannotRun` when it has exited. */
  readonly reason: string;
  readonly message: string;
  /** Process id of its first process while it runs, else 0. */
  readonly pid: number;
  /** File that the runtime writes its output to. */
  readonly logPath: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly tty: boolean;
  readonly mounts: readonly Mount[];
}

/** Everything the runtime has of one pod, newest first. */
export interface RuntimePod {
  readonly pod: PodIdentity;
  readonly sandboxes: readonly Sandbox[];
  readonly containers: readonly Container[];
}

export interface RuntimeImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  /** Bytes. */
  readonly size: number;
  /** What the image runs as: a uid, or a name; '' for root. */
  readonly user: string;
}

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
  readonly serverAddress: string;
}

/** Something happened to a container or sandbox of this pod; what, is to be asked. */
export interface RuntimeEvent {
  readonly kind: 'pod';
  readonly podUid: string;
}

/** Events may have been lost (the engine was away): everything is to be looked at again. */
export interface RuntimeReconnected {
  readonly kind: 'reconnected';
}

export interface RuntimeInfo {
  /** `docker`. */
  readonly name: string;
  readonly version: string;
  readonly cgroupDriver: 'cgroupfs' | 'systemd';
  readonly cgroupVersion: 1 | 2;
  readonly liveRestore: boolean;
  /** Directory of its data, whose disk is the image file system. */
  readonly rootDirectory: string;
  /** Host of the registry that images without one are pulled from. */
  readonly defaultRegistry: string;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export interface StreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** A running exec or attach. With a tty there is no stderr. */
export interface ProcessStream {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  resize(columns: number, rows: number): Promise<void>;
  /** The exit code, when the process has ended and its output is complete; undefined for one that was left. */
  readonly exit: Promise<number | undefined>;
  close(): void;
}

export interface ContainerStats {
  readonly containerId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly cpuNanoseconds: number;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryRssBytes: number;
  /** Processes and threads in it. */
  readonly processes: number;
}

/** No such sandbox, container or image. */
export class RuntimeNotFoundError extends Error {}

/**
 * A container runtime, in the terms of the Container Runtime Interface; nothing above it knows which one it is.
 * Stopping and removing what is gone is a success. Only what bears this cluster's and this node's labels is ever seen.
 */
export interface ContainerRuntime {
  info(): Promise<RuntimeInfo>;
  /** Every pod of ours, with everything that is left of it. */
  listPods(): Promise<readonly RuntimePod[]>;
  pod(identity: PodIdentity): Promise<RuntimePod>;
  /** By uid of each pod of ours a text that differs when one of its sandboxes or containers came, went, started or ended; one cheap question. */
  fingerprints(): Promise<ReadonlyMap<string, string>>;

  /** Creates and starts a sandbox, without a network unless it is the host's. */
  runSandbox(config: SandboxConfig): Promise<Sandbox>;
  stopSandbox(id: string): Promise<void>;
  removeSandbox(id: string): Promise<void>;

  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /** Throws with the runtime's reason; the container is then Exited with `ContainerCannotRun`. */
  startContainer(id: string): Promise<void>;
  /** Where the engine writes the container's output; '' where it does not, or the container is gone. */
  logPath(id: string): Promise<string>;
  /** Stop signal, then SIGKILL after the grace; a second call with less grace shortens the first. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;

  /** Runs to the end; throws `ExecTimeoutError` where it takes longer. Output is cut at 64 KiB. */
  execSync(id: string, command: readonly string[], timeoutMilliseconds: number): Promise<ExecResult>;
  exec(id: string, command: readonly string[], options: StreamOptions): Promise<ProcessStream>;
  attach(id: string, options: StreamOptions): Promise<ProcessStream>;
  stats(containerId: string): Promise<ContainerStats>;
  /** What these containers wrote into their own file systems, by id. */
  writableLayers(containerIds: readonly string[]): Promise<ReadonlyMap<string, SpaceUsed>>;

  image(reference: string): Promise<RuntimeImage | undefined>;
  listImages(): Promise<readonly RuntimeImage[]>;
  /** Resolves to the image's id. */
  pullImage(reference: string, auth: RegistryAuth | undefined): Promise<string>;
  removeImage(id: string): Promise<void>;

  /** Ends with the signal; a lost connection is made again and told as `reconnected`. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent | RuntimeReconnected>;
}

/** A command that did not end in its time. */
export class ExecTimeoutError extends Error {}
