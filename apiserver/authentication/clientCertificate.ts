import type { ApiRequest, Authenticator, UserInfo } from '../types.ts';

/** The user that a verified client certificate names: its common name, with its organizations as groups. */
export class ClientCertificateAuthenticator implements Authenticator {
  authenticate(request: ApiRequest): Promise<UserInfo | undefined> {
    const certificate = request.clientCertificate;
    if (certificate === undefined || certificate.commonName === '') return Promise.resolve(undefined);
    return Promise.resolve({ name: certificate.commonName, groups: certificate.organizations });
  }
}
