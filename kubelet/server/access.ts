import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { SubjectAccessReviews, TokenReviews } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import type { Clock } from '../../process/clock.ts';
import { nodeAttributes } from './requestAttributes.ts';

/** The kubelet's defaults: `authentication.webhook.cacheTTL`, `authorization.webhook.cacheAuthorizedTTL` and `cacheUnauthorizedTTL`. */
const TOKEN_MILLISECONDS = 120_000;
const ALLOWED_MILLISECONDS = 300_000;
const REFUSED_MILLISECONDS = 30_000;
const CACHE_LIMIT = 1000;

interface Caller {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A refusal with the status and text of its answer. */
export class RefusedError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Who may ask the kubelet what: the cluster decides, by TokenReview and SubjectAccessReview. */
export class Access {
  readonly #client: KubeClient;
  readonly #nodeName: string;
  readonly #tokens: ExpiringMap<Caller | undefined>;
  readonly #decisions: ExpiringMap<boolean>;

  constructor(client: KubeClient, nodeName: string, clock: Clock) {
    this.#client = client;
    this.#nodeName = nodeName;
    this.#tokens = new ExpiringMap(clock);
    this.#decisions = new ExpiringMap(clock);
  }

  /** Throws a `RefusedError`: 401 for who is not known, 403 for who may not. */
  async check(request: IncomingMessage, path: string): Promise<void> {
    const caller = await this.#authenticate(request);
    if (!caller) throw new RefusedError(401, 'Unauthorized');
    const { verb, subresources } = nodeAttributes(request.method ?? 'GET', path);
    for (const subresource of subresources) if (await this.#allowed(caller, verb, subresource)) return;
    throw new RefusedError(403, `Forbidden (user=${caller.username}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])`);
  }

  async #authenticate(request: IncomingMessage): Promise<Caller | undefined> {
    const ofCertificate = callerOf(request.socket as TLSSocket);
    if (ofCertificate) return ofCertificate;
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
    if (!token) return undefined;
    const key = createHash('sha256').update(token).digest('base64');
    return this.#tokens.get(key, async () => {
      const review = await this.#client.create(TokenReviews, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } });
      const { authenticated, user } = review.status ?? {};
      if (!authenticated || !user?.username) return { value: undefined, milliseconds: REFUSED_MILLISECONDS };
      return { value: { username: user.username, groups: user.groups ?? [], ...(user.uid ? { uid: user.uid } : {}), ...(user.extra ? { extra: user.extra } : {}) }, milliseconds: TOKEN_MILLISECONDS };
    });
  }

  #allowed(caller: Caller, verb: string, subresource: string): Promise<boolean> {
    const key = JSON.stringify([caller, verb, subresource]);
    return this.#decisions.get(key, async () => {
      const spec = {
        user: caller.username,
        groups: [...caller.groups],
        ...(caller.uid === undefined ? {} : { uid: caller.uid }),
        ...(caller.extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(caller.extra).map(([name, values]) => [name, [...values]])) }),
        resourceAttributes: { verb, group: '', version: 'v1', resource: 'nodes', subresource, name: this.#nodeName },
      };
      const review = await this.#client.create(SubjectAccessReviews, { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec });
      const allowed = review.status?.allowed ?? false;
      return { value: allowed, milliseconds: allowed ? ALLOWED_MILLISECONDS : REFUSED_MILLISECONDS };
    });
  }
}

/** The subject of a certificate that one of the cluster's authorities signed. */
function callerOf(socket: TLSSocket): Caller | undefined {
  if (!socket.authorized) return undefined;
  // Typed as single texts; a subject with several of a name has a list.
  const subject = socket.getPeerCertificate().subject as { readonly CN?: string | readonly string[]; readonly O?: string | readonly string[] } | undefined;
  const username = [subject?.CN ?? []].flat()[0];
  return username === undefined ? undefined : { username, groups: [...[subject?.O ?? []].flat(), 'system:authenticated'] };
}

/** Answers for a time; whoever asks while an answer is being looked for waits for it. */
class ExpiringMap<V> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly value: Promise<V>; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(key: string, find: () => Promise<{ readonly value: V; readonly milliseconds: number }>): Promise<V> {
    const known = this.#entries.get(key);
    if (known && this.#clock.monotonic() < known.until) return known.value;
    if (this.#entries.size >= CACHE_LIMIT) this.#entries.clear();
    const found = find();
    const entry = { value: found.then(({ value }) => value), until: Infinity };
    this.#entries.set(key, entry);
    try {
      entry.until = this.#clock.monotonic() + (await found).milliseconds;
      return await entry.value;
    } catch (error) {
      this.#entries.delete(key);
      await entry.value.catch(() => undefined);
      throw error;
    }
  }
}
