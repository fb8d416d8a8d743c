import type { V1IngressClass } from '../../generated/types.ts';
import { strictlyImmutable } from '../../validation/fields.ts';
import { ageColumn, orNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const ingressClass = defineKind<V1IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  model: 'V1IngressClass',
  hasGeneration: true,
  setDefaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ||= 'Cluster';
  },
  validateUpdate: ({ spec }, previous) => strictlyImmutable('spec.controller', spec?.controller, previous.spec?.controller),
  columns: [
    textColumn('Controller', 'Which controller serves it.', ({ spec }) => spec?.controller ?? ''),
    textColumn('Parameters', 'Where its settings are.', ({ spec }) => {
      const { kind, name, apiGroup } = spec?.parameters ?? {};
      return orNone(kind && `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}`);
    }),
    ageColumn,
  ],
});
