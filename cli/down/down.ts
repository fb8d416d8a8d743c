import { existsSync, rmSync } from 'node:fs';
import type { ClusterSettings } from '../clusterSettings.ts';
import { bootId, readHostRecord } from '../hostRecord.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { isAlive, signalProcess } from '../supervisor/processMark.ts';
import { stopSupervisor } from '../supervisor/startSupervisor.ts';
import { readPlan, readState } from '../supervisor/supervisorFiles.ts';
import { askEngine } from '../up/hostFacts.ts';
import { restoreKernel } from '../up/kernel.ts';
import { removeUnits } from '../up/systemd.ts';
import { removeUserKubeconfig } from '../up/writeUserKubeconfig.ts';
import { removeContainers, withEngine } from './containers.ts';
import { removeLinks, removePodCgroups, removeRules, unmountAll } from './hostTraces.ts';

/**
 * Stops the cluster and takes everything of it off the host, in an order in which nothing is made anew by what is still
 * there. May be run again after an interruption; the data stays unless `purge`.
 */
export async function down(settings: ClusterSettings, purge: boolean, { terminal, clock, ...rest }: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry down changes this machine and must be run as root (try: sudo npm run down).');
  const { paths, name } = settings;
  const record = readHostRecord(paths);
  const plan = readPlan(paths);
  if (!record && !plan) {
    terminal.say(`There is no cluster ${name} on this machine.`);
    return;
  }
  if (plan && existsSync('/run/systemd/system')) await removeUnits(name, plan.services);
  else if (await stopSupervisor(settings, clock)) terminal.say('Stopped the services');
  await endLeftServices(settings, clock.sleep.bind(clock));

  const docker = record?.bootId === bootId() && record.dockerStarted;
  const clear = async (): Promise<void> => {
    const count = await removeContainers(settings);
    if (count > 0) terminal.say(`Removed ${count} containers`);
  };
  const dockerService = plan?.services.find((service) => service.name === 'docker');
  if (await askEngine(settings.dockerSocket)) await clear();
  else if (dockerService) await withEngine(dockerService.command, settings, clock, clear);
  else terminal.complain(`Docker does not answer on ${settings.dockerSocket}: containers of the cluster may be left. Start it and run gantry down again.`);

  const scope = { docker: docker && !(await askEngine(settings.dockerSocket)) };
  await unmountAll(settings);
  await removeRules(scope);
  await removeLinks(settings, scope);
  removePodCgroups(settings.instance);
  removeUserKubeconfig(settings, { terminal, clock, ...rest });
  restoreKernel(paths);
  rmSync(paths.run, { recursive: true, force: true });
  if (purge) {
    for (const folder of [paths.kubelet, paths.kubernetes, paths.podLogs, paths.containerLogs, paths.logs, paths.state]) rmSync(folder, { recursive: true, force: true });
  }
  terminal.say(purge ? 'The cluster and its data are gone.' : `The cluster is down; its data stays in ${paths.state} (gantry down --purge removes it).`);
}

/** What a supervisor that was killed has left running. */
async function endLeftServices({ paths }: ClusterSettings, sleep: (milliseconds: number) => Promise<void>): Promise<void> {
  for (const { process: mark } of (readState(paths)?.services ?? []).toReversed()) {
    if (!mark) continue;
    signalProcess(mark, 'SIGTERM');
    for (let waited = 0; isAlive(mark) && waited < 15_000; waited += 50) await sleep(50);
    signalProcess(mark, 'SIGKILL');
  }
}
