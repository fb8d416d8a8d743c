import https from 'node:https';

/** No answer came, or none that is of use; the message tells the whole story. */
export class RemoteError extends Error {
  /** Whether the same call may succeed a moment later. */
  readonly transient: boolean;

  constructor(message: string, transient: boolean) {
    super(message);
    this.transient = transient;
  }
}

export interface HttpsCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent: https.Agent;
  readonly timeoutMilliseconds: number;
  /** More than this of an answer is not read. */
  readonly maximumBytes: number;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Closes a pool of sockets: those that idle at once, those in use when their answer has come. */
export function retireAgent(agent: https.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

const RESET = new Set(['ECONNRESET', 'EPIPE']);

/** One HTTPS request, bounded in time and size; redirects are not followed. Rejects with a RemoteError. */
export function callHttps({ method, url, headers = {}, body, agent, timeoutMilliseconds, maximumBytes }: HttpsCall): Promise<HttpsAnswer> {
  const verb = method === 'GET' ? 'Get' : 'Post';
  const fail = (why: string, transient = false): RemoteError => new RemoteError(`${verb} ${JSON.stringify(url)}: ${why}`, transient);
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method, agent, headers: { accept: 'application/json, */*', ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) }, signal: AbortSignal.timeout(timeoutMilliseconds) }, (response) => {
      const pieces: Buffer[] = [];
      let size = 0;
      response.on('data', (piece: Buffer) => {
        size += piece.length;
        if (size > maximumBytes) request.destroy(fail(`the answer is longer than ${maximumBytes} bytes`));
        else pieces.push(piece);
      });
      response.on('error', (error) => reject(explain(error)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(pieces).toString('utf8') }));
    });
    const explain = (error: NodeJS.ErrnoException): RemoteError => {
      if (error instanceof RemoteError) return error;
      if (error.name === 'AbortError' || error.name === 'TimeoutError' || error.code === 'ABORT_ERR') return fail('context deadline exceeded', true);
      return fail(error.message, RESET.has(error.code ?? ''));
    };
    request.on('error', (error: NodeJS.ErrnoException) => reject(explain(error)));
    request.end(body);
  });
}
