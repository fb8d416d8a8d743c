import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { RestClient } from '../../client/restClient.ts';
import { runCommand } from '../../host/command.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import type { Invocation } from '../invocation.ts';
import { isAlive } from '../supervisor/processMark.ts';
import { lockHolder, logFile, readPlan, readState } from '../supervisor/supervisorFiles.ts';
import { unitName } from '../up/systemdUnits.ts';
import { formatTime } from '../../process/clock.ts';
import { expirationInfo, expirationWarnings } from '../certs/expiration.ts';
import { machineCertificates } from '../certs/machineCertificates.ts';
import { askDocker } from '../containers/engine.ts';
import { readContainerCluster } from '../containers/record.ts';
import { table } from '../terminal.ts';
import { PARTS } from './parts.ts';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly since: string;
  readonly restarts: string;
  readonly version: string;
  readonly log: string;
}

/** Says of each component whether it runs; the exit code is 0 only when all do. */
export async function status(settings: ClusterSettings, invocation: Invocation): Promise<number> {
  const { terminal } = invocation;
  const plan = readPlan(settings.paths);
  const containers = readContainerCluster(settings.paths);
  if (containers) {
    terminal.say(await askDocker(settings, ['ps', '--all', '--format', 'table {{.Names}}\t{{.Status}}\t{{.Image}}', ...containers.nodes.flatMap((node) => ['--filter', `name=^${node}$`])]));
    terminal.say(`Of one of them: docker exec ${containers.nodes[0]!} gantry status`);
    return 0;
  }
  if (!plan) {
    terminal.say(`There is no cluster ${settings.name} on this machine. Start one with: npm run up`);
    return 1;
  }
  const rows = existsSync('/run/systemd/system') ? await unitRows(settings) : supervisedRows(settings);
  terminal.say(table(cells(rows)));
  const advice = adviceFor(rows);
  for (const line of advice) terminal.say(line);
  const trouble = advice.length > 0 ? undefined : await clusterTrouble(settings, invocation);
  if (trouble) terminal.say(`\n${trouble}`);
  // Kubeconfigs are for root alone.
  if (process.geteuid?.() === 0) for (const line of expirationWarnings(expirationInfo(machineCertificates(settings.paths), invocation.clock.now()))) terminal.say(line);
  return advice.length === 0 && !trouble ? 0 : 1;
}

function supervisedRows({ paths }: ClusterSettings): Row[] {
  const plan = readPlan(paths)!;
  const state = readState(paths);
  const supervised = lockHolder(paths) !== undefined;
  return plan.services.flatMap(({ name }) => {
    const service = state?.services.find((each) => each.name === name);
    const alive = service?.process !== undefined && isAlive(service.process);
    const restarts = service ? `${service.restarts}${service.lastEnd ? ` (${service.lastEnd})` : ''}` : '';
    return rowsOf(name, {
      state: alive ? (supervised ? 'running' : 'running, unsupervised') : supervised ? (service?.state ?? 'starting') : 'stopped',
      since: service ? formatTime(service.since) : '',
      restarts,
      version: name === 'server' || name === 'agent' ? plan.version : 'of the host',
      log: logFile(paths, name),
    });
  });
}

async function unitRows({ name: cluster, paths }: ClusterSettings): Promise<Row[]> {
  const plan = readPlan(paths)!;
  const rows: Row[] = [];
  for (const { name } of plan.services) {
    const unit = unitName(cluster, name);
    const { stdout } = await runCommand(['systemctl', 'show', unit, '--property=ActiveState,ActiveEnterTimestamp,NRestarts']);
    const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
    const state = value('ActiveState') === 'active' ? 'running' : value('ActiveState');
    rows.push(...rowsOf(name, { state, since: value('ActiveEnterTimestamp'), restarts: value('NRestarts'), version: name === 'etcd' ? 'of the host' : plan.version, log: `journalctl -u ${unit}` }));
  }
  return rows;
}

/** What to do about those that do not run; nothing when all do. */
export function adviceFor(rows: readonly Pick<Row, 'name' | 'state' | 'log'>[]): string[] {
  const dead = rows.filter(({ state }) => state !== 'running');
  if (dead.length === 0) return [];
  if (dead.length === rows.length && dead.every(({ state }) => state === 'stopped')) return ['', 'The cluster is stopped. Start it with: npm run up'];
  const lines = [...new Map(dead.map((row) => [row.log, row])).values()].flatMap(({ name, state }) => {
    if (state === 'waiting') return [`${name} has ended and is started again; why it ended: bin/gantry logs ${name}`];
    return state.includes('unsupervised') ? [] : [`${name} does not run; why: bin/gantry logs ${name}. Start it with: npm run up`];
  });
  return ['', ...lines, ...(dead.some(({ state }) => state.includes('unsupervised')) ? ['Nothing starts again what ends: the supervisor was killed. Start another one with: npm run up'] : [])];
}

/** All processes run: whether the API server is ready too, within two seconds. Only root can ask, and nobody else is told. */
async function clusterTrouble({ paths }: ClusterSettings, { clock }: Invocation): Promise<string | undefined> {
  const file = join(paths.kubernetes, 'admin.conf');
  if (process.geteuid?.() !== 0 || !existsSync(file)) return undefined;
  const client = new RestClient(loadKubeconfig(file), { component: 'status', clock });
  try {
    const answer = await Promise.race([client.raw({ method: 'GET', path: '/readyz?verbose' }), clock.sleep(2000)]);
    if (answer === undefined) return 'The API server does not answer within 2 s; why: bin/gantry logs apiserver';
    if (answer.status === 200) return undefined;
    return `The API server is not ready:\n${answer.body.toString().split('\n').filter((line) => line.startsWith('[-]')).join('\n')}\nWhy: bin/gantry logs apiserver, bin/gantry logs etcd`;
  } catch (error) {
    return `The API server cannot be asked: ${error instanceof Error ? error.message : String(error)}; why: bin/gantry logs apiserver`;
  } finally {
    client.close();
  }
}

/** One row per component: several may share a process. */
function rowsOf(service: string, row: Omit<Row, 'name'>): Row[] {
  return (PARTS[service] ?? [service]).map((name) => ({ name, ...row }));
}

const COLUMNS = ['name', 'state', 'since', 'restarts', 'version', 'log'] as const;
const cells = (rows: readonly Row[]): string[][] => [COLUMNS.map((column) => column.toUpperCase()), ...rows.map((row) => COLUMNS.map((column) => row[column]))];
