import type { V1ValidatingWebhook } from '../../generated/types.ts';

/** Defaults that a webhook has whether it changes objects or judges them, in place. */
export function setWebhookDefaults(webhook: V1ValidatingWebhook): void {
  webhook.failurePolicy ||= 'Fail';
  webhook.matchPolicy ||= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  for (const rule of webhook.rules ?? []) rule.scope ||= '*';
}
