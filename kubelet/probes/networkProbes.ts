import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createConnection } from 'node:net';
import type { ProbeOutcome } from './probeState.ts';

/** What an attempt found and how it is told: the end of the `Unhealthy` event. */
export interface ProbeAttempt {
  readonly outcome: ProbeOutcome;
  readonly output: string;
  /** A success that somebody should look at (`ProbeWarning`). */
  readonly warning?: boolean;
}

const MAX_REDIRECTS = 10;
/** How much of an answer is kept to be shown. */
const BODY_LIMIT = 10 * 1024;

export interface HttpProbeTarget {
  readonly url: URL;
  readonly headers: readonly (readonly [string, string])[];
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** A GET; 200 to 399 is well. Certificates are not verified. A redirect is followed on the same host only (`probe/http`). */
export async function probeHttp(target: HttpProbeTarget, timeoutMilliseconds: number): Promise<ProbeAttempt> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  let { url } = target;
  try {
    for (let redirects = 0; ; redirects += 1) {
      const answer = await get(url, target.headers, signal);
      const next = answer.status >= 300 && answer.status < 400 && answer.location !== undefined ? new URL(answer.location, url) : undefined;
      if (next && next.hostname !== target.url.hostname) return { outcome: 'success', warning: true, output: `Probe terminated redirects, Response body: ${answer.body}` };
      if (!next || answer.status === 304) return answer.status >= 200 && answer.status < 400 ? { outcome: 'success', output: answer.body } : { outcome: 'failure', output: `HTTP probe failed with statuscode: ${answer.status}` };
      if (redirects === MAX_REDIRECTS) return { outcome: 'failure', output: `Get "${next.href}": stopped after ${MAX_REDIRECTS} redirects` };
      url = next;
    }
  } catch (error) {
    const why = signal.aborted ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : dialError(url.hostname, portOf(url), error);
    return { outcome: 'failure', output: `Get "${url.href}": ${why}` };
  }
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

function get(url: URL, headers: HttpProbeTarget['headers'], signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all: Record<string, string> = { 'User-Agent': 'kube-probe/1.36', Accept: '*/*' };
    for (const [name, value] of headers) {
      const known = Object.keys(all).find((each) => each.toLowerCase() === name.toLowerCase());
      if (known !== undefined) delete all[known];
      // An empty value means: without this header.
      if (value !== '' || known === undefined) all[name] = value;
    }
    const options: RequestOptions & { rejectUnauthorized: boolean } = { method: 'GET', headers: all, agent: false, signal, rejectUnauthorized: false };
    const call = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = (): void => resolve({ status: response.statusCode ?? 0, location: response.headers.location, body: Buffer.concat(chunks).toString('utf8') });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk.subarray(0, BODY_LIMIT - size));
        size += chunk.length;
        if (size < BODY_LIMIT) return;
        done();
        call.destroy();
      });
      response.once('end', done);
      response.once('error', reject);
    });
    call.once('error', reject);
    call.end();
  });
}

/** A connection that can be made is well (`probe/tcp`). */
export function probeTcp(host: string, port: number, timeoutMilliseconds: number): Promise<ProbeAttempt> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const end = (attempt: ProbeAttempt): void => {
      socket.destroy();
      resolve(attempt);
    };
    socket.setTimeout(timeoutMilliseconds, () => end({ outcome: 'failure', output: `dial tcp ${joined(host, port)}: i/o timeout` }));
    socket.once('connect', () => end({ outcome: 'success', output: '' }));
    socket.once('error', (error) => end({ outcome: 'failure', output: dialError(host, port, error) }));
  });
}

const joined = (host: string, port: number): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`);

const DIAL_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
};

/** A failed connection in Go's words, in which people look for it. */
export function dialError(host: string, port: number, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET') return 'EOF';
  const known = DIAL_ERRORS[code];
  return known === undefined ? message : `dial tcp ${joined(host, port)}: ${known}`;
}
