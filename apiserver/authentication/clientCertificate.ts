import type { ApiRequest, Authenticator, UserInfo } from '../types.ts';

/** Tells in reviews and audits which of a user's credentials was shown. */
export const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

/** The user that a verified client certificate names: its common name, with its organizations as groups. */
export class ClientCertificateAuthenticator implements Authenticator {
  authenticate(request: ApiRequest): Promise<UserInfo | undefined> {
    const certificate = request.clientCertificate;
    if (certificate === undefined || certificate.commonName === '') return Promise.resolve(undefined);
    const { commonName: name, organizations: groups, fingerprint, uid } = certificate;
    return Promise.resolve({
      name,
      groups,
      ...(uid === undefined ? {} : { uid }),
      ...(fingerprint === undefined ? {} : { extra: { [CREDENTIAL_ID]: [`X509SHA256=${fingerprint}`] } }),
    });
  }
}
