import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../process/clock.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { downContainers } from '../containers/downContainers.ts';
import { readContainerCluster } from '../containers/record.ts';
import { bootId, changeHostRecord, readHostRecord } from '../hostRecord.ts';
import { InterruptedError, type Invocation, UserError } from '../invocation.ts';
import { inTurn } from '../turn.ts';
import { isAlive, signalProcess } from '../supervisor/processMark.ts';
import { stopSupervisor } from '../supervisor/startSupervisor.ts';
import { engineHold, lockHolder, readPlan, readState } from '../supervisor/supervisorFiles.ts';
import { askEngine } from '../up/hostFacts.ts';
import { stopEngine } from '../up/engineUnits.ts';
import { restoreKernel } from '../up/kernel.ts';
import { removeUnits } from '../up/systemd.ts';
import { removeUserKubeconfig } from '../up/writeUserKubeconfig.ts';
import { countContainers, removeContainers, withEngine } from './containers.ts';
import { removeFolder } from './removeFolder.ts';
import { removeLinks, removePodCgroups, removeRules, unmountAll } from './hostTraces.ts';

/**
 * Stops the cluster and takes everything of it off the host, in an order in which nothing is made anew by what is still
 * there. May be run again after an interruption; the data stays unless `purge`. `stopped` is called once the services have stopped.
 */
export async function down(settings: ClusterSettings, purge: boolean, invocation: Invocation, stopped?: () => Promise<void>): Promise<number> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry down changes this machine and must be run as root (try: sudo npm run down).');
  const { paths } = settings;
  const containers = readContainerCluster(paths);
  if (containers) {
    await inTurn(settings, invocation, () => downContainers(settings, containers, invocation));
    return 0;
  }
  // Nothing is written where nothing was.
  if (existsSync(paths.run)) return inTurn(settings, invocation, () => takeDown(settings, purge, invocation, stopped));
  return takeDown(settings, purge, invocation, stopped);
}

/** Gives the exit code: 1 where something may be left. */
async function takeDown(settings: ClusterSettings, purge: boolean, { terminal, clock, ...rest }: Invocation, stopped: (() => Promise<void>) | undefined): Promise<number> {
  const goOn = (): void => {
    if (rest.signal.aborted) throw new InterruptedError('Interrupted in the middle: run gantry down again to finish.');
  };
  const { paths, name } = settings;
  const record = readHostRecord(paths);
  const plan = readPlan(paths);
  if (!record && !plan) {
    terminal.say(`There is no cluster ${name} on this machine.`);
    return 0;
  }
  let cleared = record?.containersRemoved ?? false;
  let left = false;
  const clear = async (): Promise<void> => {
    const count = await removeContainers(settings);
    if (count > 0) terminal.say(`Removed ${count} containers`);
    cleared = true;
    changeHostRecord(paths, { containersRemoved: true });
  };
  if (plan && existsSync('/run/systemd/system')) await removeUnits(name, plan.services);
  else if (lockHolder(paths)) {
    const dockerHeld = plan?.services.some((service) => service.heldBy) ?? false;
    if (dockerHeld) writeFileSync(engineHold(paths), '');
    const stopping = stopSupervisor(settings, clock);
    // An engine that has no containers any more ends at once.
    if (dockerHeld) await whileEngineIsHeld(settings, clock, clear);
    await stopping;
    terminal.say('Stopped the services');
  }
  goOn();
  await endLeftServices(settings, clock.sleep.bind(clock));
  await stopped?.();
  goOn();

  let docker = record?.bootId === bootId() && record.dockerStarted;
  const dockerService = plan?.services.find((service) => service.name === 'docker');
  if (await askEngine(settings.dockerSocket)) {
    await clear();
    const others = record?.engineBefore ? await countContainers(settings) : 0;
    if (others > 0) terminal.say(`Docker goes on: it has ${others} containers that are not the cluster's`);
    else if (await stopEngine(paths)) {
      terminal.say('Stopped Docker, which up had started');
      docker = true;
    }
  } else if (dockerService && !cleared) await withEngine(dockerService.command, settings, clock, clear);
  else if (!cleared) {
    left = true;
    terminal.complain(`Docker does not answer on ${settings.dockerSocket}: containers of the cluster may be left. Start it and run gantry down again.`);
  }

  goOn();
  const scope = { docker: docker && !(await askEngine(settings.dockerSocket)) };
  await unmountAll(settings);
  await removeRules(scope);
  await removeLinks(settings, scope);
  await removePodCgroups(settings.instance, clock);
  removeUserKubeconfig(settings, { terminal, clock, ...rest });
  restoreKernel(paths);
  rmSync(paths.run, { recursive: true, force: true });
  if (purge && !left) {
    for (const folder of [paths.kubelet, paths.kubernetes, paths.podLogs, paths.containerLogs, paths.logs, paths.state]) removeFolder(folder);
  }
  if (left) return 1;
  terminal.say(purge ? 'The cluster and its data are gone.' : `The cluster is down; its data stays in ${paths.state} (gantry down --purge removes it).`);
  return 0;
}

/** Runs the action as soon as the agent has stopped, before the engine is; the supervisor is stopping meanwhile. */
async function whileEngineIsHeld({ paths }: ClusterSettings, clock: Clock, action: () => Promise<void>): Promise<void> {
  try {
    const agentRuns = (): boolean => readState(paths)?.services.some(({ name, state }) => name === 'agent' && state !== 'stopped') ?? false;
    for (const end = clock.monotonic() + 30_000; agentRuns() && clock.monotonic() < end; ) await clock.sleep(50);
    await action();
  } finally {
    rmSync(engineHold(paths), { force: true });
  }
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
