import type { Registry } from '../../registry.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { AdmittedObject, type Version } from './admittedObject.ts';
import { askWebhook, wantedVersion, type Passing, type WebhookParts } from './askWebhook.ts';
import type { Hook, Hooks } from './hooks.ts';
import { askedOf } from './matchHook.ts';
import { isExempt } from './matchRules.ts';

/** Asks the webhooks of ValidatingWebhookConfigurations, all at once; the refusal that comes first is the answer, when all have answered. */
export class ValidatingAdmissionWebhook implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionWebhook';
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

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const hooks = this.#hooks.all();
    const { group, version, plural } = attributes.definition;
    const served = hooks.length === 0 || isExempt({ group, resource: plural }) ? undefined : this.#registry?.find(group, version, plural);
    if (!served) return;
    const passing: Passing = { type: 'validating', attributes, asked: askedOf(attributes, served), admitted: new AdmittedObject(attributes, served, this.#parts.schema) };
    const relevant: { readonly hook: Hook; readonly version: Version }[] = [];
    for (const hook of hooks) {
      const wanted = await wantedVersion(this.#parts, this.#registry!, hook, passing);
      if (wanted) relevant.push({ hook, version: wanted });
    }
    if (relevant.length === 0) return;
    const refusals: unknown[] = [];
    const ask = async ({ hook, version: wanted }: (typeof relevant)[number], index: number): Promise<void> => {
      const failedOpen = (): void => attributes.annotate?.(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`, hook.name);
      await askWebhook(this.#parts, hook, wanted, passing, async () => undefined, failedOpen);
    };
    await Promise.all(relevant.map((each, index) => ask(each, index).catch((error: unknown) => refusals.push(error))));
    if (refusals.length > 0) throw refusals[0];
  }
}
