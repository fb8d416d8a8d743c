import { join } from 'node:path';
import { parseFlags } from '../process/flags.ts';
import { clusterFlags, type ClusterSettings, clusterSettings, type HostIdentity, type Paths } from './clusterSettings.ts';
import { readJson, writeJson } from './supervisor/supervisorFiles.ts';

/** The cluster's etcd, where its members are not started by Gantry. */
export interface ExternalEtcd {
  /** URLs of the members. */
  readonly endpoints: readonly string[];
}

/** What a machine is in its cluster. */
export interface MachineRole {
  /** Whether API server, scheduler and controllers run here. */
  readonly controlPlane: boolean;
  /** Whether a member of etcd runs here. */
  readonly etcd: boolean;
  readonly externalEtcd?: ExternalEtcd;
  /** For a member that joined others: all members when it did, as `name=peer URL`. */
  readonly initialCluster?: readonly string[];
  /** Whether that member has no vote yet. */
  readonly learner?: boolean;
  /** URLs of the members on other machines when this one joined; the API server learns of later ones by itself. */
  readonly otherMembers?: readonly string[];
  /** Whether a control plane goes on taking pods when other machines do. */
  readonly schedulable?: boolean;
  /** The cluster's settings and the flags by which the machine joined: every later command comes to the same settings. */
  readonly words: readonly string[];
  /** Of a machine that joined: the hash of its cluster's authority. */
  readonly joined?: string;
}

/** A machine that `up` makes a cluster of. */
export const WHOLE_CLUSTER: MachineRole = { controlPlane: true, etcd: true, words: [] };

const file = (paths: Paths): string => join(paths.state, 'role.json');

/** Undefined where the machine has no role yet, or was made a cluster by a version that knew no others. */
export const readRole = (paths: Paths): MachineRole | undefined => readJson(file(paths)) as MachineRole | undefined;

export const writeRole = (paths: Paths, role: MachineRole): void => writeJson(file(paths), role);

/** The settings of the command line over those by which the machine joined. */
export function withRole(settings: ClusterSettings, { words }: MachineRole, host: HostIdentity): ClusterSettings {
  return words.length === 0 ? settings : clusterSettings(parseFlags(clusterFlags, [...words, ...settings.words]).values, host);
}
