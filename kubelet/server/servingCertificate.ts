import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CertificatePair, type PairPaths } from '../../process/certificatePair.ts';
import { createAuthority, type KeyPair } from '../../process/certificates.ts';
import type { ComponentContext } from '../../process/component.ts';
import { writeWhole } from '../../process/writeWhole.ts';
import type { KubeletConfig } from '../config.ts';
import { servingCertificate as requested } from '../identity/certificateSpecs.ts';

const POLL_MILLISECONDS = 500;
const DAY_MILLISECONDS = 86_400_000;

const YEAR_MILLISECONDS = 365 * DAY_MILLISECONDS;

/** A certificate that nobody trusts, as Kubernetes' kubelet signs itself one before the cluster has. `now` is wall-clock milliseconds. */
export const selfSignedCertificate = (nodeName: string, now: number): Promise<KeyPair> => createAuthority(nodeName, now, DAY_MILLISECONDS);

/** Where the server's certificate is, or will be; one that neither the configuration names nor the cluster signs is made here. `now` is wall-clock milliseconds. */
export async function servingFiles({ nodeName, tlsCertFile, tlsPrivateKeyFile, clientCAFile, certDir, rotateServerCertificates }: KubeletConfig, now: number): Promise<PairPaths> {
  if (tlsCertFile !== '') return { certificate: tlsCertFile, key: tlsPrivateKeyFile, authority: clientCAFile };
  if (rotateServerCertificates) {
    const { file } = requested(nodeName, [], certDir);
    return { certificate: file, key: file, authority: clientCAFile };
  }
  const own = { certificate: join(certDir, 'kubelet.crt'), key: join(certDir, 'kubelet.key'), authority: clientCAFile };
  if (!existsSync(own.certificate) || !existsSync(own.key)) {
    const made = await createAuthority(nodeName, now, YEAR_MILLISECONDS);
    writeWhole(own.key, made.key, 0o600);
    writeWhole(own.certificate, made.certificate, 0o644);
  }
  return own;
}

/** The certificate of the kubelet's server; undefined until there is one: the cluster signs it only after the node has registered. */
export function servingCertificate(paths: PairPaths, context: ComponentContext): CertificatePair | undefined {
  return existsSync(paths.certificate) && existsSync(paths.key) ? new CertificatePair(paths, context) : undefined;
}

/** Waits until there is one; undefined at the signal. */
export async function awaitServingCertificate(paths: PairPaths, context: ComponentContext): Promise<CertificatePair | undefined> {
  while (!context.signal.aborted) {
    const pair = servingCertificate(paths, context);
    if (pair) return pair;
    await context.clock.sleep(POLL_MILLISECONDS, context.signal);
  }
  return undefined;
}
