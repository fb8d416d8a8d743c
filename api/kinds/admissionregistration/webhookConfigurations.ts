import type { V1MutatingWebhookConfiguration, V1ValidatingWebhookConfiguration } from '../../generated/types.ts';
import { ageColumn, integerColumn } from '../columns.ts';
import { validateWebhooks } from './validateWebhooks.ts';
import { setWebhookDefaults } from './webhookDefaults.ts';
import { defineKind } from '../defineKind.ts';

export const mutatingWebhookConfiguration = defineKind<V1MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  singular: 'mutatingwebhookconfiguration',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1MutatingWebhookConfiguration',
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      setWebhookDefaults(webhook);
      webhook.reinvocationPolicy ||= 'Never';
    }
  },
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  columns: [integerColumn('Webhooks', 'Webhooks indicates the number of webhooks registered in this configuration', ({ webhooks }) => webhooks?.length ?? 0), ageColumn],
});

export const validatingWebhookConfiguration = defineKind<V1ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  singular: 'validatingwebhookconfiguration',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1ValidatingWebhookConfiguration',
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults({ webhooks }) {
    for (const webhook of webhooks ?? []) setWebhookDefaults(webhook);
  },
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  columns: [integerColumn('Webhooks', 'Webhooks indicates the number of webhooks registered in this configuration', ({ webhooks }) => webhooks?.length ?? 0), ageColumn],
});
