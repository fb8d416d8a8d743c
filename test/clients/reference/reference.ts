import assert from 'node:assert/strict';
import type { ControlPlane } from '../../rig/controlPlane.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { compareWebhookAnswers } from './admissionWebhooks.ts';
import { compareAppliedFields } from './appliedFields.ts';
import { compareAudit } from './audit.ts';
import { compareFirstSteps } from './customResources.ts';
import { compareAppliedValues, compareCustomValues } from './customValues.ts';
import { compareFlags } from './flags.ts';
import { compareImpersonation } from './impersonation.ts';
import { compareDefinitions } from './definitions.ts';
import { compareDefinitionSchemas } from './definitionSchemas.ts';
import { compareDiscovery } from './discovery.ts';
import { compareNameConflicts } from './nameConflicts.ts';
import { comparePolicies } from './policyRequests.ts';
import { type Pair, startPair } from './referenceServer.ts';
import { compareSharedStorage } from './sharedStorage.ts';
import { compareWebhookRequests } from './webhookRequests.ts';
import { comparePaths } from './requestForms.ts';
import { compareForms, compareListOptions, comparePages } from './requestOptions.ts';
import { compareWatches } from './requestWatches.ts';
import { compareCreations, compareDeletions, comparePatches, compareUpdates } from './requestWrites.ts';

const COMPARISONS: Readonly<Record<string, (pair: Pair, program: string, start: (flags: readonly string[]) => Promise<Pair>) => Promise<Comparison>>> = {
  'first steps': compareFirstSteps,
  flags: compareFlags,
  impersonation: compareImpersonation,
  definitions: compareDefinitions,
  'schemas of definitions': compareDefinitionSchemas,
  "webhooks' answers": compareWebhookAnswers,
  'what webhooks are asked': compareWebhookRequests,
  policies: comparePolicies,
  audit: compareAudit,
  paths: comparePaths,
  'forms of answers': compareForms,
  'options of lists': compareListOptions,
  pages: comparePages,
  watches: compareWatches,
  creations: compareCreations,
  updates: compareUpdates,
  patches: comparePatches,
  deletions: compareDeletions,
  'custom values': (pair) => compareCustomValues(pair),
  'custom values, applied': compareAppliedValues,
  'names in conflict': (pair) => compareNameConflicts(pair),
  discovery: (pair) => compareDiscovery(pair),
  'fields of all sorts, applied': compareAppliedFields,
  'shared storage': (_pair, _program, start) => compareSharedStorage(start),
};

/** Asks Gantry and Kubernetes' own server of custom resources the same; throws where an answer differs. Prints how many were asked. */
export async function compareWithReference(plane: ControlPlane, program: string): Promise<void> {
  const pair = await startPair(plane, program);
  try {
    for (const [name, compare] of Object.entries(COMPARISONS)) {
      const { asked, differences } = await compare(pair, program, (flags) => startPair(plane, program, flags));
      assert.equal(differences.length, 0, `${name}: ${differences.join('\n\n')}`);
      process.stdout.write(`${name}: ${asked} answers alike\n`);
    }
  } finally {
    await pair.close();
  }
}
