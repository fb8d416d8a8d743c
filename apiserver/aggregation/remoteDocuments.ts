import { createHash } from 'node:crypto';
import type { V1APIService } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import { entriesOf, openApiPaths, resourcesOf, versionsOf, type VersionEntry } from './discoveryEntry.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import type { OpenApiV2 } from './mergeOpenApi.ts';
import { UnreachableError, type RemoteServers } from './remoteServers.ts';
import { keyOf } from './remoteServices.ts';

/** What an extension server publishes. */
interface Documents {
  readonly versions: ReadonlyMap<string, VersionEntry>;
  readonly openApiV2?: OpenApiV2;
  readonly openApiV2Hash: string;
  /** Paths of its OpenAPI v3 documents (`apis/metrics.k8s.io/v1beta1`), each with where it is read, by its hash. */
  readonly openApiV3: ReadonlyMap<string, string>;
  readonly etags: { readonly discovery?: string | undefined; readonly v2?: string | undefined };
  /** Monotonic milliseconds. */
  readonly at: number;
  /** The server could not be asked since. */
  readonly stale: boolean;
}

/** How long documents are kept before they are asked for again, as in Kubernetes. */
const REFRESH_MS = 60_000;
const AGGREGATED = ['v2', 'v2beta1'].map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`).join(',');
const NOTHING: Documents = { versions: new Map(), openApiV3: new Map(), openApiV2Hash: '', etags: {}, at: 0, stale: true };

/**
 * The documents of all extension servers, kept by the Service behind them; what was read last is told on, marked as stale, while a server
 * does not answer.
 */
export class RemoteDocuments {
  readonly #servers: RemoteServers;
  readonly #clock: Clock;
  readonly #byServer = new Map<string, Documents>();
  /** One reading at a time of each server: several versions have it in common. */
  readonly #reading = new Map<string, Promise<void>>();
  #generation = 0;

  constructor(servers: RemoteServers, clock: Clock) {
    this.#servers = servers;
    this.#clock = clock;
  }

  /** Raised by every change. */
  get generation(): number {
    return this.#generation;
  }

  /** How a version is shown in aggregated discovery. */
  entry(apiService: V1APIService): VersionEntry {
    const documents = this.#byServer.get(serverOf(apiService)) ?? NOTHING;
    const found = documents.versions.get(keyOf(apiService));
    const version = apiService.spec?.version ?? '';
    return { ...found, version, freshness: found && !documents.stale ? 'Current' : 'Stale' };
  }

  openApiV2(apiService: V1APIService): OpenApiV2 | undefined {
    return this.#byServer.get(serverOf(apiService))?.openApiV2;
  }

  openApiV2Hash(apiService: V1APIService): string {
    return this.#byServer.get(serverOf(apiService))?.openApiV2Hash ?? '';
  }

  /** The address of a version's OpenAPI v3 document at its server, `/openapi/v3/apis/…?hash=…`. */
  openApiV3(apiService: V1APIService): string | undefined {
    return this.#byServer.get(serverOf(apiService))?.openApiV3.get(pathOf(apiService));
  }

  /** Reads the documents anew where they are old, or do not have this version. */
  async refresh(apiService: V1APIService): Promise<void> {
    const server = serverOf(apiService);
    for (let other = this.#reading.get(server); other; other = this.#reading.get(server)) await other;
    const reading = this.#read(apiService, server);
    const settled = reading.then(() => undefined, () => undefined);
    this.#reading.set(server, settled);
    try {
      await reading;
    } finally {
      this.#reading.delete(server);
    }
  }

  async #read(apiService: V1APIService, server: string): Promise<void> {
    const before = this.#byServer.get(server);
    const now = this.#clock.monotonic();
    if (before && !before.stale && now - before.at < REFRESH_MS && before.versions.has(keyOf(apiService))) return;
    try {
      const discovery = await this.#discovery(apiService, before);
      const [openApiV3, v2] = await Promise.all([this.#v3Index(apiService), this.#v2(apiService, before)]);
      const after: Documents = { versions: discovery.versions, ...(v2.document ? { openApiV2: v2.document } : {}), openApiV2Hash: v2.hash, openApiV3, etags: { discovery: discovery.etag, v2: v2.etag }, at: now, stale: false };
      this.#byServer.set(server, after);
      if (!before || before.stale || !sameDocuments(before, after)) this.#generation += 1;
    } catch (error) {
      this.markStale(apiService);
      throw error;
    }
  }

  markStale(apiService: V1APIService): void {
    const server = serverOf(apiService);
    const before = this.#byServer.get(server);
    if (!before || before.stale) return;
    this.#byServer.set(server, { ...before, stale: true });
    this.#generation += 1;
  }

  /** Forgets servers that no APIService leads to any more. */
  keepOnly(apiServices: readonly V1APIService[]): void {
    const present = new Set(apiServices.map(serverOf));
    for (const server of this.#byServer.keys()) if (!present.has(server)) this.#byServer.delete(server);
  }

  async #discovery(apiService: V1APIService, before: Documents | undefined): Promise<{ readonly versions: Documents['versions']; readonly etag: string | undefined }> {
    const whole = await this.#servers.fetch(apiService, { path: '/apis', accept: AGGREGATED, etag: before?.etags.discovery, verified: true });
    if (whole.status === 304 && before) return { versions: before.versions, etag: before.etags.discovery };
    const versions = whole.status === 200 ? versionsOf(parse(whole.body)) : undefined;
    if (versions) return { versions, etag: whole.etag };
    // A server that only knows the older documents has one for each version.
    const path = `/${pathOf(apiService)}`;
    const plain = await this.#servers.fetch(apiService, { path, accept: 'application/json', verified: true });
    if (plain.status !== 200) throw new UnreachableError(`failed to download discovery for ${path}: ${plain.status}`, plain.url);
    const { group = '', version = '' } = apiService.spec ?? {};
    const entry: VersionEntry = { version, resources: entriesOf(resourcesOf(parse(plain.body)), group, version), freshness: 'Current' };
    return { versions: new Map([...(before?.versions ?? []), [keyOf(apiService), entry]]), etag: undefined };
  }

  /** None where the server publishes none: that is no fault. */
  async #v3Index(apiService: V1APIService): Promise<ReadonlyMap<string, string>> {
    const answer = await this.#servers.fetch(apiService, { path: '/openapi/v3', accept: 'application/json', verified: true });
    if (answer.status !== 200) return new Map();
    return openApiPaths(parse(answer.body));
  }

  async #v2(apiService: V1APIService, before: Documents | undefined): Promise<{ readonly document?: OpenApiV2 | undefined; readonly hash: string; readonly etag?: string | undefined }> {
    const answer = await this.#servers.fetch(apiService, { path: '/openapi/v2', accept: 'application/json', etag: before?.etags.v2, verified: true });
    if (answer.status === 304 && before) return { document: before.openApiV2, hash: before.openApiV2Hash, etag: before.etags.v2 };
    if (answer.status !== 200) return { hash: '' };
    const document = parse(answer.body);
    if (!isRecord(document)) return { hash: '' };
    return { document, hash: createHash('sha256').update(answer.body).digest('hex'), etag: answer.etag };
  }
}

function serverOf({ spec }: V1APIService): string {
  const { namespace = '', name = '', port = 443 } = spec?.service ?? {};
  return `${namespace}/${name}:${port}`;
}

/** `apis/metrics.k8s.io/v1beta1`, without a slash before. */
export function pathOf({ spec }: V1APIService): string {
  return spec?.group ? `apis/${spec.group}/${spec.version}` : `api/${spec?.version ?? ''}`;
}

function sameDocuments(a: Documents, b: Documents): boolean {
  if (a.openApiV2Hash !== b.openApiV2Hash) return false;
  return JSON.stringify([[...a.versions], [...a.openApiV3]]) === JSON.stringify([[...b.versions], [...b.openApiV3]]);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new UnreachableError(`its document is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
