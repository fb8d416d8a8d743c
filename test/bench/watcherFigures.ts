import type { Figure } from './figures.ts';
import { quantile } from './load.ts';
import { LoneServers } from './loneServers.ts';
import { settledMebibytes } from './serverMemory.ts';
import { type Spread, Watching, WRITES } from './watching.ts';

const MANY = 1000;
const NAMESPACE = 'bench-watchers';

/** 1, 50 and 1,000 watchers of one kind: memory for each, and milliseconds from sending a write to its receipts. Each write waits until the last has come to everybody. */
export async function watcherFigures(many = MANY): Promise<Figure[]> {
  const lone = await LoneServers.open();
  let bench: Watching | undefined;
  try {
    process.stderr.write('measuring: watchers\n');
    const server = await lone.start();
    await server.admin('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    bench = new Watching(server, NAMESPACE);
    await bench.write(100, 0);
    await bench.begin(1);
    const one = await bench.see(1);
    bench.disconnect();
    await bench.begin(50);
    const fifty = await bench.see(50);
    bench.disconnect();
    const without = await settledMebibytes(server.pid);
    await bench.connect(many);
    const connected = await settledMebibytes(server.pid);
    await bench.begin(many);
    const watched = await settledMebibytes(server.pid);
    const all = await bench.see(many);
    const written = await settledMebibytes(server.pid);
    bench.disconnect();
    // Each wants another label, and every object has the first one's.
    await bench.begin(many, (index) => `&labelSelector=number%3D${index}`);
    const selecting = await bench.see(1);
    return [
      ...rows('1 watcher', one),
      ...rows('50 watchers', fifty, one),
      ...rows(`${many} watchers`, all, one),
      ...rows(`${many} watchers, of whom one selects the object`, selecting, one),
      { name: `memory of the server, ${many} watchers (reference: none)`, value: watched, unit: 'MiB', reference: without },
      { name: `the same after ${WRITES} writes, each to all of them`, value: written, unit: 'MiB', reference: without },
      { name: 'memory for each watcher (reference: for each idle connection)', value: ((watched - without) / many) * 1024, unit: 'KiB', reference: ((connected - without) / many) * 1024 },
    ];
  } finally {
    bench?.disconnect();
    await lone.close();
  }
}

function rows(who: string, { latencies, cpu }: Spread, one?: Spread): Figure[] {
  const of = (share: number): Omit<Figure, 'name'> => ({ value: quantile(latencies, share), unit: 'ms', ...(one ? { reference: quantile(one.latencies, share) } : {}) });
  return [
    { name: `${who}: write to receipt, p50`, ...of(0.5) },
    { name: `${who}: write to receipt, p99`, ...of(0.99) },
    { name: `${who}: CPU of the server for each write`, value: cpu, unit: 'µs', ...(one ? { reference: one.cpu } : {}) },
  ];
}
