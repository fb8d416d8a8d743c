import { internalError } from '../../../api/apiError.ts';
import { deepEqual } from '../../../api/values/deepEqual.ts';
import { deepCopy } from '../../../api/values/deepCopy.ts';
import { BodySyntaxError, parseJson } from '../../codec/parseBody.ts';
import { isRecord } from '../../../api/values/isRecord.ts';
import { jsonKind } from '../../../api/values/goPrint.ts';
import { parseOwners } from '../../fieldManagement/managedFields.ts';
import { applyJsonPatch } from '../../patch/jsonPatch.ts';
import { PatchError } from '../../patch/jsonPointer.ts';
import type { Registry } from '../../registry.ts';
import type { AdmissionAttributes, AdmissionPlugin, Reinvocation } from '../../types.ts';
import type { Version } from './admittedObject.ts';
import { askWebhook, passingOf, wantedVersion, type Passing, type WebhookParts } from './askWebhook.ts';
import type { Hook, Hooks } from './hooks.ts';
import { WebhookFailure } from './refusal.ts';
import type { ReviewAnswer } from './review.ts';

const MAX_OPERATIONS = 10_000;

/** Which webhooks were asked in the first turn, and what they left behind. */
interface FirstTurn {
  /** Of those that want to be asked again where the object was changed after them (`reinvocationPolicy: IfNeeded`). */
  readonly askedAgain: Set<string>;
  /** Of those whose turn has come again. */
  readonly again: Set<string>;
  changed: boolean;
}

/**
 * Asks the webhooks of MutatingWebhookConfigurations, one after the other: each sees what those before it made of the object. Where one of them changed
 * it, all plugins take a second turn, in which only webhooks that asked for it and whose object was changed after them are asked again.
 */
export class MutatingAdmissionWebhook implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionWebhook';
  readonly #parts: WebhookParts;
  readonly #hooks: Hooks;
  #registry: Registry | undefined;

  constructor(parts: WebhookParts, hooks: Hooks) {
    this.#parts = parts;
    this.#hooks = hooks;
  }

  attach(registry: Registry): void {
    this.#registry = registry;
  }

  async admit(attributes: AdmissionAttributes): Promise<void | Reinvocation> {
    const hooks = this.#hooks.all();
    const passing = hooks.length === 0 ? undefined : passingOf('admit', attributes, this.#registry, this.#parts.schema);
    if (!passing) return undefined;
    const turn: FirstTurn = { askedAgain: new Set(), again: new Set(), changed: false };
    await this.#turn(hooks, passing, turn, 0);
    const left = turn.askedAgain.size > 0 ? deepCopy(attributes.object) : undefined;
    return {
      needed: turn.changed,
      again: async () => {
        // Other plugins took their second turn before this one.
        if (turn.askedAgain.size > 0 && !deepEqual(left, attributes.object)) for (const uid of turn.askedAgain) turn.again.add(uid);
        await this.#turn(hooks, passingOf('admit', attributes, this.#registry, this.#parts.schema)!, turn, 1);
      },
    };
  }

  async #turn(hooks: readonly Hook[], passing: Passing, turn: FirstTurn, round: number): Promise<void> {
    const managedFields = passing.attributes.object?.metadata?.managedFields;
    for (const [index, hook] of hooks.entries()) {
      if (round > 0 && !turn.again.has(hook.uid)) continue;
      const version = await wantedVersion(this.#parts, this.#registry!, hook, passing);
      if (!version) continue;
      const changed = await this.#ask(hook, version, passing, `round_${round}_index_${index}`);
      if (changed) {
        turn.changed = true;
        for (const uid of turn.askedAgain) turn.again.add(uid);
      }
      if (hook.reinvokedIfNeeded) turn.askedAgain.add(hook.uid);
    }
    if (turn.changed) checkOwners(passing.attributes, managedFields);
  }

  async #ask(hook: Hook, version: Version, passing: Passing, place: string): Promise<boolean> {
    const { attributes } = passing;
    const about = { configuration: hook.configuration, webhook: hook.name };
    const use = async (answer: ReviewAnswer): Promise<boolean> => {
      const operations = answer.patch && parsePatch(hook, answer);
      if (!operations || operations.length === 0) return false;
      const { object } = await passing.admitted.in(version);
      if (!object) throw internalError(`admission webhook ${JSON.stringify(hook.name)} attempted to modify the object, which is not supported for this operation`);
      const differs = await passing.admitted.accept(version, patched(object, operations));
      attributes.annotate?.(`patch.webhook.admission.k8s.io/${place}`, JSON.stringify({ ...about, patch: operations, patchType: 'JSONPatch' }), 'Request');
      return differs;
    };
    let changed = false;
    try {
      changed = (await askWebhook(this.#parts, hook, version, passing, use, () => attributes.annotate?.(`failed-open.mutation.webhook.admission.k8s.io/${place}`, hook.name))) ?? false;
    } finally {
      attributes.annotate?.(`mutation.webhook.admission.k8s.io/${place}`, JSON.stringify({ ...about, mutated: changed }));
    }
    return changed;
  }
}

function parsePatch(hook: Hook, { patch, patchType }: ReviewAnswer): readonly unknown[] {
  let value: unknown;
  try {
    value = parseJson(patch!).value;
  } catch (error) {
    if (error instanceof BodySyntaxError) throw undecodable(hook, error.message);
    throw error;
  }
  if (value === null) return [];
  if (!Array.isArray(value)) throw undecodable(hook, `json: cannot unmarshal ${jsonKind(value)} into Go value of type jsonpatch.Patch`);
  const odd: unknown = value.find((each) => each !== null && !isRecord(each));
  if (odd !== undefined) throw undecodable(hook, `json: cannot unmarshal ${jsonKind(odd)} into Go value of type jsonpatch.Operation`);
  if (value.length === 0) return [];
  if (value.length > MAX_OPERATIONS) throw internalError(`The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${value.length}`);
  if (patchType !== 'JSONPatch') throw new WebhookFailure(hook.name, `unsupported patch type ${JSON.stringify(patchType)}`, 400);
  return value;
}

const undecodable = (hook: Hook, why: string): WebhookFailure => new WebhookFailure(hook.name, `received undecodable patch in webhook response: ${why}`, 503);

function patched(object: object, operations: readonly unknown[]): unknown {
  try {
    return applyJsonPatch(object, operations);
  } catch (error) {
    if (error instanceof PatchError) throw internalError(error.message);
    throw error;
  }
}

/** A webhook that was built against an old library may drop what it does not know of the owners of fields; the object keeps those that it had. */
export function checkOwners(attributes: AdmissionAttributes, before: NonNullable<AdmissionAttributes['object']>['metadata']['managedFields']): void {
  const { object } = attributes;
  const entries = object?.metadata?.managedFields;
  if (!object || entries === undefined || entries === before || parseOwners(entries)) return;
  if (before === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = before;
  attributes.warn('.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: an entry of metadata.managedFields cannot be read');
}
