import type { V1MatchCondition, V1MutatingWebhook, V1MutatingWebhookConfiguration, V1RuleWithOperations, V1ValidatingWebhookConfiguration } from '../../../api/generated/types.ts';
import { selectorOf, type LabelSelector } from '../../../api/values/labelSelector.ts';
import { resourcePrefix, type StorageResource, type WatchCache } from '../../storage/types.ts';
import type { WebhookClientConfig } from '../../webhooks/webhookAddress.ts';

/** One webhook of a configuration, ready to be asked. */
export interface Hook {
  readonly configuration: string;
  readonly name: string;
  /** The same for as long as the configuration names it so: `configuration/name/ordinal`. */
  readonly uid: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules: readonly V1RuleWithOperations[];
  readonly ignoresFailure: boolean;
  readonly matchesEquivalents: boolean;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly sideEffects: string | undefined;
  readonly timeoutSeconds: number;
  readonly reviewVersions: readonly string[];
  readonly matchConditions: readonly V1MatchCondition[];
  readonly reinvokedIfNeeded: boolean;
}

type Configuration = V1MutatingWebhookConfiguration | V1ValidatingWebhookConfiguration;

const GROUP = 'admissionregistration.k8s.io';
export const MUTATING: StorageResource = { group: GROUP, resource: 'mutatingwebhookconfigurations' };
export const VALIDATING: StorageResource = { group: GROUP, resource: 'validatingwebhookconfigurations' };

const DEFAULT_TIMEOUT_SECONDS = 10;

/**
 * The webhooks of all configurations of one sort, by the names of the configurations and their order in them; read anew only after one of them changed, and
 * in force from the moment in which it reaches this server's memory.
 */
export class Hooks {
  readonly #cache: WatchCache;
  readonly #resource: StorageResource;
  #hooks: readonly Hook[] | undefined;

  constructor(cache: WatchCache, resource: StorageResource, signal: AbortSignal) {
    this.#cache = cache;
    this.#resource = resource;
    const unsubscribe = cache.subscribe(resource, () => {
      this.#hooks = undefined;
    });
    signal.addEventListener('abort', unsubscribe, { once: true });
  }

  all(): readonly Hook[] {
    return (this.#hooks ??= this.#cache.list(resourcePrefix(this.#resource)).flatMap(({ object }) => hooksOf(object as Configuration)));
  }
}

/** The webhooks of a configuration. */
export function hooksOf({ metadata, webhooks }: Configuration): Hook[] {
  const names = new Map<string, number>();
  return (webhooks ?? []).map((webhook) => {
    const ordinal = names.get(webhook.name) ?? 0;
    names.set(webhook.name, ordinal + 1);
    return {
      configuration: metadata.name,
      name: webhook.name,
      uid: `${metadata.name}/${webhook.name}/${ordinal}`,
      clientConfig: webhook.clientConfig ?? {},
      rules: webhook.rules ?? [],
      ignoresFailure: webhook.failurePolicy === 'Ignore',
      matchesEquivalents: webhook.matchPolicy === 'Equivalent',
      namespaceSelector: selectorOf(webhook.namespaceSelector),
      objectSelector: selectorOf(webhook.objectSelector),
      sideEffects: webhook.sideEffects,
      timeoutSeconds: webhook.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      reviewVersions: webhook.admissionReviewVersions ?? [],
      matchConditions: webhook.matchConditions ?? [],
      reinvokedIfNeeded: (webhook as V1MutatingWebhook).reinvocationPolicy === 'IfNeeded',
    };
  });
}
