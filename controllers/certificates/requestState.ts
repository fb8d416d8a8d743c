import type { V1CertificateSigningRequest, V1CertificateSigningRequestCondition } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';

/** The true condition of this type, if it has one. */
export function conditionOf({ status }: V1CertificateSigningRequest, type: 'Approved' | 'Denied' | 'Failed'): V1CertificateSigningRequestCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status !== 'False');
}

export const isIssued = ({ status }: V1CertificateSigningRequest): boolean => (status?.certificate ?? '') !== '';

/** Whether nobody has decided on it yet. */
export function isPending(request: V1CertificateSigningRequest): boolean {
  return !isIssued(request) && conditionOf(request, 'Approved') === undefined && conditionOf(request, 'Denied') === undefined;
}

/** The request with one more condition. `now` is wall-clock milliseconds. */
export function withCondition(request: V1CertificateSigningRequest, type: 'Approved' | 'Failed', reason: string, message: string, now: number): V1CertificateSigningRequest {
  const condition = { type, status: 'True', reason, message, lastUpdateTime: formatTime(now), lastTransitionTime: formatTime(now) };
  return { ...request, status: { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] } };
}

/** The PEM of what is asked for; on the wire it is base64 of that. */
export const requestPem = ({ spec }: V1CertificateSigningRequest): string => Buffer.from(spec.request, 'base64').toString('latin1');
