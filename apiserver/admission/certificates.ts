import type { V1CertificateSigningRequest } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import { parseSigningRequest, SigningRequestError } from '../../process/signingRequest.ts';
import { PRIVILEGED_GROUP } from '../authorization/rbacAuthorizer.ts';
import { maySigner } from '../authorization/signerAccess.ts';
import type { AdmissionAttributes, AdmissionPlugin, Authorizer } from '../types.ts';
import { refusal } from './refusal.ts';

const REQUESTS = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' };
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

const isOf = ({ definition, subresource }: AdmissionAttributes, wanted: string): boolean =>
  definition.group === REQUESTS.group && definition.plural === REQUESTS.resource && subresource === wanted;

/** Whoever decides about a request must be allowed to `approve` for its signer. */
export class CertificateApproval implements AdmissionPlugin {
  readonly name = 'CertificateApproval';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (attributes.operation !== 'UPDATE' || !isOf(attributes, 'approval')) return;
    // The signer that it has, not one the writer says: it cannot be changed in passing.
    const { signerName } = (attributes.previous as V1CertificateSigningRequest).spec;
    if (await maySigner(this.#authorizer, attributes.user, 'approve', signerName)) return;
    throw refusal(attributes, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
  }
}

/** Whoever issues a certificate, or says that it failed, must be allowed to `sign` for the signer. */
export class CertificateSigning implements AdmissionPlugin {
  readonly name = 'CertificateSigning';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (attributes.operation !== 'UPDATE' || !isOf(attributes, 'status')) return;
    const { status } = attributes.object as IncomingObject<V1CertificateSigningRequest>;
    const previous = attributes.previous as V1CertificateSigningRequest;
    const isSame = (status?.certificate ?? '') === (previous.status?.certificate ?? '') && semanticEqual(status?.conditions ?? [], previous.status?.conditions ?? []);
    if (isSame || (await maySigner(this.#authorizer, attributes.user, 'sign', previous.spec.signerName))) return;
    throw refusal(attributes, `user not permitted to sign requests with signerName ${JSON.stringify(previous.spec.signerName)}`);
  }
}

/** No client certificate makes its holder an administrator beyond all roles. */
export class CertificateSubjectRestriction implements AdmissionPlugin {
  readonly name = 'CertificateSubjectRestriction';

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (attributes.operation !== 'CREATE' || !isOf(attributes, '')) return;
    const { spec } = attributes.object as IncomingObject<V1CertificateSigningRequest>;
    if (spec?.signerName !== CLIENT_SIGNER) return;
    if (!organizations(spec.request, attributes).includes(PRIVILEGED_GROUP)) return;
    throw refusal(attributes, `use of ${CLIENT_SIGNER} signer with ${PRIVILEGED_GROUP} group is not allowed`);
  }
}

function organizations(request: string, attributes: AdmissionAttributes): readonly string[] {
  try {
    return parseSigningRequest(Buffer.from(request, 'base64').toString('latin1')).organizations;
  } catch (error) {
    if (error instanceof SigningRequestError) throw refusal(attributes, `failed to parse CSR: ${error.message}`);
    throw error;
  }
}
