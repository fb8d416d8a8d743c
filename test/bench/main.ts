import { cpus, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { failoverFigures } from './failoverFigures.ts';
import { type Figure, table } from './figures.ts';
import { memoryFigures } from './memoryFigures.ts';
import { networkFigures } from './networkFigures.ts';
import { nodeFigures } from './nodeFigures.ts';
import { startFigures } from './startFigures.ts';

/**
 * `npm run bench [SCENARIO …]`: brings up a cluster in a host of its own, measures it, and prints a table. The reference column is what
 * a Kubernetes 1.20 with the Docker engine reached on a machine of this kind: only ratios mean something.
 */
const INSIDE = ['api', 'webhooks', 'watch', 'pods', 'scheduler'] as const;
/** Those that make hosts of their own. */
const ON_OTHER_HOSTS = ['network', 'failover', 'nodes'] as const;
const node = process.execPath;

const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const rig = await createRig();
try {
  process.stdout.write(`${machine()}\n\n${table(await measure(rig))}\n`);
} finally {
  await rig.close();
}

async function measure(on: Rig): Promise<Figure[]> {
  // On hosts of its own, before anything else runs.
  const figures = isWanted('network') ? await networkFigures() : [];
  if (isWanted('failover')) figures.push(...(await failoverFigures()));
  if (isWanted('nodes')) figures.push(...(await nodeFigures()));
  if (wanted.length > 0 && wanted.every((name) => ON_OTHER_HOSTS.some((other) => other === name))) return figures;
  const host = await on.addHost('bench');
  const began = await startFigures(host);
  if (isWanted('start')) figures.push(...began);
  if (isWanted('memory')) figures.push(...(await memoryFigures(host)));
  await loadImages(host, { 'web:1': 'web' });
  for (const scenario of INSIDE) if (isWanted(scenario)) figures.push(...(await inside(host, scenario)));
  return figures;
}

async function inside(host: RigHost, scenario: string): Promise<Figure[]> {
  process.stderr.write(`measuring: ${scenario}\n`);
  const output = await host.check([node, `${repositoryRoot}/test/bench/inside.ts`, scenario, '/root/.kube/config'], { timeoutMilliseconds: 300_000 });
  return JSON.parse(output) as Figure[];
}

function machine(): string {
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  return `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${kernel}, Node.js ${process.versions.node}`;
}
