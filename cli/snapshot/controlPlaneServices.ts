import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCommand } from '../../host/command.ts';
import type { Clock } from '../../process/clock.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { isAlive } from '../supervisor/processMark.ts';
import { startSupervisor, stopSupervisor } from '../supervisor/startSupervisor.ts';
import { lockHolder, planFile, readPlan, readState, type SupervisorPlan, writeJson } from '../supervisor/supervisorFiles.ts';
import { NODE_FLAGS } from '../up/services.ts';
import { activeServices } from '../up/systemd.ts';
import { systemdUnits, unitName } from '../up/systemdUnits.ts';

const UNITS = '/etc/systemd/system';

const underSystemd = (): boolean => existsSync('/run/systemd/system');

/** Whether anything of the cluster runs on this machine. */
export async function clusterRuns({ name, paths }: ClusterSettings): Promise<boolean> {
  const plan = readPlan(paths);
  if (plan && underSystemd() && (await activeServices(name, plan.services)) !== 'none') return true;
  return lockHolder(paths) !== undefined || (readState(paths)?.services ?? []).some(({ process: mark }) => mark && isAlive(mark));
}

/**
 * Stops etcd and the API server, so that etcd's data can be changed, and gives what starts them again, as a plan for them then says. With systemd nothing else is touched;
 * Gantry's own supervisor stops the node's agent and the engine too, whose containers go on all the same.
 */
export async function stopControlPlane(settings: ClusterSettings, plan: SupervisorPlan, clock: Clock): Promise<(plan: SupervisorPlan) => Promise<void>> {
  if (!underSystemd()) {
    await stopSupervisor(settings, clock);
    const folder = join(settings.paths.versions, plan.version);
    return (next) => {
      writeJson(planFile(settings.paths), next);
      return startSupervisor([join(folder, 'node'), ...NODE_FLAGS.supervisor, join(folder, 'supervisor.mjs')], settings, clock);
    };
  }
  const units = plan.services.filter(({ name }) => name === 'etcd' || name === 'server').map(({ name }) => unitName(settings.name, name));
  for (const unit of units.toReversed()) await checkCommand(['systemctl', 'stop', unit], { timeoutMilliseconds: 90_000 });
  return async (next) => {
    writeJson(planFile(settings.paths), next);
    for (const { file, content } of systemdUnits(settings.name, next.services)) if (units.includes(file)) writeFileSync(join(UNITS, file), content);
    await checkCommand(['systemctl', 'daemon-reload']);
    await checkCommand(['systemctl', 'start', ...units], { timeoutMilliseconds: 120_000 });
  };
}
