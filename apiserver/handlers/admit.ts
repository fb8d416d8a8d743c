import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { AdmissionAttributes, AdmissionPlugin, Annotate, Reinvocation, UserInfo } from '../types.ts';
import type { Undo } from './modify.ts';

/** What admission is told, from the parts that the handlers have at hand. */
export function attributesOf(parts: {
  readonly operation: AdmissionAttributes['operation'];
  readonly definition: ResourceDefinition;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly object: IncomingObject | undefined;
  readonly previous: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly options?: AdmissionAttributes['options'];
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
  readonly deadline?: number | undefined;
  readonly annotate: Annotate;
}): AdmissionAttributes {
  return parts;
}

/**
 * The mutating step: each plugin in turn may change the object, or refuse by throwing. Where one of those that are asked again (webhooks, policies)
 * changed it, all take a second turn, and no third (`admission.NewReinvocationHandler`).
 */
export async function admit(plugins: readonly AdmissionPlugin[], attributes: AdmissionAttributes): Promise<void> {
  let asked: Map<AdmissionPlugin, Reinvocation> | undefined;
  for (const plugin of plugins) {
    if (!plugin.admit) continue;
    const outcome = await plugin.admit(attributes);
    if (outcome) (asked ??= new Map()).set(plugin, outcome);
  }
  if (!asked || ![...asked.values()].some(({ needed }) => needed)) return;
  for (const plugin of plugins) await (asked.get(plugin)?.again() ?? plugin.admit?.(attributes));
}

/**
 * The validating step. Returns what gives back every charge that was made; when a later plugin refuses, the charges of the
 * earlier ones are given back before its refusal is passed on.
 */
export async function validateAdmission(plugins: readonly AdmissionPlugin[], attributes: AdmissionAttributes): Promise<Undo | undefined> {
  const charges: Undo[] = [];
  try {
    for (const plugin of plugins) {
      if (!plugin.validate) continue;
      const giveBack = await plugin.validate(attributes);
      if (giveBack) charges.push(giveBack);
    }
  } catch (error) {
    for (const giveBack of charges.reverse()) await giveBack();
    throw error;
  }
  if (charges.length === 0) return undefined;
  return async () => {
    for (const giveBack of charges.reverse()) await giveBack();
  };
}
