/** How long something that failed is left alone, and since when. Milliseconds. */
export interface BackoffEntry {
  readonly delay: number;
  readonly updatedAt: number;
}

export interface BackoffLimits {
  readonly initial: number;
  readonly max: number;
}

/** Of containers that crash and of images that cannot be pulled (`containerBackOffPeriod`, `MaxContainerBackOff`). */
export const KUBELET_BACKOFF: BackoffLimits = { initial: 10_000, max: 300_000 };

/** When what failed at `failedAt` may be tried again; undefined where it may at once (`flowcontrol.Backoff.IsInBackOffSince`). */
export function retryAt(entry: BackoffEntry | undefined, failedAt: number, now: number, limits: BackoffLimits = KUBELET_BACKOFF): number | undefined {
  if (!entry || expired(entry, failedAt, limits)) return undefined;
  return now - failedAt < entry.delay ? failedAt + entry.delay : undefined;
}

/** The entry after another try of what failed at `failedAt` (`flowcontrol.Backoff.Next`). */
export function nextBackoff(entry: BackoffEntry | undefined, failedAt: number, now: number, limits: BackoffLimits = KUBELET_BACKOFF): BackoffEntry {
  const delay = !entry || expired(entry, failedAt, limits) ? limits.initial : Math.min(entry.delay * 2, limits.max);
  return { delay, updatedAt: now };
}

/** What went well for twice the longest delay is forgiven. */
function expired(entry: BackoffEntry, failedAt: number, limits: BackoffLimits): boolean {
  return failedAt - entry.updatedAt > 2 * limits.max;
}

/** As Go prints a duration of whole seconds: `10s`, `1m20s`, `5m0s`. */
export function formatDelay(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
