import type { V1EndpointSlice, V1Service } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { EndpointSlices, Services } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { defaultProxySettings, start } from '../../kube-proxy/main.ts';
import { systemClock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { silentLogger } from '../../process/log.ts';
import { clientConfigOf } from '../client/clientConfig.ts';
import type { TestApi } from '../rig/apiserver.ts';
import type { Network } from './network.ts';

/** An endpoint as a test writes it; on the node unless told. */
export interface Backend {
  readonly address: string;
  readonly nodeName?: string;
  readonly terminating?: boolean;
}

/** Services and their endpoints, written to the API server as users and controllers would. */
export class ProxiedCluster {
  readonly client: RestClient;
  readonly #api: TestApi;

  constructor(api: TestApi) {
    this.#api = api;
    this.client = new RestClient(clientConfigOf(api), { component: 'test', clock: systemClock });
  }

  /** Runs kube-proxy on the network's node; the returned function stops it. */
  async startProxy({ kernel }: Network, { syncPeriod = 300, logger = silentLogger }: { readonly syncPeriod?: number; readonly logger?: Logger } = {}): Promise<() => Promise<void>> {
    const stop = new AbortController();
    const config = { ...defaultProxySettings, client: clientConfigOf(this.#api), nodeName: 'node', syncPeriod, kernel };
    const { stopped } = await start(config, { clock: systemClock, logger, signal: stop.signal });
    return async () => {
      stop.abort();
      await stopped;
    };
  }

  /** A Service with TCP port 80 and UDP port 80 which lead to port 8080 of the backends. */
  async addService(name: string, spec: V1Service['spec'], backends: readonly Backend[]): Promise<void> {
    const nodePorts = spec?.type === 'NodePort';
    const service: Draft<V1Service> = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: {
        ports: (['TCP', 'UDP'] as const).map((protocol) => ({ name: protocol.toLowerCase(), protocol, port: 80, targetPort: 8080, ...(nodePorts ? { nodePort: 30080 } : {}) })),
        ...spec,
      },
    };
    await this.client.create(Services, service, 'default');
    const slice: Draft<V1EndpointSlice> = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: (['TCP', 'UDP'] as const).map((protocol) => ({ name: protocol.toLowerCase(), protocol, port: 8080 })),
      endpoints: endpointsOf(backends),
    };
    await this.client.create(EndpointSlices, slice, 'default');
  }

  async setBackends(name: string, backends: readonly Backend[]): Promise<void> {
    await this.client.patch(EndpointSlices, name, 'default', 'application/merge-patch+json', { endpoints: endpointsOf(backends) });
  }

  async removeServices(): Promise<void> {
    for (const { metadata } of (await this.client.list(Services, { namespace: 'default' })).items) await this.removeService(metadata.name);
  }

  async removeService(name: string): Promise<void> {
    await this.client.delete(Services, name, 'default');
    await this.client.delete(EndpointSlices, name, 'default');
  }
}

function endpointsOf(backends: readonly Backend[]): V1EndpointSlice['endpoints'] {
  return backends.map(({ address, nodeName = 'node', terminating = false }) => ({ addresses: [address], nodeName, conditions: { ready: !terminating, serving: true, terminating } }));
}
