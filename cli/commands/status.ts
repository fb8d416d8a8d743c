import { existsSync } from 'node:fs';
import { runCommand } from '../../host/command.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import type { Invocation } from '../invocation.ts';
import { isAlive } from '../supervisor/processMark.ts';
import { lockHolder, logFile, readPlan, readState } from '../supervisor/supervisorFiles.ts';
import { unitName } from '../up/systemdUnits.ts';
import { formatTime } from '../../process/clock.ts';
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
export async function status(settings: ClusterSettings, { terminal }: Invocation): Promise<number> {
  const plan = readPlan(settings.paths);
  if (!plan) {
    terminal.say(`There is no cluster ${settings.name} on this machine. Start one with: npm run up`);
    return 1;
  }
  const rows = existsSync('/run/systemd/system') ? await unitRows(settings) : supervisedRows(settings);
  terminal.say(table(rows));
  return rows.every(({ state }) => state === 'running') ? 0 : 1;
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

/** One row per component: several may share a process. */
function rowsOf(service: string, row: Omit<Row, 'name'>): Row[] {
  return (PARTS[service] ?? [service]).map((name) => ({ name, ...row }));
}

function table(rows: readonly Row[]): string {
  const columns = ['name', 'state', 'since', 'restarts', 'version', 'log'] as const;
  const lines = [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => row[column]))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines.map((line) => line.map((cell, at) => cell.padEnd(widths[at]!)).join('   ').trimEnd()).join('\n');
}
