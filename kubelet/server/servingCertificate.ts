import { existsSync } from 'node:fs';
import { CertificatePair, type PairPaths } from '../../process/certificatePair.ts';
import { createAuthority, type KeyPair } from '../../process/certificates.ts';
import type { ComponentContext } from '../../process/component.ts';

const POLL_MILLISECONDS = 500;
const DAY_MILLISECONDS = 86_400_000;

/** A certificate that nobody trusts, as Kubernetes' kubelet signs itself one before the cluster has. `now` is wall-clock milliseconds. */
export const selfSignedCertificate = (nodeName: string, now: number): Promise<KeyPair> => createAuthority(nodeName, now, DAY_MILLISECONDS);

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
