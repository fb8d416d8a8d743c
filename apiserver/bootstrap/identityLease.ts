import { createHash } from 'node:crypto';
import { ApiError } from '../../api/apiError.ts';
import type { V1Lease } from '../../api/generated/types.ts';
import { lease } from '../../api/kinds/coordination/lease.ts';
import type { Draft } from '../../api/meta.ts';
import { LABEL_HOSTNAME, NAMESPACE_SYSTEM } from '../../api/wellKnown.ts';
import { formatMicroTime } from '../../process/clock.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { resourcePrefix, type WatchCache } from '../storage/types.ts';
import type { Loopback } from './loopback.ts';

const IDENTITY_LABEL = 'apiserver.kubernetes.io/identity';
const COMPONENT = 'kube-apiserver';
/** Kubernetes' `--identity-lease-duration-seconds` and `--identity-lease-renew-interval-seconds`. */
const DURATION_SECONDS = 3600;
const RENEW_MS = 10_000;
/** How often leases of servers that are gone are looked for. */
const COLLECT_MS = 3_600_000;
const LEASES = { group: 'coordination.k8s.io', resource: 'leases' };
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** `apiserver-<hash>`, the same for every start on one host: of the hostname and the component, each with its length before it. */
export function serverIdentity(hostname: string): string {
  const prefixed = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const hash = createHash('sha256').update(prefixed(hostname)).update(prefixed(COMPONENT)).digest().subarray(0, 16);
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return `apiserver-${(bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')}`;
}

/** The Lease as it should be; `present` keeps what it has besides. */
export function identityLease(hostname: string, holder: string, now: number, present?: V1Lease): Draft<V1Lease> {
  const renewTime = formatMicroTime(now);
  const name = serverIdentity(hostname);
  const isRenewal = present?.spec?.holderIdentity === holder;
  const acquireTime = isRenewal && present.spec?.acquireTime !== undefined ? present.spec.acquireTime : renewTime;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...present?.metadata, name, namespace: NAMESPACE_SYSTEM, labels: { ...present?.metadata.labels, [IDENTITY_LABEL]: COMPONENT, [LABEL_HOSTNAME]: hostname } },
    spec: { ...present?.spec, holderIdentity: holder, leaseDurationSeconds: DURATION_SECONDS, acquireTime, renewTime },
  };
}

/** Whether a server's lease ended long ago: nobody has renewed it for its whole duration. */
export function isEnded({ metadata, spec }: V1Lease, now: number): boolean {
  if (metadata.labels?.[IDENTITY_LABEL] !== COMPONENT) return false;
  const renewed = Date.parse(spec?.renewTime ?? '');
  return !(renewed + (spec?.leaseDurationSeconds ?? 0) * 1000 > now);
}

export interface IdentityParts {
  readonly client: Loopback;
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Keeps the Lease by which everybody sees this server and its identity, as Kubernetes does, until the signal is aborted; now and then
 * takes those of servers away that never came back.
 */
export async function keepIdentity({ client, cache, clock, logger }: IdentityParts, hostname: string, uid: string, signal: AbortSignal): Promise<void> {
  if (!client.serves(lease)) return;
  const name = serverIdentity(hostname);
  const holder = `${name}_${uid}`;
  let collected = clock.monotonic();
  while (!signal.aborted) {
    try {
      const present = await client.get<V1Lease>(lease, NAMESPACE_SYSTEM, name);
      const wanted = identityLease(hostname, holder, clock.now(), present);
      if (present) await client.update<V1Lease>(lease, { ...present, ...wanted, metadata: { ...present.metadata, ...wanted.metadata, namespace: NAMESPACE_SYSTEM } });
      else await client.create(lease, wanted);
      if (clock.monotonic() - collected >= COLLECT_MS) {
        collected = clock.monotonic();
        await collect(client, cache, clock.now());
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'Conflict')) logger.warn("this server's identity lease was not renewed", { error });
    }
    await clock.sleep(RENEW_MS, signal);
  }
}

async function collect(client: Loopback, cache: WatchCache, now: number): Promise<void> {
  for (const { object } of cache.list(resourcePrefix(LEASES, NAMESPACE_SYSTEM))) {
    const each = object as V1Lease;
    if (isEnded(each, now)) await client.remove(lease, NAMESPACE_SYSTEM, each.metadata.name, each.metadata.uid);
  }
}
