import { createServer, type Server } from 'node:http';
import type { Logger } from '../process/log.ts';
import type { ServicePort } from './servicePorts.ts';

/**
 * Answers load balancers that ask whether this node has endpoints of a Service with externalTrafficPolicy Local: 200 with their number,
 * 503 where there is none or the proxy lags behind, on the Service's healthCheckNodePort.
 */
export class HealthCheckNodePorts {
  readonly #logger: Logger;
  readonly #servers = new Map<string, { readonly port: number; readonly server: Server }>();
  readonly #localEndpoints = new Map<string, number>();

  readonly #isHealthy: () => boolean;

  /** `isHealthy`: whether the proxy keeps up; else load balancers should ask elsewhere. */
  constructor(logger: Logger, isHealthy: () => boolean) {
    this.#isHealthy = isHealthy;
    this.#logger = logger;
  }

  update(service: string, ports: readonly ServicePort[]): void {
    const wanted = ports.find((port) => port.healthCheckNodePort > 0)?.healthCheckNodePort;
    const local = new Set(ports.flatMap((port) => port.localEndpoints.map((endpoint) => endpoint.address))).size;
    this.#localEndpoints.set(service, local);
    const standing = this.#servers.get(service);
    if (standing?.port === wanted) return;
    standing?.server.close();
    this.#servers.delete(service);
    if (wanted === undefined) this.#localEndpoints.delete(service);
    else this.#servers.set(service, { port: wanted, server: this.#listen(service, wanted) });
  }

  close(): void {
    for (const { server } of this.#servers.values()) server.close();
    this.#servers.clear();
  }

  #listen(service: string, port: number): Server {
    const [namespace, name] = service.split('/');
    const server = createServer((_, response) => {
      const localEndpoints = this.#localEndpoints.get(service) ?? 0;
      const serviceProxyHealthy = this.#isHealthy();
      response.writeHead(localEndpoints > 0 && serviceProxyHealthy ? 200 : 503, { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff', 'X-Load-Balancing-Endpoint-Weight': String(localEndpoints) });
      response.end(JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy }));
    });
    server.on('error', (error) => this.#logger.error('cannot serve a health check node port', { service, port, error }));
    server.listen(port);
    return server;
  }
}
