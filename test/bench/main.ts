import { cpus, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { applyFigures } from './applyFigures.ts';
import { crdFigures } from './crdFigures.ts';
import { failoverFigures } from './failoverFigures.ts';
import { type Figure, table } from './figures.ts';
import { memoryFigures } from './memoryFigures.ts';
import { networkFigures } from './networkFigures.ts';
import { nodeFigures } from './nodeFigures.ts';
import { objectFigures } from './objectFigures.ts';
import { referenceFigures } from './referenceFigures.ts';
import { serverCountFigures } from './serverCountFigures.ts';
import { startFigures } from './startFigures.ts';
import { turnFigures } from './turnFigures.ts';
import { watcherFigures } from './watcherFigures.ts';
import { webhookFigures } from './webhookFigures.ts';

/**
 * `npm run bench [SCENARIO …]`: brings up what is measured, measures it, and prints a table. The reference column is what a Kubernetes 1.20 with the
 * Docker engine reached on a machine of this kind, or what the row names: only ratios mean something.
 */
const INSIDE = ['api', 'watch', 'pods', 'scheduler'] as const;
/** Those that bring their own hosts, or need none: API servers with nothing but an etcd beside them. */
const BY_THEMSELVES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  network: networkFigures,
  failover: failoverFigures,
  nodes: nodeFigures,
  servers: serverCountFigures,
  objects: objectFigures,
  watchers: watcherFigures,
  apply: applyFigures,
  crds: crdFigures,
  webhooks: webhookFigures,
  reference: referenceFigures,
  turns: turnFigures,
};
/** Those of one cluster on one host. */
const IN_A_CLUSTER = ['start', 'memory', ...INSIDE];
const node = process.execPath;

const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
for (const name of wanted) if (!Object.hasOwn(BY_THEMSELVES, name) && !IN_A_CLUSTER.includes(name)) throw new Error(`there is no "${name}": ${[...Object.keys(BY_THEMSELVES), ...IN_A_CLUSTER].join(', ')}`);
const figures: Figure[] = [];
// Before anything else runs.
for (const [name, measure] of Object.entries(BY_THEMSELVES)) {
  if (!isWanted(name)) continue;
  figures.push(...(await measure()));
}
if (IN_A_CLUSTER.some(isWanted)) figures.push(...(await inCluster()));
process.stdout.write(`${machine()}\n\n${table(figures)}\n`);

async function inCluster(): Promise<Figure[]> {
  const rig = await createRig();
  try {
    return await measureCluster(rig);
  } finally {
    await rig.close();
  }
}

async function measureCluster(on: Rig): Promise<Figure[]> {
  const figures: Figure[] = [];
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
