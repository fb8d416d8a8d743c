import { join } from 'node:path';
import type { CertificateSpec } from '../../client/certificates/rotation.ts';

const node = (nodeName: string): Pick<CertificateSpec, 'commonName' | 'organizations'> => ({ commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] });

/** What a kubelet is to the API server. `certDir` is the kubelet's `--cert-dir`. */
export function clientCertificate(nodeName: string, certDir: string): CertificateSpec {
  return {
    ...node(nodeName), file: join(certDir, 'kubelet-client-current.pem'), signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'], names: [],
  };
}

/** What the kubelet's own server shows; `addresses` are those that the node announces, since the signer looks them up there. */
export function servingCertificate(nodeName: string, addresses: readonly string[], certDir: string): CertificateSpec {
  return {
    ...node(nodeName), file: join(certDir, 'kubelet-server-current.pem'), signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'], names: [nodeName, ...addresses],
  };
}
