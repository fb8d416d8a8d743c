import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { ensureCertificate, keepCertificate } from '../../client/certificates/keepCertificate.ts';
import type { RequestContext } from '../../client/certificates/requestCertificate.ts';
import type { CertificateSpec } from '../../client/certificates/rotation.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { RestClient } from '../../client/restClient.ts';
import type { ComponentContext } from '../../process/component.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import { writeWhole } from '../../process/writeWhole.ts';
import type { KubeletConfig } from '../config.ts';
import { clientCertificate, servingCertificate } from './certificateSpecs.ts';

export interface BecomeNode {
  readonly certificate: CertificateSpec;
  /** The kubeconfig to ask with, and the one to write. */
  readonly bootstrap: string;
  readonly kubeconfig: string;
  /** Extensions of the cluster in the written one. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** TLS bootstrap: gets the kubelet's client certificate as whoever the bootstrap kubeconfig says, and writes the kubeconfig that names it. */
export async function becomeNode({ certificate, bootstrap, kubeconfig, extensions = {} }: BecomeNode, context: ComponentContext): Promise<void> {
  const config = loadKubeconfig(bootstrap);
  const stranger = new RestClient(config, { component: 'certificates', clock: context.clock });
  try {
    await ensureCertificate(certificate, { ...context, client: stranger });
  } finally {
    stranger.close();
  }
  writeWhole(kubeconfig, kubeconfigText({ user: certificate.commonName, server: config.servers[0]!, authority: config.ca ?? '', credentials: { file: certificate.file }, extensions }), 0o600);
}

/** `becomeNode` for a kubelet that is run with `--bootstrap-kubeconfig`; nothing where the kubeconfig is good already (`LoadClientCert`). */
export async function bootstrapNode({ nodeName, certDir, kubeconfig, bootstrapKubeconfig }: KubeletConfig, context: ComponentContext): Promise<void> {
  if (bootstrapKubeconfig === '' || typeof kubeconfig !== 'string') return;
  if (existsSync(kubeconfig) && isStillValid(loadKubeconfig(kubeconfig), context.clock.now())) return;
  await becomeNode({ certificate: clientCertificate(nodeName, certDir), bootstrap: bootstrapKubeconfig, kubeconfig }, context);
}

/** Whether the client certificate of a kubeconfig is there and has not ended. `now` is wall-clock milliseconds. */
export function isStillValid({ certificate, certificateFile }: ClientConfig, now: number): boolean {
  const pem = certificate ?? (certificateFile !== undefined && existsSync(certificateFile) ? readFileSync(certificateFile, 'utf8') : '');
  return pem.includes('CERTIFICATE-----') && Date.parse(new X509Certificate(pem).validTo) > now;
}

/** Renews the kubelet's certificates by requests to the cluster until the signal, as far as the configuration wants it. */
export async function keepNodeCertificates(config: KubeletConfig, client: ClientConfig, addresses: readonly string[], context: RequestContext): Promise<void> {
  const specs: CertificateSpec[] = [];
  // Certificate and key in files of their own are somebody else's to renew.
  const { certificateFile, keyFile } = client;
  if (config.rotateCertificates && certificateFile !== undefined && certificateFile === keyFile) specs.push({ ...clientCertificate(config.nodeName, config.certDir), file: certificateFile });
  if (config.clientCAFile !== '' && config.tlsCertFile === '' && config.rotateServerCertificates) specs.push(servingCertificate(config.nodeName, addresses, config.certDir));
  await Promise.all(specs.map((spec) => keepCertificate(spec, context)));
}
