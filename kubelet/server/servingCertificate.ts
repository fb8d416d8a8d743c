import { readFile, stat } from 'node:fs/promises';
import { createAuthority } from '../../process/certificates.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { codeOf } from '../errorText.ts';

export interface ServingCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** How often the files are looked at: while the first certificate is waited for, and afterwards. */
const CHECK_MILLISECONDS = { waiting: 500, serving: 10_000 } as const;
const DAY_MILLISECONDS = 86_400_000;

/** The certificate of the kubelet's server, which may be issued only after the node has registered, and is renewed while it runs. */
export class ServingCertificateFiles {
  readonly #files: { readonly certificate: string; readonly key: string };
  /** Inodes, sizes and times of what was read last; `''` while there was nothing. */
  #version = '';

  constructor(certificate: string, key: string) {
    this.#files = { certificate, key };
  }

  /** What the files hold; before there are any, a certificate that nobody trusts, as Kubernetes' kubelet signs itself. `now` is wall-clock milliseconds. */
  async first(nodeName: string, now: number): Promise<ServingCertificate> {
    const read = await this.#readNew();
    if (read) return read;
    const { certificate, key } = await createAuthority(nodeName, now, DAY_MILLISECONDS);
    return { cert: certificate, key };
  }

  /** Hands over each new certificate until the signal. */
  async follow(take: (certificate: ServingCertificate) => void, clock: Clock, logger: Logger, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(this.#version === '' ? CHECK_MILLISECONDS.waiting : CHECK_MILLISECONDS.serving, signal);
      if (signal.aborted) return;
      try {
        const renewed = await this.#readNew();
        if (!renewed) continue;
        take(renewed);
        logger.info("the server's certificate was taken", { file: this.#files.certificate });
      } catch (error) {
        logger.warn("the server's new certificate cannot be used", { file: this.#files.certificate, error });
      }
    }
  }

  async #readNew(): Promise<ServingCertificate | undefined> {
    const { certificate, key } = this.#files;
    const version = (await Promise.all([certificate, key].map(versionOf))).join(' ');
    if (version === this.#version || version.includes('missing')) return undefined;
    const read = { cert: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') };
    this.#version = version;
    return read;
  }
}

async function versionOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino}/${size}/${mtimeMs}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing';
    throw error;
  }
}
