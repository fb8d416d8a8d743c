import type { V1APIService } from '../../generated/types.ts';
import { validatePathSegmentName } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const apiService = defineKind<V1APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1APIService',
  hasStatus: true,
  unconditionalUpdate: false,
  validateName: validatePathSegmentName,
  setDefaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  columns: [
    textColumn('Service', 'Who serves it.', ({ spec }) => (spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local')),
    textColumn('Available', 'Whether it answers.', ({ status }) => {
      const condition = status?.conditions?.find(({ type }) => type === 'Available');
      if (!condition) return 'Unknown';
      return condition.status === 'True' || !condition.reason ? condition.status : `${condition.status} (${condition.reason})`;
    }),
    ageColumn,
  ],
});
