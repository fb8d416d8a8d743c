import type { V1CertificateSigningRequest, V1SubjectAccessReview } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { CertificateSigningRequests, SubjectAccessReviews } from '../../client/resources.ts';
import { parseSigningRequest, type SigningRequest } from '../../process/signingRequest.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { isPending, requestPem, withCondition } from './requestState.ts';
import { KUBELET_CLIENT_SIGNER, whyNotKubeletClient } from './signers.ts';

/** When a request that its requestor was not allowed is looked at again: rights may come later. */
const ASK_AGAIN_MILLISECONDS = 10_000;

/** Approves client certificates of kubelets for those who may have them (Kubernetes' csrapproving). Key: the request. */
export const signingRequestApprovingController: Controller = {
  name: 'certificatesigningrequest-approving-controller',
  serviceAccount: 'certificate-controller',
  workers: 5,
  setup({ client, informers, clock, logger }, queue) {
    const requests = informers.informer(CertificateSigningRequests);
    requests.addHandler({ added: ({ metadata }) => queue.add(metadata.name), updated: (_, { metadata }) => queue.add(metadata.name) });

    return async (name) => {
      const request = requests.get(name);
      if (request === undefined || !isPending(request)) return undefined;
      const ways = recognize(request, () => parseSigningRequest(requestPem(request)));
      for (const { subresource, message } of ways) {
        const { status } = await client.create(SubjectAccessReviews, review(request, subresource));
        if (!status?.allowed) continue;
        const approved = withCondition(request, 'Approved', 'AutoApproved', message, clock.now());
        const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateSubresource(CertificateSigningRequests, approved, 'approval'));
        if (written) await seen(requests, [written]);
        return undefined;
      }
      if (ways.length === 0) return undefined;
      logger.info('recognized a request, but the subject access review was not approved', { request: name, requestor: request.spec.username, tried: ways.map(({ subresource }) => subresource) });
      return { requeueAfterMilliseconds: ASK_AGAIN_MILLISECONDS };
    };
  },
};

/** A way in which a request may be approved: who may create this subresource gets it. */
export interface Approval {
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly message: string;
}

/** The ways that fit the request, the narrowest first; `parse` is called only when the signer fits. */
export function recognize({ spec }: V1CertificateSigningRequest, parse: () => SigningRequest): readonly Approval[] {
  if (spec.signerName !== KUBELET_CLIENT_SIGNER) return [];
  const request = parse();
  if (whyNotKubeletClient(request, spec.usages ?? []) !== undefined) return [];
  const node: Approval = { subresource: 'nodeclient', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' };
  return spec.username === request.commonName ? [{ subresource: 'selfnodeclient', message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' }, node] : [node];
}

function review({ spec: { username, uid, groups, extra } }: V1CertificateSigningRequest, subresource: string): Draft<V1SubjectAccessReview> {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      ...(username === undefined ? {} : { user: username }),
      ...(uid === undefined ? {} : { uid }),
      ...(groups === undefined ? {} : { groups }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create', subresource, version: '*' },
    },
  };
}
