import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ComponentContext } from './component.ts';
import { WatchedFiles } from './watchedFiles.ts';

/** Paths of PEM files. */
export interface PairPaths {
  readonly certificate: string;
  readonly key: string;
  /** Whom the other side's certificate must be of. */
  readonly authority: string;
}

/** A certificate that is renewed while the process runs: each reading of a property gives what is valid now. */
export class CertificatePair {
  readonly #files: WatchedFiles<keyof PairPaths>;

  /** Throws where a file cannot be read. */
  constructor(paths: PairPaths, { clock, logger, signal }: ComponentContext) {
    this.#files = new WatchedFiles({ paths: { ...paths }, accept: ({ certificate, key }) => isPair(certificate, key), clock, logger, signal });
  }

  get certificate(): string {
    return this.#files.current.certificate;
  }

  get key(): string {
    return this.#files.current.key;
  }

  get authority(): string {
    return this.#files.current.authority;
  }

  onChange(changed: () => void): void {
    this.#files.onChange(changed);
  }
}

/** Whether a key is the certificate's; a file that is being written is neither. */
export function isPair(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
