import type { Registry } from '../../registry.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import type { Version } from './admittedObject.ts';
import { askWebhook, passingOf, wantedVersion, type WebhookParts } from './askWebhook.ts';
import type { Hook, Hooks } from './hooks.ts';

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
    const passing = hooks.length === 0 ? undefined : passingOf('validating', attributes, this.#registry, this.#parts.schema);
    if (!passing) return;
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
