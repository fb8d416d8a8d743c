import type { V1CertificateSigningRequest } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

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
});
