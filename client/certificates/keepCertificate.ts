import { readCertificateFile } from './certificateFile.ts';
import { requestCertificate, type RequestContext } from './requestCertificate.ts';
import { type CertificateSpec, rotationTime, serves } from './rotation.ts';

/** Timers hold 24.8 days at most. */
const LONGEST_SLEEP_MILLISECONDS = 24 * 3_600_000;

/** Sees to it that the file holds a certificate which serves; at once where it does already. */
export async function ensureCertificate(spec: CertificateSpec, context: RequestContext): Promise<void> {
  if (!serves(readCertificateFile(spec.file), spec, context.clock.now())) await requestCertificate(spec, context);
}

/** Renews the certificate before it ends, again and again until the signal. */
export async function keepCertificate(spec: CertificateSpec, context: RequestContext): Promise<void> {
  const { clock, logger, signal } = context;
  while (!signal.aborted) {
    const held = readCertificateFile(spec.file);
    const due = serves(held, spec, clock.now()) ? rotationTime(held, Math.random()) : 0;
    for (let left = due - clock.now(); left > 0 && !signal.aborted; left = due - clock.now()) await clock.sleep(Math.min(left, LONGEST_SLEEP_MILLISECONDS), signal);
    if (signal.aborted) return;
    try {
      const { notAfter } = await requestCertificate(spec, context);
      logger.info('a certificate was renewed', { for: spec.commonName, signer: spec.signerName, until: new Date(notAfter).toISOString() });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
