import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../clusterSettings.ts';
import { readJson, writeJson } from '../supervisor/supervisorFiles.ts';

/** A cluster whose machines are containers of this computer's Docker engine. */
export interface ContainerCluster {
  /** Names of the containers, which are the nodes' names too; control planes first. */
  readonly nodes: readonly string[];
  readonly controlPlanes: number;
  readonly network: string;
  /** The user's kubeconfig that the context was written to; undefined while it was not. */
  readonly kubeconfig?: string;
}

const file = (paths: Paths): string => join(paths.state, 'containers.json');

export const readContainerCluster = (paths: Paths): ContainerCluster | undefined => readJson(file(paths)) as ContainerCluster | undefined;
export const writeContainerCluster = (paths: Paths, cluster: ContainerCluster): void => writeJson(file(paths), cluster);
export const forgetContainerCluster = (paths: Paths): void => rmSync(file(paths), { force: true });
