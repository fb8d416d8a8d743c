import http from 'node:http';
import type { ComponentHealth } from './componentStatuses.ts';

/** Kubernetes' time for one probe of a component, in milliseconds. */
const TIMEOUT = 20_000;
/** More than this of an answer is not read, in bytes; Kubernetes' limit for its probes. */
const MAXIMUM = 10 * 1024;

/** Asks a health endpoint by HTTP, and never rejects: whoever doesn't answer isn't healthy. */
export function probeHealth(url: string): Promise<ComponentHealth> {
  return new Promise((resolve) => {
    const fail = (message: string): void => resolve({ healthy: false, message });
    const request = http.get(url, { signal: AbortSignal.timeout(TIMEOUT), headers: { accept: '*/*' } }, (response) => {
      const pieces: Buffer[] = [];
      let left = MAXIMUM;
      response.on('data', (piece: Buffer) => {
        if (left > 0) pieces.push(piece.subarray(0, left));
        left -= piece.length;
      });
      response.on('error', (error) => fail(refusal(url, error)));
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status < 200 || status >= 400) fail(`HTTP probe failed with statuscode: ${status}`);
        else resolve({ healthy: true, message: Buffer.concat(pieces).toString('utf8') });
      });
    });
    request.on('error', (error) => fail(refusal(url, error)));
  });
}

/** As Go's HTTP client tells it. */
function refusal(url: string, error: NodeJS.ErrnoException): string {
  const { hostname, port } = new URL(url);
  const why = error.code === 'ECONNREFUSED' ? `dial tcp ${hostname}:${port}: connect: connection refused` : error.name === 'AbortError' || error.code === 'ABORT_ERR' ? 'context deadline exceeded' : error.message;
  return `Get ${JSON.stringify(url)}: ${why}`;
}
