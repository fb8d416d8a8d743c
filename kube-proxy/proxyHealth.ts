import { createServer, type Server } from 'node:http';
import type { V1Node } from '../api/generated/types.ts';
import { type Clock, formatTime } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';

/** What the cluster autoscaler puts on a node before it deletes it. */
const TO_BE_DELETED_TAINT = 'ToBeDeletedByClusterAutoscaler';

/** Whether load balancers may send this node new connections: not while it is being deleted (KEP-3836). */
export function isEligible({ metadata, spec }: V1Node): boolean {
  return metadata.deletionTimestamp === undefined && !(spec?.taints ?? []).some(({ key }) => key === TO_BE_DELETED_TAINT);
}

/**
 * Whether this proxy keeps up: it is healthy unless a change has waited for longer than `timeout` milliseconds. Until the node was seen, it
 * is taken to be eligible.
 */
export class ProxyHealth {
  readonly #clock: Clock;
  readonly #timeout: number;
  #oldestPending: number | undefined;
  #lastUpdated: number;
  #eligible = true;

  constructor(clock: Clock, timeout: number) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#lastUpdated = clock.now();
  }

  get isHealthy(): boolean {
    return this.#oldestPending === undefined || this.#clock.monotonic() - this.#oldestPending < this.#timeout;
  }

  queued(): void {
    this.#oldestPending ??= this.#clock.monotonic();
  }

  /** All that was queued is in the kernel. */
  updated(): void {
    this.#oldestPending = undefined;
    this.#lastUpdated = this.#clock.now();
  }

  sawNode(node: V1Node | undefined): void {
    this.#eligible = node !== undefined && isEligible(node);
  }

  /** The answer to `/healthz` and `/livez`, which does not ask about the node; undefined for other paths. */
  answer(path: string): { readonly status: number; readonly body: string } | undefined {
    if (path !== '/healthz' && path !== '/livez') return undefined;
    const asksNode = path === '/healthz';
    const isGood = this.isHealthy && (this.#eligible || !asksNode);
    const now = this.#clock.now();
    const times = `"lastUpdated": "${formatTime(isGood ? now : this.#lastUpdated)}","currentTime": "${formatTime(now)}"`;
    return { status: isGood ? 200 : 503, body: asksNode ? `{${times}, "nodeEligible": ${this.#eligible}}` : `{${times}}` };
  }
}

/** Serves it on all addresses, for load balancers outside; rejects when the port cannot be had. */
export function serveProxyHealth(health: ProxyHealth, port: number, logger: Logger): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = health.answer(new URL(request.url ?? '/', 'http://localhost').pathname);
    response.writeHead(answer?.status ?? 404, { 'Content-Type': answer ? 'application/json' : 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
    response.end(answer?.body ?? '404 page not found\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject).on('error', (error) => logger.error('the health server failed', { error }));
      resolve(server);
    });
  });
}
