import type { V1CertificateSigningRequest, V1CertificateSigningRequestCondition } from '../../generated/types.ts';
import type { IncomingObject, Requester } from '../../resourceDefinition.ts';
import { humanDuration } from '../../values/duration.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateSigningRequest, validateSigningStatusUpdate } from './validateSigningRequest.ts';

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
  prepareForCreate({ spec }) {
    // Nobody may ask in another's name: approvers trust these fields.
    if (spec) for (const field of ['username', 'uid', 'groups', 'extra'] as const) delete spec[field];
  },
  recordRequester,
  prepareForUpdate(object, previous) {
    // Who asked for what is settled when it is created.
    object.spec = previous.spec;
  },
  prepareForStatusUpdate: keepDecisions,
  validateCreate: validateSigningRequest,
  validateStatusUpdate: validateSigningStatusUpdate,
  columns: [
    ageColumn,
    textColumn('SignerName', 'Who is to sign it.', ({ spec }) => spec?.signerName ?? ''),
    textColumn('Requestor', 'Who asks for it.', ({ spec }) => spec?.username ?? ''),
    textColumn('RequestedDuration', 'For how long.', ({ spec }) => (spec?.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000))),
    textColumn('Condition', 'What was decided.', formatCondition),
  ],
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
});

/** Approving and denying is done by way of `approval`, by those who may do that; a change of the status leaves it as it was. */
function keepDecisions(object: IncomingObject<V1CertificateSigningRequest>, previous: V1CertificateSigningRequest): void {
  const isDecision = ({ type }: V1CertificateSigningRequestCondition): boolean => type === 'Approved' || type === 'Denied';
  const kept = previous.status?.conditions?.filter(isDecision) ?? [];
  const others = object.status?.conditions?.filter((each) => !isDecision(each)) ?? [];
  if (kept.length + others.length > 0) object.status = { ...object.status, conditions: [...kept, ...others] };
  else if (object.status) delete object.status.conditions;
}

function recordRequester({ spec }: IncomingObject<V1CertificateSigningRequest>, { name, uid, groups, extra }: Requester): void {
  if (!spec) return;
  spec.username = name;
  spec.groups = [...groups];
  if (uid) spec.uid = uid;
  if (extra) spec.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
}

function formatCondition({ status }: V1CertificateSigningRequest): string {
  const types = (status?.conditions ?? []).map(({ type }) => type);
  const decision = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending';
  return [decision, ...(types.includes('Failed') ? ['Failed'] : []), ...(status?.certificate ? ['Issued'] : [])].join(',');
}
