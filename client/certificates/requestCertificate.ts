import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { ApiError } from '../../api/apiError.ts';
import type { V1CertificateSigningRequest } from '../../api/generated/types.ts';
import { createSigningKey } from '../../process/certificates.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { newSigningRequest } from '../../process/newSigningRequest.ts';
import { writeWhole } from '../../process/writeWhole.ts';
import { CertificateSigningRequests } from '../resources.ts';
import type { KubeClient } from '../types.ts';
import { type HeldCertificate, readCertificateFile } from './certificateFile.ts';
import type { CertificateSpec } from './rotation.ts';

export interface RequestContext {
  /** As whom the certificate is asked for; asked anew for every attempt, since the identity may have been renewed. */
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** client-go's `RequestCertificate` gives a request that long before it makes another one. */
const PATIENCE_SECONDS = 900;
/** Mode of files with keys. */
const SECRET = 0o600;
const PENDING = Symbol('pending');
const TELL_MILLISECONDS = 30_000;
const FIRST_RETRY_MILLISECONDS = 250;
const LONGEST_RETRY_MILLISECONDS = 10_000;
/** A request that was denied is not to come back as another one at once, and ever again. */
const REFUSED_RETRY_MILLISECONDS = { first: 10_000, longest: 600_000 } as const;

/**
 * Gets a certificate by a CertificateSigningRequest and writes it to the spec's file. It tries for as long as it takes: the API server may be away,
 * and somebody may have to approve the request. A process that is started again goes on with the request that it made before.
 * @throws what the signal's abort gives
 */
export async function requestCertificate(spec: CertificateSpec, context: RequestContext): Promise<HeldCertificate> {
  const { clock, logger, signal } = context;
  let failures = 0;
  let refusals = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      const held = await attempt(spec, context);
      if (held) return held;
      refusals += 1;
      await clock.sleep(Math.min(REFUSED_RETRY_MILLISECONDS.longest, REFUSED_RETRY_MILLISECONDS.first * 2 ** (refusals - 1)), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      logger.warn('a certificate could not be had; trying again', { for: spec.commonName, signer: spec.signerName, error });
      await clock.sleep(Math.min(LONGEST_RETRY_MILLISECONDS, FIRST_RETRY_MILLISECONDS * 2 ** failures), signal);
      failures += 1;
    }
  }
}

/** Undefined where the request was refused, has gone, or took too long: the next attempt begins with a new key. */
async function attempt(spec: CertificateSpec, context: RequestContext): Promise<HeldCertificate | undefined> {
  const pending = `${spec.file}.pending`;
  if (!existsSync(pending)) writeWhole(pending, createSigningKey().privateKey, SECRET);
  const key = readFileSync(pending, 'utf8');
  const name = requestName(spec, key);
  await create(spec, context, name, key);
  const certificate = await issued(name, context);
  if (certificate !== undefined) writeWhole(spec.file, certificate + key, SECRET);
  rmSync(pending, { force: true });
  return certificate === undefined ? undefined : readCertificateFile(spec.file);
}

/** The same for the same key and wish, so that a request is found again after a restart (client-go's `digestedName`). */
function requestName({ signerName, commonName, organizations, names, usages }: CertificateSpec, key: string): string {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const digest = createHash('sha256').update(publicKey).update(JSON.stringify([signerName, commonName, organizations, names, usages])).digest('hex');
  return `${commonName.startsWith('system:node:') ? 'node-csr' : 'csr'}-${digest.slice(0, 43)}`;
}

async function create(spec: CertificateSpec, { client }: RequestContext, name: string, key: string): Promise<void> {
  const request = await newSigningRequest(key, spec);
  try {
    await client.create(CertificateSigningRequests, {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: { signerName: spec.signerName, request: Buffer.from(request).toString('base64'), usages: [...spec.usages] },
    });
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
  }
}

/** Waits for the certificate (PEM); undefined where there will be none. */
async function issued(name: string, { client, clock, logger, signal }: RequestContext): Promise<string | undefined> {
  const begun = clock.monotonic();
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const tell = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(TELL_MILLISECONDS, either);
      if (either.aborted) return;
      logger.warn(`waiting for a certificate: nobody has approved the request yet (kubectl certificate approve ${name})`);
    }
  };
  const telling = tell();
  try {
    while (clock.monotonic() - begun < PATIENCE_SECONDS * 1000) {
      signal.throwIfAborted();
      const fieldSelector = `metadata.name=${name}`;
      const { metadata, items } = await client.list(CertificateSigningRequests, { fieldSelector, signal });
      const outcome = outcomeOf(items[0], logger);
      if (outcome !== PENDING) return outcome;
      for await (const event of client.watch(CertificateSigningRequests, { fieldSelector, resourceVersion: metadata.resourceVersion ?? '0', timeoutSeconds: 60, signal })) {
        if (event.type === 'ERROR' || event.type === 'BOOKMARK') break;
        const now = outcomeOf(event.type === 'DELETED' ? undefined : event.object, logger);
        if (now !== PENDING) return now;
      }
    }
    return undefined;
  } finally {
    enough.abort();
    await telling;
  }
}

/** What has become of a request: its certificate, undefined where it gets none, or PENDING. */
function outcomeOf(request: V1CertificateSigningRequest | undefined, logger: Logger): string | typeof PENDING | undefined {
  if (!request) return undefined;
  const { conditions = [], certificate } = request.status ?? {};
  const bad = conditions.find(({ type }) => type === 'Denied' || type === 'Failed');
  if (bad) {
    logger.warn(`a request for a certificate was ${bad.type === 'Denied' ? 'denied' : 'not signed'}`, { request: request.metadata.name, reason: bad.reason, message: bad.message });
    return undefined;
  }
  return certificate ? Buffer.from(certificate, 'base64').toString('utf8') : PENDING;
}
