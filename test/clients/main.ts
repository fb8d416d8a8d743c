import { type ControlPlane, startControlPlane } from '../rig/controlPlane.ts';
import { followWithClientNode } from './clientNode.ts';
import { buildGoProgram } from './goProgram.ts';
import { followWithGo } from './informers.ts';
import { deliverWithKustomize, kustomizePath } from './kustomize.ts';
import { npmPackages } from './npmPackages.ts';
import { liveWithGoOperator } from './operator/goOperator.ts';
import { liveWithNodeOperator } from './operator/nodeOperator.ts';
import { compareWithApimachinery } from './oracle/apimachinery.ts';
import { followWithPython } from './pythonClient.ts';
import { compareWithReference } from './reference/reference.ts';

/** What each client needs first, and what it does with a control plane of its own. */
const CLIENTS: Readonly<Record<string, (start: () => Promise<ControlPlane>) => Promise<void>>> = {
  'client-node': async (start) => {
    const plane = await start();
    await plane.run('create namespace node');
    await followWithClientNode(plane.kubeconfig, 'node');
  },
  'client-go': async (start) => {
    const program = await buildGoProgram('informers.go');
    await followWithGo(await start(), program);
  },
  apimachinery: async () => compareWithApimachinery(await buildGoProgram('oracle')),
  reference: async (start) => {
    const program = await buildGoProgram('server');
    await compareWithReference(await start(), program);
  },
  kustomize: async (start) => {
    const program = kustomizePath();
    await deliverWithKustomize(await start(), program);
  },
  'node-operator': async (start) => {
    const packages = npmPackages({ '@dot-i/k8s-operator': '1.3.9' });
    await liveWithNodeOperator(await start(), packages);
  },
  python: async (start) => followWithPython(await start()),
  'go-operator': async (start) => {
    const program = await buildGoProgram('operator');
    await liveWithGoOperator(await start(), program);
  },
};

/**
 * `npm run test:clients [-- NAME...]`: runs programs that were written with other languages' client libraries against control planes, and says what they saw.
 * Not part of the gate: building them the first time takes longer than all of it.
 */
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CLIENTS);
for (const name of names) {
  const run = CLIENTS[name];
  if (!run) throw new Error(`there is no ${name}: ${Object.keys(CLIENTS).join(', ')}`);
  let plane: ControlPlane | undefined;
  const began = performance.now();
  try {
    await run(async () => (plane = await startControlPlane()));
  } finally {
    await plane?.close();
  }
  process.stdout.write(`${name}: as with Kubernetes, ${Math.round((performance.now() - began) / 1000)} s\n`);
}
