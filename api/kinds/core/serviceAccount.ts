import type { V1ServiceAccount } from '../../generated/types.ts';
import { ageColumn, integerColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const serviceAccount = defineKind<V1ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  model: 'V1ServiceAccount',
  columns: [integerColumn('Secrets', 'How many secrets it names.', ({ secrets }) => secrets?.length ?? 0), ageColumn],
});
