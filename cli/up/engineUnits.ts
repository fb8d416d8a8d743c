import { readFileSync, writeFileSync } from 'node:fs';
import { checkCommand, runCommand } from '../../host/command.ts';
import type { Paths } from '../clusterSettings.ts';
import { removeEngineConfiguration } from './engineConfiguration.ts';
import { changeHostRecord, type EngineBefore, readHostRecord } from '../hostRecord.ts';

/** Those of Debian's docker.io and containerd, the sockets before what they start. */
const UNITS = ['docker.socket', 'docker.service', 'containerd.service'];
const FORWARDING = 'net/ipv4/ip_forward';

/** Starts the machine's Docker, for every boot from now on, and notes what has to be stopped again. */
export async function startEngine(paths: Paths): Promise<void> {
  const { dockerInstalled, engineBefore, sysctls } = changeHostRecord(paths, {});
  if (!engineBefore) changeHostRecord(paths, { engineBefore: await observeEngine(dockerInstalled, sysctls[FORWARDING]) });
  await checkCommand(['systemctl', 'enable', '--now', '--quiet', 'docker.service'], { timeoutMilliseconds: 120_000 });
}

async function observeEngine(dockerInstalled: boolean, forwarding = readFileSync(`/proc/sys/${FORWARDING}`, 'utf8').trim()): Promise<EngineBefore> {
  const stopped: string[] = [];
  const disabled: string[] = [];
  for (const unit of UNITS) {
    if ((await runCommand(['systemctl', 'is-active', '--quiet', unit])).code === 0) continue;
    stopped.push(unit);
    // A unit that came with the package is enabled by its installation, which was ours.
    if (dockerInstalled || (await runCommand(['systemctl', 'is-enabled', '--quiet', unit])).code !== 0) disabled.push(unit);
  }
  return { stopped, disabled, forwarding };
}

/** Stops what `startEngine` has started, and only that; false when it was not `up` that started Docker. */
export async function stopEngine(paths: Paths): Promise<boolean> {
  const before = readHostRecord(paths)?.engineBefore;
  if (!before) return false;
  if (before.stopped.length > 0) await runCommand(['systemctl', 'stop', ...before.stopped], { timeoutMilliseconds: 90_000 });
  if (before.disabled.length > 0) await runCommand(['systemctl', 'disable', '--quiet', ...before.disabled]);
  writeFileSync(`/proc/sys/${FORWARDING}`, before.forwarding);
  removeEngineConfiguration();
  changeHostRecord(paths, { engineBefore: undefined });
  return true;
}
