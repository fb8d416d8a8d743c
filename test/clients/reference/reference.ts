import assert from 'node:assert/strict';
import type { ControlPlane } from '../../rig/controlPlane.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { compareFirstSteps } from './customResources.ts';
import { compareFlags } from './flags.ts';
import { compareCustomValues } from './customValues.ts';
import { type Pair, startPair } from './referenceServer.ts';
import { compareSharedStorage } from './sharedStorage.ts';

const COMPARISONS: Readonly<Record<string, (pair: Pair, start: (flags: readonly string[]) => Promise<Pair>) => Promise<Comparison>>> = {
  'first steps': compareFirstSteps,
  flags: compareFlags,
  'custom values': (pair) => compareCustomValues(pair),
  'shared storage': compareSharedStorage,
};

/** Asks Gantry and Kubernetes' own server of custom resources the same; throws where an answer differs. Prints how many were asked. */
export async function compareWithReference(plane: ControlPlane, program: string): Promise<void> {
  const pair = await startPair(plane, program);
  try {
    for (const [name, compare] of Object.entries(COMPARISONS)) {
      const { asked, differences } = await compare(pair, (flags) => startPair(plane, program, flags));
      assert.equal(differences.length, 0, `${name}: ${differences.join('\n\n')}`);
      process.stdout.write(`${name}: ${asked} answers alike\n`);
    }
  } finally {
    await pair.close();
  }
}
