import https from 'node:https';
import type { ClientConfig } from '../../client/clientConfig.ts';

/** How many connections the API figures are measured with. */
export const CONNECTIONS = 16;

/** A plain HTTPS client: what it costs itself stays small beside the server. */
export class LoadClient {
  readonly #agent: https.Agent;
  readonly #base: URL;

  constructor(config: ClientConfig) {
    this.#base = new URL(config.servers[0]!);
    this.#agent = new https.Agent({ ca: config.ca, cert: config.certificate, key: config.key, keepAlive: true, maxSockets: CONNECTIONS });
  }

  /** Resolves to the number of bytes of the answer; rejects on any status of 300 and above. */
  call(method: string, path: string, body?: string, type = 'application/json'): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
      const request = https.request({ agent: this.#agent, host: this.#base.hostname, port: this.#base.port, method, path, headers }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('end', () => (response.statusCode! < 300 ? resolve(bytes) : reject(new Error(`${method} ${path}: ${response.statusCode}`))));
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Makes `count` calls, CONNECTIONS at a time, and gives how many were done in a second. */
export async function perSecond(count: number, one: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let index = next++; index < count; index = next++) await one(index);
    }),
  );
  return count / ((performance.now() - began) / 1000);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
