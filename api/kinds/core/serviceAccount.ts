import type { V1ServiceAccount } from '../../generated/types.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

const MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';
const marksMountable = ({ annotations }: { readonly annotations?: Readonly<Record<string, string>> }): boolean => annotations?.[MOUNTABLE_SECRETS] !== undefined;

export const serviceAccount = defineKind<V1ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  model: 'V1ServiceAccount',
  warnings: ({ metadata }, previous) => (marksMountable(metadata) && !(previous && marksMountable(previous.metadata)) ? [`metadata.annotations[${MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`] : []),
  columns: [textColumn('Secrets', { of: 'V1ServiceAccount.secrets' }, ({ secrets }) => secrets?.length ?? 0), ageColumn],
});
