import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from '../../process/certificates.ts';

/** What a `JsonServer` was asked. */
export interface JsonCall {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The body as JSON; tests look into it as they like. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** A small server on loopback, the counterpart of webhooks and issuers: it answers JSON. */
export interface JsonServer {
  readonly url: string;
  /** Everything that it has been asked. */
  readonly calls: JsonCall[];
  close(): Promise<void>;
}

/** Starts it with this certificate; `answer` gives the JSON, a text as it is, or the status of a refusal. */
export async function startJsonServer({ certificate, key }: KeyPair, answer: (call: JsonCall) => object | string | number): Promise<JsonServer> {
  const calls: JsonCall[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const call: JsonCall = { path: request.url ?? '', headers: request.headers, body: text === '' ? undefined : JSON.parse(text) };
      calls.push(call);
      const answered = answer(call);
      response.writeHead(typeof answered === 'number' ? answered : 200, { 'content-type': 'application/json' });
      response.end(typeof answered === 'number' ? undefined : typeof answered === 'string' ? answered : JSON.stringify(answered));
    });
  });
  // Connections last until somebody closes them, however long a busy machine lets them idle.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
