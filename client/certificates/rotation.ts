import type { HeldCertificate } from './certificateFile.ts';

/** What a certificate is to say: its file, who signs it, and for whom. */
export interface CertificateSpec {
  /** Holds certificate and key; the key of a request that is under way is beside it, in `<file>.pending`. */
  readonly file: string;
  /** E.g. `kubernetes.io/kube-apiserver-client-kubelet`. */
  readonly signerName: string;
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly usages: readonly string[];
  /** DNS names and IP addresses that a server answers under. */
  readonly names: readonly string[];
}

/** client-go's rule: between 70 and 90 percent of the life, so that not all nodes come at once. `random` is from 0 to 1; the result is wall-clock milliseconds. */
export function rotationTime({ notBefore, notAfter }: HeldCertificate, random: number): number {
  return notBefore + (notAfter - notBefore) * (0.7 + 0.2 * random);
}

/** Whether a certificate says what it should, and has not ended. */
export function serves(held: HeldCertificate | undefined, { commonName, organizations, names }: CertificateSpec, now: number): held is HeldCertificate {
  if (!held || now >= held.notAfter) return false;
  const subject = [...organizations.map((each) => `O=${each}`), `CN=${commonName}`].sort().join('\n');
  return held.subject === subject && names.every((name) => held.names.includes(name));
}
