import { respondText } from '../handlers/respond.ts';
import type { PathHandler } from '../types.ts';
import { assumedWork } from './fairQueues.ts';
import type { Waiting } from './fairQueues.ts';
import type { FlowControl } from './flowControl.ts';
import { seatsOf } from './workEstimate.ts';
import type { WorkEstimate } from './workEstimate.ts';

type Row = readonly string[];

/** `/debug/api_priority_and_fairness/`: what is waiting where, as tables with commas (`apf_controller_debug.go`). */
export function debugHandlers(control: FlowControl): PathHandler[] {
  const path = (name: string): string => `/debug/api_priority_and_fairness/${name}`;
  return [
    { path: path('dump_priority_levels'), handle: async () => respondText(200, table(levelRows(control))) },
    { path: path('dump_queues'), handle: async () => respondText(200, table(queueRows(control))) },
    { path: path('dump_requests'), handle: async ({ request }) => respondText(200, table(requestRows(control, (request.query.get('includeRequestDetails') ?? '') !== ''))) },
  ];
}

const NONE = '<none>';
/** As Go writes a duration. */
const lingering = ({ lingerMilliseconds }: WorkEstimate): string => (lingerMilliseconds === 0 ? '0s' : `${lingerMilliseconds}ms`);
const seatSeconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(8)}ss`;

function levelRows({ levels }: FlowControl): Row[] {
  const rows = [['PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests']];
  for (const { name, isExempt, isQuiescing, queues } of levels) {
    const active = queues.queues.filter(({ waiting }) => waiting.length > 0).length;
    rows.push(isExempt ? [name, NONE, NONE, NONE, NONE, NONE] : [name, String(active), String(queues.isIdle), String(isQuiescing), String(queues.waiting), String(queues.executing)]);
  }
  return rows;
}

function queueRows({ levels }: FlowControl): Row[] {
  const rows = [['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse', 'NextDispatchR', 'InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum']];
  for (const { name, isExempt, queues } of levels) {
    if (isExempt) rows.push([name, ...Array.from({ length: 8 }, () => NONE)]);
    queues.queues.forEach(({ waiting, executing, seatsInUse, nextStart }, at) => {
      const sumOf = (figure: (work: WorkEstimate) => number): number => waiting.reduce((sum, { work }) => sum + figure(work), 0);
      const seats = [String(sumOf(({ initialSeats }) => initialSeats)), String(sumOf(seatsOf)), seatSeconds(sumOf(assumedWork))];
      rows.push([name, String(at), String(waiting.length), String(executing), String(seatsInUse), seatSeconds(nextStart), ...seats]);
    });
  }
  return rows;
}

function requestRows({ levels }: FlowControl, withDetails: boolean): Row[] {
  const details = withDetails ? ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'] : [];
  const rows = [['PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistingsher', 'ArriveTime', 'InitialSeats', 'FinalSeats', 'AdditionalLatency', ...details]];
  for (const { name, queues } of levels) {
    queues.queues.forEach(({ waiting }, queue) =>
      waiting.forEach((each, at) => {
        const row = [name, each.schema, String(queue), String(at), each.distinguisher, new Date(each.arrived).toISOString(), String(each.work.initialSeats), String(each.work.finalSeats), lingering(each.work)];
        rows.push(withDetails ? [...row, ...detailsOf(each)] : row);
      }),
    );
  }
  return rows;
}

function detailsOf({ info, user }: Waiting): Row {
  const version = info.group === '' ? info.version : `${info.group}/${info.version}`;
  return [user.name, info.verb, info.path, info.namespace, info.name, version, info.resource, info.subresource];
}

/** Columns as Go's tabwriter sets them: at least 8 wide, one blank between. */
function table(rows: readonly Row[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(8, ...rows.map((row) => (row[at]?.length ?? 0) + 2)));
  return rows.map((row) => `${row.map((cell, at) => (at === row.length - 1 ? cell : `${cell},`.padEnd(widths[at]!))).join('')}\n`).join('');
}
