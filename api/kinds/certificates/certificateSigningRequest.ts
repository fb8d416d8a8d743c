import type { V1CertificateSigningRequest, V1CertificateSigningRequestCondition } from '../../generated/types.ts';
import type { IncomingObject, Requester } from '../../resourceDefinition.ts';
import { humanDuration } from '../../values/duration.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateApproval, validateSigningRequest, validateSigningRequestUpdate, validateSigningStatusUpdate } from './validateSigningRequest.ts';

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
  prepareForStatusUpdate(object, previous, now) {
    for (const type of ['Approved', 'Denied']) keepConditions(object, previous, type);
    stampConditions(object, previous, now);
  },
  prepareForApproval: stampConditions,
  validateCreate: validateSigningRequest,
  validateUpdate: validateSigningRequestUpdate,
  validateStatusUpdate: validateSigningStatusUpdate,
  validateApproval,
  columns: [
    ageColumn,
    textColumn('SignerName', { of: 'V1CertificateSigningRequestSpec.signerName' }, ({ spec }) => spec?.signerName ?? ''),
    textColumn('Requestor', { of: 'V1CertificateSigningRequestSpec.request' }, ({ spec }) => spec?.username ?? ''),
    textColumn('RequestedDuration', { of: 'V1CertificateSigningRequestSpec.expirationSeconds' }, ({ spec }) => (spec?.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000))),
    textColumn('Condition', { of: 'V1CertificateSigningRequestStatus.conditions' }, formatCondition),
  ],
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
});

type Condition = V1CertificateSigningRequestCondition;

/** A decision that is still there stays as it was, whatever is sent; one that is added or taken away is refused by validation (`preserveConditionInstances`). */
function keepConditions(object: IncomingObject<V1CertificateSigningRequest>, previous: V1CertificateSigningRequest, type: string): void {
  const conditions = object.status?.conditions ?? [];
  const before = (previous.status?.conditions ?? []).filter((each) => each.type === type);
  const at = conditions.flatMap((each, index) => (each.type === type ? [index] : []));
  if (at.length !== before.length) return;
  for (const [nth, index] of at.entries()) conditions[index] = before[nth]!;
}

/** Gives conditions the times that they lack; one that has the same status as before changed when it did then (`populateConditionTimestamps`). */
function stampConditions({ status }: IncomingObject<V1CertificateSigningRequest>, previous: V1CertificateSigningRequest, now: string): void {
  if (!status?.conditions) return;
  const changedAt = ({ type, status: value }: Condition): string => previous.status?.conditions?.find((each) => each.type === type && each.status === value && each.lastTransitionTime)?.lastTransitionTime ?? now;
  status.conditions = status.conditions.map((each) => ({ ...each, lastUpdateTime: each.lastUpdateTime || now, lastTransitionTime: each.lastTransitionTime || changedAt(each) }));
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
