import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { checkPatchType, isApply, parsePatch, type Patch } from '../patch/applyPatch.ts';
import { patchOptions } from '../request/options.ts';
import type { ApiResponse } from '../types.ts';
import { apply } from './apply.ts';
import type { Call, Engine } from './call.ts';
import { encodeOutcome } from './create.ts';
import { acceptDecoded, checkIdentity } from './decode.ts';
import { ownFields } from './fieldOwnership.ts';
import { updateObject } from './update.ts';
import type { UpdateStrategy } from './updateStrategy.ts';

/**
 * Answers a PATCH. The patch is applied to the newest state anew whenever somebody else was faster; only a resourceVersion in the
 * patch itself makes that a conflict.
 */
export async function patch(engine: Engine, call: Call, strategy: UpdateStrategy): Promise<ApiResponse> {
  const { request, served } = call;
  if (isApply(request.headers['content-type'])) return apply(engine, call, strategy);
  const options = patchOptions(request.query, false);
  const contentType = request.headers['content-type'];
  checkPatchType(contentType, served.definition);
  // Whether there is an object to patch is told before what is wrong with the patch.
  let parsed: Patch | undefined;
  const outcome = await updateObject(engine, call, strategy, options, async (previous) => {
    const object: IncomingObject = acceptDecoded(call, (parsed ??= parsePatch(engine.schema, contentType, request.body, served.definition, options.fieldValidation)).apply(previous));
    checkIdentity(object, call);
    served.definition.setDefaults?.(object);
    await ownFields(engine, call, options, object, previous);
    return object;
  });
  return encodeOutcome(engine, call, outcome);
}
