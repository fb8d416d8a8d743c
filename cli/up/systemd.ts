import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCommand, runCommand } from '../../host/command.ts';
import type { Service } from '../supervisor/supervisorFiles.ts';
import { systemdUnits, unitName } from './systemdUnits.ts';

const FOLDER = '/etc/systemd/system';
/** systemd runs its generators at each reload: many seconds on a machine that is short of time. */
const RELOAD_MILLISECONDS = 60_000;

/** Writes the units, enables them for every boot, and starts them in order. */
export async function startUnits(cluster: string, services: readonly Service[]): Promise<void> {
  for (const { file, content } of systemdUnits(cluster, services)) writeFileSync(join(FOLDER, file), content);
  await checkCommand(['systemctl', 'daemon-reload'], { timeoutMilliseconds: RELOAD_MILLISECONDS });
  const names = services.map(({ name }) => unitName(cluster, name));
  await checkCommand(['systemctl', 'enable', '--quiet', ...names], { timeoutMilliseconds: RELOAD_MILLISECONDS });
  await checkCommand(['systemctl', 'restart', ...names], { timeoutMilliseconds: 120_000 });
}

/** Stops the units in reverse order and removes them. */
export async function removeUnits(cluster: string, services: readonly Service[]): Promise<void> {
  for (const { name } of services.toReversed()) {
    const unit = unitName(cluster, name);
    await runCommand(['systemctl', 'disable', '--now', '--quiet', unit], { timeoutMilliseconds: 60_000 });
    rmSync(join(FOLDER, unit), { force: true });
  }
  await checkCommand(['systemctl', 'daemon-reload'], { timeoutMilliseconds: RELOAD_MILLISECONDS });
}

/** How many of the services run, or are about to after a failure. */
export async function activeServices(cluster: string, services: readonly Service[]): Promise<'all' | 'some' | 'none'> {
  // One line for each unit; the exit code is 0 as soon as one of them is active.
  const { stdout } = await runCommand(['systemctl', 'is-active', ...services.map(({ name }) => unitName(cluster, name))]);
  const states = stdout.trim().split('\n');
  if (states.every((state) => state === 'active')) return 'all';
  return states.some((state) => state === 'active' || state === 'activating') ? 'some' : 'none';
}
