import type { V1CertificateSigningRequest } from '../../api/generated/types.ts';
import { CertificateSigningRequests } from '../../client/resources.ts';
import { parseSigningRequest, signRequest } from '../../process/signingRequest.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { conditionOf, isIssued, requestPem, withCondition } from './requestState.ts';
import { SIGNERS } from './signers.ts';

const MINUTE = 60_000;
/** Clocks of one cluster may differ. */
const BACKDATE = 5 * MINUTE;
/** What lives less long keeps its whole life from now on: five minutes are much of it. */
const SHORT = 8 * 60 * MINUTE;
const SHORTEST = 10 * MINUTE;

/** Signs what was approved, for Kubernetes' own signers (csrsigning). Off where there is no key. Key: the request. */
export const signingRequestSigningController: Controller = {
  name: 'certificatesigningrequest-signing-controller',
  serviceAccount: 'certificate-controller',
  workers: 5,
  setup({ client, informers, clock, logger, signing }, queue) {
    if (signing === undefined) {
      logger.info('no key of the cluster\'s authority: requests for certificates are left to other signers');
      return async () => undefined;
    }
    const requests = informers.informer(CertificateSigningRequests);
    requests.addHandler({ added: ({ metadata }) => queue.add(metadata.name), updated: (_, { metadata }) => queue.add(metadata.name) });

    return async (name) => {
      const request = requests.get(name);
      if (request === undefined || !wantsSignature(request)) return;
      const authority = signing.authority(request.spec.signerName);
      if (authority === undefined) return;
      const pem = requestPem(request);
      const usages = request.spec.usages ?? [];
      const refusal = SIGNERS[request.spec.signerName]!(parseSigningRequest(pem), usages);
      const changed =
        refusal === undefined
          ? await withCertificate(request, signRequest(authority, pem, { usages, ...validity(request.spec.expirationSeconds, signing.duration, clock.now()) }))
          : withCondition(request, 'Failed', 'SignerValidationFailure', refusal, clock.now());
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(CertificateSigningRequests, changed));
      if (written) await seen(requests, [written]);
    };
  },
};

function wantsSignature(request: V1CertificateSigningRequest): boolean {
  return !isIssued(request) && conditionOf(request, 'Approved') !== undefined && conditionOf(request, 'Failed') === undefined && SIGNERS[request.spec.signerName] !== undefined;
}

async function withCertificate(request: V1CertificateSigningRequest, certificate: Promise<string>): Promise<V1CertificateSigningRequest> {
  return { ...request, status: { ...request.status, certificate: Buffer.from(await certificate).toString('base64') } };
}

/** From when until when a certificate counts: what was asked for, within the signer's bounds. `longest` and `now` are milliseconds. */
export function validity(requestedSeconds: number | undefined, longest: number, now: number): { readonly notBefore: number; readonly notAfter: number } {
  const life = requestedSeconds === undefined ? longest : Math.min(longest, Math.max(SHORTEST, requestedSeconds * 1000));
  const notBefore = now - BACKDATE;
  return { notBefore, notAfter: life < SHORT ? now + life : notBefore + life };
}
