import type { KeyPair } from '../../process/certificates.ts';

/** With what certificates are signed: the flags `--cluster-signing-*`. */
export interface SigningSettings {
  /** Of a signer, read anew for every signature, so that a renewed authority needs no restart; undefined: what is asked of this signer is left to others. */
  readonly authority: (signerName: string) => KeyPair | undefined;
  /** How long a certificate lives at most, in milliseconds. */
  readonly duration: number;
}
