import assert from 'node:assert/strict';
import type { ControlPlane } from '../../rig/controlPlane.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { compareFirstSteps } from './customResources.ts';
import { compareFlags } from './flags.ts';
import { type Pair, startPair } from './referenceServer.ts';
import { comparePaths } from './requestForms.ts';
import { compareForms, compareListOptions, comparePages } from './requestOptions.ts';
import { compareWatches } from './requestWatches.ts';
import { compareCreations, compareDeletions, comparePatches, compareUpdates } from './requestWrites.ts';

const COMPARISONS: Readonly<Record<string, (pair: Pair) => Promise<Comparison>>> = {
  'first steps': compareFirstSteps,
  flags: compareFlags,
  paths: comparePaths,
  'forms of answers': compareForms,
  'options of lists': compareListOptions,
  pages: comparePages,
  watches: compareWatches,
  creations: compareCreations,
  updates: compareUpdates,
  patches: comparePatches,
  deletions: compareDeletions,
};

/** Asks Gantry and Kubernetes' own server of custom resources the same; throws where an answer differs. Prints how many were asked. */
export async function compareWithReference(plane: ControlPlane, program: string): Promise<void> {
  const pair = await startPair(plane, program);
  try {
    for (const [name, compare] of Object.entries(COMPARISONS)) {
      const { asked, differences } = await compare(pair);
      assert.equal(differences.length, 0, `${name}: ${differences.join('\n\n')}`);
      process.stdout.write(`${name}: ${asked} answers alike\n`);
    }
  } finally {
    await pair.close();
  }
}
