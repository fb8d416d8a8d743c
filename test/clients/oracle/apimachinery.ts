import assert from 'node:assert/strict';
import { loadSchema } from '../../../api/schema/schema.ts';
import { seededRandom } from '../../../api/schema/seededRandom.ts';
import { librarySource } from '../goProgram.ts';
import { compareCel } from './cel.ts';
import type { Comparison } from './comparison.ts';
import { compareConfigFiles } from './configFiles.ts';
import { compareEncodings } from './encodings.ts';
import { compareEncryptedValues } from './encryptedValues.ts';
import { compareFlowControl } from './flowControl.ts';
import { compareGolden } from './golden.ts';
import { compareIdentities } from './identities.ts';
import { compareIdTokens } from './idTokens.ts';
import { Oracle } from './oracle.ts';
import { compareOwners } from './owners.ts';
import { comparePatches } from './patches.ts';
import { compareRequestInfos } from './requestInfos.ts';
import { compareValues } from './values.ts';

const SEED = 20_260_101;

/**
 * Asks Kubernetes' own libraries of Kubernetes 1.36 (apimachinery, apiserver with its CEL, client-go's types, structured-merge-diff), and Gantry's functions, the same questions, drawn by chance;
 * throws where an answer differs. Prints how many were asked.
 */
export async function compareWithApimachinery(program: string): Promise<void> {
  const oracle = new Oracle(program);
  const schema = loadSchema();
  const comparisons: readonly (readonly [string, () => Promise<Comparison>])[] = [
    ['encodings', () => compareEncodings(oracle, schema, 20)],
    ['golden', async () => compareGolden(schema, librarySource('k8s.io/api/testdata/HEAD'))],
    ['values', () => compareValues(oracle, seededRandom(SEED), 5_000)],
    ['patches', () => comparePatches(oracle, schema, seededRandom(SEED), 1_000)],
    ['request information', () => compareRequestInfos(oracle, seededRandom(SEED), 5_000)],
    ['flow control', () => compareFlowControl(oracle, seededRandom(SEED), 1_500)],
    ['configuration files', () => compareConfigFiles(oracle, seededRandom(SEED), 60)],
    ['identities', () => compareIdentities(oracle, seededRandom(SEED), 1_500)],
    ['ID tokens', () => compareIdTokens(oracle, seededRandom(SEED), 400)],
    ['encrypted values', () => compareEncryptedValues(oracle, seededRandom(SEED), 100)],
    ['owners', () => compareOwners(oracle, schema, seededRandom(SEED), 1_000)],
    ['expressions', () => compareCel(oracle, seededRandom(SEED), 3_000)],
  ];
  try {
    for (const [name, compare] of comparisons) {
      const { asked, differences } = await compare();
      assert.deepEqual(differences, [], `${name}: ${differences.join('\n\n')}`);
      process.stdout.write(`${name}: ${asked} answers alike\n`);
    }
  } finally {
    await oracle.close();
  }
}
