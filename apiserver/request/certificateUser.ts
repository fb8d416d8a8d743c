import type { Authenticator } from '../types.ts';

/** The subject of a verified client certificate: its CN is the user, its Os are the groups (Kubernetes' x509 authenticator). */
export const certificateAuthenticator: Authenticator = {
  authenticate: async ({ clientCertificate }) => {
    if (!clientCertificate || clientCertificate.commonName === '') return undefined;
    return { name: clientCertificate.commonName, groups: [...clientCertificate.organizations, 'system:authenticated'] };
  },
};
