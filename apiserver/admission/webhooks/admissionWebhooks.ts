import { randomUUID } from 'node:crypto';
import type { EgressSelector } from '../../egress/egressSelector.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import type { ComponentContext } from '../../../process/component.ts';
import type { Metrics } from '../../../process/metrics.ts';
import type { OpenedStorage } from '../../storage/openStorage.ts';
import type { AdmissionPlugin, Authorizer } from '../../types.ts';
import { WebhookClient } from '../../webhooks/webhookClient.ts';
import type { WebhookIdentities } from '../../webhooks/webhookIdentity.ts';
import { Hooks, MUTATING, VALIDATING } from './hooks.ts';
import { MutatingAdmissionWebhook } from './mutatingWebhook.ts';
import { ValidatingAdmissionWebhook } from './validatingWebhook.ts';
import { WebhookMetrics } from './webhookMetrics.ts';

export interface AdmissionWebhooks {
  /** In the order in which they run, before those that charge a quota. */
  readonly plugins: readonly AdmissionPlugin[];
  /** Adds their figures to a server's. */
  register(metrics: Metrics): void;
}

/** The two plugins that ask admission webhooks, by the configurations in memory, until the signal is aborted. `identities` tells by the plugin's name who it is to webhooks. */
export function admissionWebhooks(
  { cache, storage }: Pick<OpenedStorage, 'cache' | 'storage'>,
  schema: Schema,
  authorizer: Authorizer,
  { clock, logger, signal }: ComponentContext,
  identities: (plugin: string) => WebhookIdentities | undefined = () => undefined,
  egress?: EgressSelector,
): AdmissionWebhooks {
  const metrics = new WebhookMetrics();
  const parts = (plugin: string) => ({ client: new WebhookClient({ cache, schema, clock, random: Math.random, identities: identities(plugin), egress }), cache, storage, schema, authorizer, metrics, clock, logger, uid: randomUUID });
  const plugins = [new MutatingAdmissionWebhook(parts('MutatingAdmissionWebhook'), new Hooks(cache, MUTATING, signal)), new ValidatingAdmissionWebhook(parts('ValidatingAdmissionWebhook'), new Hooks(cache, VALIDATING, signal))];
  return { plugins, register: (target) => metrics.register(target) };
}
