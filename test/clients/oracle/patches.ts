import type { Schema } from '../../../api/schema/schema.ts';
import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { canonicalJson } from '../../../api/values/stableHash.ts';
import { PatchError } from '../../../apiserver/patch/jsonPointer.ts';
import { applyMergePatch } from '../../../apiserver/patch/mergePatch.ts';
import { MergeError, PatchFormatError } from '../../../apiserver/patch/patchDirectives.ts';
import { applyStrategicMergePatch } from '../../../apiserver/patch/strategicMergePatch.ts';
import { type Comparison, Differences } from './comparison.ts';
import { KINDS } from './kinds.ts';
import type { Oracle } from './oracle.ts';
import { RandomFields } from './randomFields.ts';

/** Objects and patches of them: what comes of strategic merge patches and JSON merge patches, and which are refused. */
export async function comparePatches(oracle: Oracle, schema: Schema, random: ReturnType<typeof seededRandom>, rounds: number): Promise<Comparison> {
  const found = new Differences();
  const fields = new RandomFields(schema, random);
  for (let round = 0; round < rounds; round += 1) {
    const { apiVersion, kind, model } = fields.pick(KINDS);
    const [original, patch] = [fields.object(model), fields.patch(model)];
    const theirs = await oracle.ask<object>('strategic', { apiVersion, kind, original, patch });
    // Where Kubernetes' library falls over a patch that no client sends, there is nothing to be alike.
    if (theirs.error?.startsWith('panic: ')) continue;
    found.compare(
      { strategic: patch, of: { kind, ...original } },
      strategic(schema, model, original, patch),
      theirs.error === undefined ? canonicalJson(theirs.value ?? {}) : REFUSED,
    );
    const merged = await oracle.ask<object>('mergePatch', { original, patch });
    found.compare({ merge: patch, of: original }, canonicalJson(applyMergePatch(structuredClone(original), patch)), merged.error ?? canonicalJson(merged.value));
  }
  return found;
}

/** Which of a patch's faults is told hangs on the order of Go's maps, which is another one each time. */
const REFUSED = 'refused';

function strategic(schema: Schema, model: string, original: Record<string, unknown>, patch: Record<string, unknown>): string {
  try {
    return canonicalJson(applyStrategicMergePatch(schema, schema.model(model), structuredClone(original), structuredClone(patch)));
  } catch (error) {
    if (error instanceof PatchFormatError || error instanceof MergeError || error instanceof PatchError) return REFUSED;
    throw error;
  }
}
