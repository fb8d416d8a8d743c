import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { logFile, readPlan } from '../supervisor/supervisorFiles.ts';
import { unitName } from '../up/systemdUnits.ts';
import { PARTS, serviceOf } from './parts.ts';

/** Writes a component's log to standard output, and goes on with what comes when `follow`. */
export function logs(settings: ClusterSettings, component: string | undefined, follow: boolean, { signal }: Invocation): Promise<number> {
  const plan = readPlan(settings.paths);
  if (!plan) throw new UserError(`There is no cluster ${settings.name} on this machine.`);
  const names = plan.services.map(({ name }) => name);
  const service = component === 'supervisor' ? component : component === undefined ? undefined : serviceOf(component, names);
  if (!service) throw new UserError(`Whose logs? One of: ${names.flatMap((name) => PARTS[name] ?? [name]).join(', ')}`);
  const systemd = existsSync('/run/systemd/system');
  const file = logFile(settings.paths, service);
  if (!systemd && !existsSync(file)) throw new UserError(`There is no ${file} yet.`);
  const command = systemd ? ['journalctl', '--output=cat', '--no-pager', ...(follow ? ['--follow'] : []), '--unit', unitName(settings.name, service)] : ['tail', '-n', '+1', ...(follow ? ['-F'] : []), file];
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), { stdio: 'inherit', signal });
    child.on('error', (error) => (error.name === 'AbortError' ? resolve(0) : reject(error)));
    child.on('exit', (code) => resolve(code ?? 0));
  });
}
