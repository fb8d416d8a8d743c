import { existsSync } from 'node:fs';
import type { Clock } from '../../process/clock.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { stopSupervisor } from '../supervisor/startSupervisor.ts';
import { readPlan } from '../supervisor/supervisorFiles.ts';
import { removeUnits } from './systemd.ts';

/** Stops what runs of the cluster on this machine, in order; pods go on. */
export async function stopServices(settings: ClusterSettings, clock: Clock): Promise<void> {
  if (existsSync('/run/systemd/system')) await removeUnits(settings.name, readPlan(settings.paths)?.services ?? []);
  else await stopSupervisor(settings, clock);
}
