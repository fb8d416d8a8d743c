import { badRequest, failure, internalError } from '../../api/apiError.ts';
import type { V1Pod } from '../../api/generated/types.ts';
import type { Dial } from '../../process/dial.ts';
import { remainder } from '../request/requestInfo.ts';
import type { WatchCache } from '../storage/types.ts';
import type { ApiResponse, Authorizer, ConnectCall, ConnectHandler } from '../types.ts';
import { authorizeCreate } from './authorizeCreate.ts';
import { type Backend, exchange, forward, type KubeletClientConfig, tunnel } from './backend.ts';
import { Locations } from './locations.ts';
import { chosenContainer } from './podContainer.ts';

export interface StreamingOptions {
  readonly cache: WatchCache;
  readonly kubelet: KubeletClientConfig;
  readonly authorizer: Authorizer;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** How nodes, pods and Services are reached, unless directly. */
  readonly dial?: Dial | undefined;
  /** Whether connections to pods need the right to `create`, too (`AuthorizePodWebsocketUpgradeCreatePermission`); true unless given. */
  readonly needsCreate?: boolean;
}

type Locate = (call: ConnectCall) => Promise<Backend>;

/**
 * What is a connection to a node or a pod rather than an object. Whatever protocol a client asks for is handed through to the kubelet, which
 * speaks them all: here is only decided where to, and as whom.
 */
export function streamingHandlers({ cache, kubelet, authorizer, random, dial, needsCreate = true }: StreamingOptions): ConnectHandler[] {
  const locations = new Locations(cache, kubelet, random, dial);
  const mayCreate = async (call: ConnectCall): Promise<void> => {
    if (needsCreate) await authorizeCreate(authorizer, call, () => cache.consistent(call.request.signal));
  };
  const upgraded = (subresource: string, locate: Locate): ConnectHandler =>
    upgradedHandler(subresource, async (call) => {
      await mayCreate(call);
      return locate(call);
    });
  const path = ({ request, info }: ConnectCall): string => `${remainder(info) || '/'}${queryOf(request.query)}`;
  return [
    { group: '', resource: 'pods', subresource: 'log', connect: (call) => podLog(locations, call) },
    upgraded('exec', (call) => commandBackend(locations, call, 'exec')),
    upgraded('attach', (call) => commandBackend(locations, call, 'attach')),
    upgraded('portforward', (call) => portForwardBackend(locations, call)),
    proxied('pods', (call) => locations.podPort(call.info.namespace, call.info.name, path(call), call.request.signal)),
    proxied('services', (call) => locations.servicePort(call.info.namespace, call.info.name, path(call), call.request.signal)),
    proxied('nodes', async (call) => locations.kubelet(call.info.name.split(':')[0] ?? '', path(call))),
  ];
}

function upgradedHandler(subresource: string, locate: Locate): ConnectHandler {
  return {
    group: '',
    resource: 'pods',
    subresource,
    // The pod and container are looked at first, so that what is wrong with them is told.
    async connect(call) {
      await locate(call);
      throw badRequest('Upgrade request required');
    },
    upgrade: async (call, connection) => tunnel(await locate(call), call.request, connection),
  };
}

function proxied(resource: string, locate: Locate): ConnectHandler {
  return {
    group: '',
    resource,
    subresource: 'proxy',
    async connect(call) {
      const { request, info } = call;
      // Relative links of a page at its root would otherwise lead beside it.
      if (remainder(info) === '' && (request.method === 'GET' || request.method === 'HEAD')) return redirected(`${request.path}/${queryOf(request.query)}`);
      return forward(await locate(call), request);
    },
    upgrade: async (call, connection) => tunnel(await locate(call), call.request, connection),
  };
}

const redirected = (location: string): ApiResponse => ({ status: 301, headers: { location }, body: Buffer.alloc(0) });

function queryOf(query: URLSearchParams): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function assignedNode(pod: V1Pod): string {
  const node = pod.spec?.nodeName;
  if (!node) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  return node;
}

/** The kubelet's names of what the API calls `stdin`, `stdout` and `stderr` (`streamLocation`). */
async function commandBackend(locations: Locations, { request, info }: ConnectCall, action: 'exec' | 'attach'): Promise<Backend> {
  const pod = await locations.pod(info.namespace, info.name, request.signal);
  const container = chosenContainer(pod, request.query.get('container') ?? '');
  const node = assignedNode(pod);
  const query = new URLSearchParams();
  for (const [name, kubeletName] of [['stdin', 'input'], ['stdout', 'output'], ['stderr', 'error'], ['tty', 'tty']] as const) if (isTrue(request.query.get(name))) query.set(kubeletName, '1');
  const some = query.has('input') || query.has('output') || query.has('error');
  if (!some) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  const command = request.query.getAll('command');
  if (action === 'exec' && command.length === 0) throw badRequest('you must specify at least 1 command for the container');
  for (const word of command) query.append('command', word);
  return locations.kubelet(node, kubeletPath([action, info.namespace, info.name, container], query));
}

async function portForwardBackend(locations: Locations, { request, info }: ConnectCall): Promise<Backend> {
  const pod = await locations.pod(info.namespace, info.name, request.signal);
  const query = new URLSearchParams(request.query.getAll('ports').map((ports) => ['ports', ports]));
  return locations.kubelet(assignedNode(pod), kubeletPath(['portForward', info.namespace, info.name], query));
}

const LOG_OPTIONS = ['follow', 'previous', 'sinceSeconds', 'sinceTime', 'timestamps', 'tailLines', 'limitBytes', 'stream'];

async function podLog(locations: Locations, { request, info }: ConnectCall): Promise<ApiResponse> {
  const pod = await locations.pod(info.namespace, info.name, request.signal);
  const container = chosenContainer(pod, request.query.get('container') ?? '');
  // Nothing can have been written yet.
  if (!pod.spec?.nodeName) return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.alloc(0) };
  const query = new URLSearchParams();
  for (const name of LOG_OPTIONS) {
    const value = request.query.get(name);
    if (value !== null && value !== '') query.set(name, value);
  }
  const backend = locations.kubelet(pod.spec.nodeName, kubeletPath(['containerLogs', info.namespace, info.name, container], query));
  const answer = await exchange(backend, { ...request, headers: {} });
  const status = answer.statusCode ?? 500;
  if (status === 200) return { status, headers: { 'content-type': 'text/plain' }, body: answer };
  throw kubeletRefusal(status, await readText(answer), info.name);
}

/** A kubelet's refusal as the API tells it (`GenericHttpResponseChecker`). */
function kubeletRefusal(status: number, text: string, name: string): Error {
  const details = { name, kind: 'pods/log' };
  if (status === 400) return badRequest(text);
  if (status === 404) return failure(404, 'NotFound', `the server could not find the requested resource ( pods/log ${name})`, details);
  if (status === 403) return failure(403, 'Forbidden', text, details);
  if (status === 422) return failure(422, 'Invalid', text, details);
  return internalError(text);
}

const REFUSAL_LIMIT = 50_000;

async function readText(answer: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > REFUSAL_LIMIT) break;
  }
  return Buffer.concat(chunks).subarray(0, REFUSAL_LIMIT).toString('utf8').trim();
}

function kubeletPath(parts: readonly string[], query: URLSearchParams): string {
  return `/${parts.map(encodeURIComponent).join('/')}${queryOf(query)}`;
}

function isTrue(value: string | null): boolean {
  return value !== null && ['', '1', 'true', 't'].includes(value.toLowerCase());
}
