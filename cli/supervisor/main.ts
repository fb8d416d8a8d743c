import type { ComponentContext, RunningComponent } from '../../process/component.ts';
import type { Paths } from '../clusterSettings.ts';
import { supervise } from './supervisor.ts';
import { planFile, readPlan, releaseLock, takeLock } from './supervisorFiles.ts';

export interface SupervisorConfig {
  readonly paths: Paths;
}

/** Runs the services of the plan that `up` has written. Rejects when another supervisor of the same cluster runs. */
export async function start({ paths }: SupervisorConfig, context: ComponentContext): Promise<RunningComponent> {
  const plan = readPlan(paths);
  if (!plan) throw new Error(`there is no ${planFile(paths)}: run gantry up`);
  if (!takeLock(paths)) throw new Error('another supervisor of this cluster runs');
  return { stopped: supervise(plan, paths, context).finally(() => releaseLock(paths)) };
}
