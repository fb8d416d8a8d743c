import { createHash } from 'node:crypto';
import type { Schema } from '../../api/schema/schema.ts';
import type { OpenApiV2 } from '../aggregation/mergeOpenApi.ts';
import type { Registry, ServedResource } from '../registry.ts';
import { buildV2, buildV3, type OpenApiDocument } from './document.ts';
import type { ApiResponse, ConnectCall } from '../types.ts';
import { encodeGnosticV2, encodeGnosticV3 } from './gnosticWriter.ts';

export type OpenApiForm = 'json' | 'protobuf';

/** A document as it is sent. */
export interface EncodedDocument {
  readonly body: Buffer;
  /** The same for all forms of one document; changes with its contents. */
  readonly hash: string;
}

/** The documents of what other servers serve. */
export interface RemoteOpenApi {
  /** Raised by every change. */
  readonly generation: number;
  /** Our document with theirs in it. */
  mergeV2<T extends OpenApiV2>(document: T): T;
  /** Changes with what `mergeV2` adds; the same on every API server. */
  v2Hash(): string;
  /** Their paths of OpenAPI v3 (`apis/metrics.k8s.io/v1beta1`), each with where its document is read. */
  v3Paths(): ReadonlyMap<string, string>;
  /** The document of such a path, from its server; undefined where it is none of theirs. */
  v3(path: string, call: ConnectCall): Promise<ApiResponse | undefined>;
}

/** As many documents are kept as bytes; the rest is built anew when asked for. Clients keep their own copies by hash, so most are asked for once. */
const KEPT_DOCUMENTS = 6;

/** The OpenAPI documents of what a registry serves, built when they are asked for. */
export class OpenApi {
  readonly #schema: Schema;
  readonly #registry: Pick<Registry, 'all' | 'generation'>;
  readonly #version: string;
  readonly #kept = new Map<string, Buffer>();
  readonly #remote: RemoteOpenApi | undefined;
  #generation = '';
  #groups = new Map<string, ServedResource[]>();
  #hashes = new Map<string, string>();

  /** `version` is the API server's own (`v1.36.0`). */
  constructor(schema: Schema, registry: Pick<Registry, 'all' | 'generation'>, version: string, remote?: RemoteOpenApi) {
    this.#schema = schema;
    this.#remote = remote;
    this.#registry = registry;
    this.#version = version;
  }

  /** The document of `/openapi/v2`. */
  v2(form: OpenApiForm): EncodedDocument {
    this.#refresh();
    const body = this.#keep(`v2 ${form}`, () => {
      const own = buildV2(this.#schema, this.#schema.descriptions(), this.#registry.all, this.#version);
      const document = this.#remote ? this.#remote.mergeV2(own) : own;
      return form === 'json' ? toJson(document) : encodeGnosticV2(document);
    });
    return { body, hash: this.#hash('v2', this.#registry.all, this.#remote?.v2Hash()) };
  }

  /** The paths of `/openapi/v3` (`api/v1`, `apis/apps/v1`), each with the hash of its document. */
  v3Index(): ReadonlyMap<string, string> {
    this.#refresh();
    return new Map([...this.#groups].map(([path, resources]) => [path, this.#hash(path, resources)]));
  }

  /** As `v3Index`, of what other servers serve: each with where its document is read. */
  remoteV3Index(): ReadonlyMap<string, string> {
    return this.#remote?.v3Paths() ?? new Map();
  }

  /** The document of a path of another server's; undefined where it is none. */
  async remoteV3(path: string, call: ConnectCall): Promise<ApiResponse | undefined> {
    return this.#remote?.v3(path, call);
  }

  /** The document of one group and version, by its path in the index; undefined where there is none. */
  v3(path: string, form: OpenApiForm): EncodedDocument | undefined {
    this.#refresh();
    const resources = this.#groups.get(path);
    if (!resources) return undefined;
    const body = this.#keep(`v3 ${form} ${path}`, () => {
      const document = buildV3(this.#schema, this.#schema.descriptions(), resources, this.#version);
      return form === 'json' ? toJson(document) : encodeGnosticV3(document);
    });
    return { body, hash: this.#hash(path, resources) };
  }

  /** Forgets what was derived from resources that have changed since. */
  #refresh(): void {
    const generation = `${this.#registry.generation}/${this.#remote?.generation ?? 0}`;
    if (this.#generation === generation) return;
    this.#generation = generation;
    this.#kept.clear();
    this.#hashes.clear();
    this.#groups = new Map();
    for (const served of this.#registry.all) {
      const path = `${served.definition.group === '' ? 'api' : 'apis'}/${served.apiVersion}`;
      this.#groups.set(path, [...(this.#groups.get(path) ?? []), served]);
    }
  }

  /** A document follows from the schema's version and what is served, so these are hashed and not its bytes. */
  #hash(path: string, resources: readonly ServedResource[], others = ''): string {
    let hash = this.#hashes.get(path);
    if (hash === undefined) {
      const facts = resources.map(({ definition, verbs, subresources }) => [definition.group, definition.version, definition.kind, definition.plural, definition.namespaced, definition.model, definition.custom?.published, [...verbs], subresources]);
      hash = createHash('sha256').update(JSON.stringify([this.#version, this.#schema.kubernetes, path, facts, ...(others === '' ? [] : [others])])).digest('hex').toUpperCase();
      this.#hashes.set(path, hash);
    }
    return hash;
  }

  /** Gives the bytes that are kept, or builds them; the one unused for longest makes room. */
  #keep(key: string, build: () => Buffer): Buffer {
    const body = this.#kept.get(key) ?? build();
    this.#kept.delete(key);
    this.#kept.set(key, body);
    if (this.#kept.size > KEPT_DOCUMENTS) this.#kept.delete(this.#kept.keys().next().value!);
    return body;
  }
}

function toJson(document: OpenApiDocument): Buffer {
  return Buffer.from(JSON.stringify(document));
}
