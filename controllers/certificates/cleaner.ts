import { X509Certificate } from 'node:crypto';
import type { V1CertificateSigningRequest } from '../../api/generated/types.ts';
import { CertificateSigningRequests } from '../../client/resources.ts';
import type { Controller } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { conditionOf, isIssued } from './requestState.ts';

const HOUR = 3_600_000;
const PERIOD = HOUR;
const PENDING_EXPIRATION = 24 * HOUR;
const DECIDED_EXPIRATION = HOUR;
const ROUND = 'round';

/** Removes requests that nobody waits for any more (Kubernetes' csrcleaner). One key: the round. */
export const signingRequestCleanerController: Controller = {
  name: 'certificatesigningrequest-cleaner-controller',
  serviceAccount: 'certificate-controller',
  workers: 1,
  setup({ client, informers, clock, logger }, queue) {
    const requests = informers.informer(CertificateSigningRequests);
    queue.add(ROUND);
    return async () => {
      for (const request of requests.list()) if (isSurelyOver(request)) await remove(request);
      return { requeueAfterMilliseconds: PERIOD };
    };

    /** A certificate that cannot be read, of a signer of somebody else's, is left alone. */
    function isSurelyOver(request: V1CertificateSigningRequest): boolean {
      try {
        return isOver(request, clock.now());
      } catch (error) {
        logger.warn('cannot tell whether a request is over', { request: request.metadata.name, error });
        return false;
      }
    }

    async function remove({ metadata: { name, uid } }: V1CertificateSigningRequest): Promise<void> {
      await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(CertificateSigningRequests, name, undefined, { preconditions: { uid } }));
    }
  },
};

/** `now` is wall-clock milliseconds. */
export function isOver(request: V1CertificateSigningRequest, now: number): boolean {
  const isOlder = (time: string | undefined, age: number): boolean => time !== undefined && now - Date.parse(time) > age;
  const decidedLongAgo = (type: 'Approved' | 'Denied' | 'Failed'): boolean => isOlder(conditionOf(request, type)?.lastUpdateTime, DECIDED_EXPIRATION);
  if (!isIssued(request) && (request.status?.conditions ?? []).length === 0) return isOlder(request.metadata.creationTimestamp, PENDING_EXPIRATION);
  return decidedLongAgo('Denied') || decidedLongAgo('Failed') || (isIssued(request) && (decidedLongAgo('Approved') || hasEnded(request, now)));
}

function hasEnded({ status }: V1CertificateSigningRequest, now: number): boolean {
  return Date.parse(new X509Certificate(Buffer.from(status?.certificate ?? '', 'base64')).validTo) < now;
}
