import { ApiError } from '../../api/apiError.ts';
import type { V1Status } from '../../api/generated/types.ts';
import type { Draft, KubeObject } from '../../api/meta.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { ApiRequest, ApiResponse } from '../types.ts';

/** What a request is answered by: the server's own pipeline. */
export interface RequestHandler {
  handle(request: ApiRequest): Promise<ApiResponse>;
}

const IDENTITY = { commonName: 'system:apiserver', organizations: ['system:masters'] };

/**
 * The API server as its own client: requests go through the whole pipeline as everybody's do, without a socket. Refusals are thrown as
 * the `ApiError` that a client would be told.
 */
export class Loopback {
  readonly #handler: RequestHandler;
  readonly #signal: AbortSignal;
  /** Whether a kind is served: `--runtime-config` may have taken it out, and then nothing of it is there to be kept. */
  readonly serves: (definition: ResourceDefinition) => boolean;

  /** `serves`: everything unless given. */
  constructor(handler: RequestHandler, signal: AbortSignal, serves: (definition: ResourceDefinition) => boolean = () => true) {
    this.#handler = handler;
    this.#signal = signal;
    this.serves = serves;
  }

  /** Undefined where it does not exist. */
  async get<T extends KubeObject>(definition: ResourceDefinition, namespace: string, name: string): Promise<T | undefined> {
    try {
      return await this.#send<T>('GET', path(definition, namespace, name));
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  /** False where it exists already. */
  async create<T extends KubeObject>(definition: ResourceDefinition, object: Draft<T>): Promise<boolean> {
    try {
      await this.#send('POST', path(definition, object.metadata.namespace ?? ''), object);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'AlreadyExists') return false;
      throw error;
    }
  }

  update<T extends KubeObject>(definition: ResourceDefinition, object: T, subresource = ''): Promise<T> {
    const { namespace = '', name } = object.metadata;
    return this.#send('PUT', `${path(definition, namespace, name)}${subresource === '' ? '' : `/${subresource}`}`, object);
  }

  async remove(definition: ResourceDefinition, namespace: string, name: string, uid: string): Promise<void> {
    try {
      await this.#send('DELETE', path(definition, namespace, name), { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } });
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
    }
  }

  async #send<T>(method: string, target: string, body?: object): Promise<T> {
    const response = await this.#handler.handle({
      method,
      path: target,
      query: new URLSearchParams(),
      headers: { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'kube-apiserver/loopback' },
      body: body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)),
      remoteAddress: '127.0.0.1',
      clientCertificate: IDENTITY,
      signal: this.#signal,
    });
    const answer = JSON.parse((await collect(response.body)).toString()) as unknown;
    if (response.status >= 400) throw new ApiError(answer as V1Status);
    return answer as T;
  }
}

function path({ group, version, plural, namespaced }: ResourceDefinition, namespace: string, name?: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${namespaced ? `/namespaces/${namespace}` : ''}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

async function collect(body: ApiResponse['body']): Promise<Buffer> {
  if (Buffer.isBuffer(body)) return body;
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
