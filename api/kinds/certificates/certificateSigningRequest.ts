import type { V1CertificateSigningRequest } from '../../generated/types.ts';
import { required } from '../../fieldError.ts';
import { humanDuration } from '../../values/duration.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const certificateSigningRequest = defineKind<V1CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  namespaced: false,
  model: 'V1CertificateSigningRequest',
  hasStatus: true,
  prepareForUpdate(object, previous) {
    // Who asked for what is settled when it is created.
    object.spec = previous.spec;
  },
  validate: ({ spec }) => [...(spec?.request ? [] : [required('spec.request')]), ...(spec?.signerName ? [] : [required('spec.signerName')]), ...(spec?.usages?.length ? [] : [required('spec.usages')])],
  columns: [
    ageColumn,
    textColumn('SignerName', 'Who is to sign it.', ({ spec }) => spec?.signerName ?? ''),
    textColumn('Requestor', 'Who asks for it.', ({ spec }) => spec?.username ?? ''),
    textColumn('RequestedDuration', 'For how long.', ({ spec }) => (spec?.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000))),
    textColumn('Condition', 'What was decided.', formatCondition),
  ],
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
});

function formatCondition({ status }: V1CertificateSigningRequest): string {
  const types = (status?.conditions ?? []).map(({ type }) => type);
  const decided = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : '';
  return [decided || (types.includes('Failed') ? '' : 'Pending'), types.includes('Failed') ? 'Failed' : '', status?.certificate ? 'Issued' : ''].filter(Boolean).join(',');
}
