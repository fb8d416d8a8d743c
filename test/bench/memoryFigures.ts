import type { RigHost } from '../rig/host.ts';
import type { Figure } from './figures.ts';

const IDLE_MILLISECONDS = 30_000;

/** Resident memory of each of our processes after half a minute without work. */
export async function memoryFigures(host: RigHost): Promise<Figure[]> {
  process.stderr.write('measuring: memory\n');
  await new Promise((resolve) => setTimeout(resolve, IDLE_MILLISECONDS));
  const listed = await host.check(['ps', '-e', '-o', 'rss=,args=']);
  const processes = listed
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
    .flatMap((match) => (match ? [{ mebibytes: Number(match[1]) / 1024, command: match[2]! }] : []));
  const ours = processes.flatMap(({ mebibytes, command }) => {
    const name = command.includes('/supervisor.mjs') ? 'supervisor' : /\/gantry\.mjs\s+(\S+)/.exec(command)?.[1];
    return name === undefined ? [] : [{ mebibytes, name }];
  });
  const etcd = processes.filter(({ command }) => /(^|\/)etcd /.test(command)).reduce((sum, { mebibytes }) => sum + mebibytes, 0);
  return [
    ...ours.map(({ name, mebibytes }) => ({ name: `memory of ${name}, idle`, value: mebibytes, unit: 'MiB' })),
    { name: 'memory of all of them (without etcd)', value: ours.reduce((sum, { mebibytes }) => sum + mebibytes, 0), unit: 'MiB', reference: 582 },
    { name: 'memory of etcd', value: etcd, unit: 'MiB', reference: 51 },
  ];
}
