import type { KeyPair } from '../../process/certificates.ts';

/** With what certificates are signed: the flags `--cluster-signing-*`. */
export interface SigningSettings {
  /** Read anew for every signature, so that a renewed authority needs no restart. */
  readonly authority: () => KeyPair;
  /** How long a certificate lives at most, in milliseconds. */
  readonly duration: number;
}
