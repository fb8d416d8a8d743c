import { isIPv4 } from 'node:net';
import { badRequest, notFoundError, serviceUnavailable } from '../../api/apiError.ts';
import type { V1EndpointSlice, V1Node, V1Pod, V1Service } from '../../api/generated/types.ts';
import { objectKey, resourcePrefix, type WatchCache } from '../storage/types.ts';
import type { Dial } from '../../process/dial.ts';
import type { Backend, KubeletClientConfig } from './backend.ts';
import { splitSchemeNamePort } from './podContainer.ts';

const PODS = { group: '', resource: 'pods' };
const NODES = { group: '', resource: 'nodes' };
const SERVICES = { group: '', resource: 'services' };
const SLICES = { group: 'discovery.k8s.io', resource: 'endpointslices' };
const KUBELET_PORT = 10250;

/** Finds where pods, nodes and Services are reached. */
const DEFAULT_ADDRESS_TYPES: readonly string[] = ['InternalIP', 'ExternalIP', 'Hostname'];

export class Locations {
  readonly #cache: WatchCache;
  readonly #kubelet: KubeletClientConfig;
  readonly #random: () => number;
  readonly #dial: Dial | undefined;

  /** `dial`: how they are reached, unless directly. */
  constructor(cache: WatchCache, kubelet: KubeletClientConfig, random: () => number, dial?: Dial) {
    this.#cache = cache;
    this.#kubelet = kubelet;
    this.#random = random;
    this.#dial = dial;
  }

  async pod(namespace: string, name: string, signal: AbortSignal): Promise<V1Pod> {
    await this.#cache.consistent(signal);
    const stored = this.#cache.get(objectKey(PODS, namespace, name));
    if (!stored) throw notFoundError(PODS, name);
    return stored.object as V1Pod;
  }

  /** The kubelet of a node (`--kubelet-preferred-address-types`). */
  kubelet(nodeName: string, path: string): Backend {
    const stored = this.#cache.get(objectKey(NODES, '', nodeName));
    if (!stored) throw notFoundError(NODES, nodeName);
    const { addresses = [], daemonEndpoints } = (stored.object as V1Node).status ?? {};
    const preferred = (this.#kubelet.preferredAddressTypes ?? DEFAULT_ADDRESS_TYPES).flatMap((type) => addresses.filter((address) => address.type === type));
    const host = preferred[0]?.address;
    if (!host) throw badRequest(`no preferred addresses found; known addresses: [${addresses.map(({ address }) => address).join(' ')}]`);
    return { host, port: daemonEndpoints?.kubeletEndpoint?.Port || KUBELET_PORT, tls: this.#kubelet, path, dial: this.#dial };
  }

  /** A port of a pod itself; the first that it names unless told (`pod.ResourceLocation`). */
  async podPort(namespace: string, text: string, path: string, signal: AbortSignal): Promise<Backend> {
    const wanted = splitSchemeNamePort(text);
    if (!wanted) throw badRequest(`invalid pod request "${text}"`);
    const pod = await this.pod(namespace, wanted.name, signal);
    const host = proxyable(pod.status?.podIP);
    const named = (pod.spec?.containers ?? []).flatMap(({ ports = [] }) => ports);
    const port = wanted.port === '' ? named[0]?.containerPort : Number(wanted.port);
    return { host, port: validPort(port ?? (wanted.scheme === 'https' ? 443 : 80), text), tls: wanted.scheme === 'https' ? {} : false, path, dial: this.#dial };
  }

  /** One of the ready endpoints of a Service (`service.ResourceLocation`). */
  async servicePort(namespace: string, text: string, path: string, signal: AbortSignal): Promise<Backend> {
    const wanted = splitSchemeNamePort(text);
    if (!wanted) throw badRequest(`invalid service request "${text}"`);
    await this.#cache.consistent(signal);
    const stored = this.#cache.get(objectKey(SERVICES, namespace, wanted.name));
    if (!stored) throw notFoundError(SERVICES, wanted.name);
    const candidates = this.#endpoints(stored.object as V1Service, wanted.port);
    const chosen = candidates[Math.floor(this.#random() * candidates.length)];
    if (!chosen) throw serviceUnavailable(`no endpoints available for service "${text}"`);
    return { host: proxyable(chosen.host), port: chosen.port, tls: wanted.scheme === 'https' ? {} : false, path, dial: this.#dial };
  }

  #endpoints(service: V1Service, port: string): readonly { readonly host: string; readonly port: number }[] {
    const ports = service.spec?.ports ?? [];
    const chosen = port === '' ? (ports.length === 1 ? ports[0] : undefined) : ports.find((each) => each.name === port || String(each.port) === port);
    if (!chosen) throw serviceUnavailable(`no service port "${port}" found for service "${service.metadata.name}"`);
    return this.#cache
      .list(resourcePrefix(SLICES, service.metadata.namespace))
      .map(({ object }) => object as V1EndpointSlice)
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
      .flatMap((slice) => {
        const number = (slice.ports ?? []).find((each) => (each.name ?? '') === (chosen.name ?? ''))?.port;
        if (number === undefined) return [];
        return (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => (addresses[0] === undefined ? [] : [{ host: addresses[0], port: number }]));
      });
  }
}

function validPort(port: number, text: string): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badRequest(`invalid port in "${text}"`);
  return port;
}

/** Addresses of the API server's own host are not to be had by way of an object (`proxyutil.IsProxyableIP`). */
function proxyable(address: string | undefined): string {
  if (!address) throw serviceUnavailable('the server is currently unable to handle the request: no address');
  const own = isIPv4(address) ? /^(127\.|0\.|169\.254\.|22[4-9]\.|23\d\.)/.test(address) : /^(::1$|::$|fe[89ab]|ff)/i.test(address);
  if (own) throw badRequest('address not allowed');
  return address;
}
