import { createHash } from 'node:crypto';
import { methodNotAllowed, NoSuchPathError, pathNotFound } from '../../api/apiError.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import { respond } from '../handlers/respond.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { PROTOBUF_TYPE } from '../codec/protobuf/envelope.ts';
import { ProtobufEncoder } from '../codec/protobuf/protobufEncoder.ts';
import type { Registry } from '../registry.ts';
import { ContentNegotiation } from '../request/mediaType.ts';
import { wantsPretty } from '../request/wantsPretty.ts';
import type { ApiResponse, ConnectCall, PathHandler } from '../types.ts';
import { aggregatedDiscovery } from './aggregated.ts';
import { discoveryMessage } from './discoveryMessage.ts';
import { apiResources, groupsOf, isBuiltIn, servedIn } from './discovery.ts';
import type { DiscoverySource, ServedGroup } from './discovery.ts';

/** What `/version` says. */
export interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

/** Serves `/`, `/api`, `/apis` and what is below them, and `/version`. `serverAddress` is `host:port`; `paths` are the other paths that are served. */
export function discoveryHandlers(source: DiscoverySource, schema: Schema, serverAddress: string, version: VersionInfo, paths: readonly string[]): PathHandler[] {
  const { registry } = source;
  const negotiation = new ContentNegotiation(new ProtobufEncoder(schema));
  const documents = new Documents(source);
  const serve = (path: string, build: (call: ConnectCall) => object): PathHandler => ({
    path,
    handle: async (call) => answer(negotiation, call, () => build(call)),
  });
  // Whatever is asked for, as in Kubernetes: clients that want protobuf of everything ask here, too.
  const plain = (path: string, build: () => unknown): PathHandler => ({ path, handle: async () => respond(200, build(), { format: 'json' }, true) });
  const onlyGet = (handler: PathHandler): PathHandler => ({
    path: handler.path,
    handle: async (call) => {
      if (call.request.method !== 'GET') throw methodNotAllowed();
      return handler.handle(call);
    },
  });
  const root = (name: 'api' | 'apis', plain: () => object): PathHandler => ({
    path: `/${name}`,
    handle: async (call): Promise<ApiResponse> => {
      const form = negotiation.choose(call.request.headers['accept']);
      if (form.as !== 'APIGroupDiscoveryList') return answer(negotiation, call, plain);
      const isMessage = form.format === 'protobuf';
      const type = `${isMessage ? PROTOBUF_TYPE : 'application/json'};g=apidiscovery.k8s.io;v=${form.asVersion};as=APIGroupDiscoveryList`;
      const { body, etag } = documents.get(`${name} ${form.asVersion} ${isMessage}`, () => {
        const list = aggregatedDiscovery(source, form.asVersion, name);
        return isMessage ? discoveryMessage(list) : Buffer.from(`${JSON.stringify(list)}\n`);
      });
      const headers = { 'content-type': type, etag, vary: 'Accept' };
      return call.request.headers['if-none-match'] === etag ? { status: 304, headers, body: Buffer.alloc(0) } : { status: 200, headers, body };
    },
  });
  const byClient = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  return [
    plain('/', () => ({ paths: ['/api', '/api/v1', '/apis', ...groupsOf(source).flatMap(groupPaths), ...paths].sort() })),
    onlyGet(plain('/version', () => version)),
    onlyGet(root('api', () => ({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: byClient }))),
    root('apis', () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(source).map(groupEntry) })),
    onlyGet(serve('/api/', ({ request }) => resourceList(registry, '', partsOf(request.path)[1] ?? '', partsOf(request.path).length === 2))),
    serve('/apis/', ({ request }) => {
      const [, group = '', version = '', ...more] = partsOf(request.path);
      if (version !== '') {
        const list = resourceList(registry, group, version, more.length === 0);
        if (request.method !== 'GET' && isBuiltIn(registry, group)) throw methodNotAllowed();
        return list;
      }
      const found = groupsOf(source).find(({ name }) => name === group);
      if (!found) throw new NoSuchPathError();
      return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found) };
    }),
  ];
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

function answer(negotiation: ContentNegotiation, { request }: ConnectCall, build: () => object): ApiResponse {
  const form = negotiation.choose(request.headers['accept']);
  const document = build();
  // In JSON the list of the core group's versions says nothing of its own.
  return respond(200, form.protobuf ? { apiVersion: 'v1', ...document } : document, form, wantsPretty(request));
}

function groupPaths({ name, versions }: ServedGroup): string[] {
  return [`/apis/${name}`, ...versions.map(({ version }) => `/apis/${name}/${version}`)];
}

function groupEntry({ name, versions }: ServedGroup): Record<string, unknown> {
  const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function resourceList(registry: Registry, group: string, version: string, isWhole: boolean): object {
  const served = servedIn(registry, group, version);
  // Below what is served it is an API that says so, and elsewhere nobody.
  if (served.length === 0) throw isBuiltIn(registry, group) ? pathNotFound() : new NoSuchPathError();
  if (!isWhole) throw pathNotFound();
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources: served.flatMap(apiResources) };
}

/** Documents as bytes, made anew when what is served has changed. */
class Documents {
  readonly #source: DiscoverySource;
  readonly #bytes = new Map<string, { readonly body: Buffer; readonly etag: string }>();
  #generation = '';

  constructor(source: DiscoverySource) {
    this.#source = source;
  }

  get(name: string, build: () => Buffer): { readonly body: Buffer; readonly etag: string } {
    const { registry, remote } = this.#source;
    const generation = `${registry.generation}/${remote?.generation ?? 0}`;
    if (this.#generation !== generation) {
      this.#bytes.clear();
      this.#generation = generation;
    }
    let document = this.#bytes.get(name);
    if (!document) {
      const body = build();
      this.#bytes.set(name, (document = { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` }));
    }
    return document;
  }
}
