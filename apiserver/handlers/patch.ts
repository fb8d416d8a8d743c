import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { atOnce, inTurns, nextTurn } from '../inTurns.ts';
import { checkPatchType, isApply, type Patch, parsePatch } from '../patch/applyPatch.ts';
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
  const type = request.headers['content-type'];
  checkPatchType(type, served.definition.custom !== undefined, request.body.length > 0);
  call.record?.patch();
  // An object that there is none of is missed before the patch is read.
  let parsed: Patch | undefined;
  const outcome = await updateObject(engine, call, strategy, options, async (previous, large) => {
    parsed ??= parsePatch(engine.schema, type, request.body, served.definition, options.fieldValidation);
    const object: IncomingObject = acceptDecoded(call, large ? await inTurns(parsed.apply(previous)) : atOnce(parsed.apply(previous)));
    if (large) await nextTurn();
    checkIdentity(object, call);
    served.definition.setDefaults?.(object);
    await ownFields(engine, call, options, { object, previous, large });
    return object;
  });
  return encodeOutcome(engine, call, outcome);
}
