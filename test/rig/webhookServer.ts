import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';

/** A review as a webhook is sent it; tests look into it as they like. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Review = any;

/** What a webhook answers: a review, or anything with a status. */
export type Reply = (review: Review, path: string) => unknown;

/** An answer that is no review. */
export interface PlainAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** The connection is cut off behind the body, which its length says is longer. */
  readonly cutOff?: boolean;
}

/** What is answered where the connection is to be closed without a word. */
export const HANG_UP: PlainAnswer = { status: 0, body: '' };

/** A request as it was sent. */
export interface WebhookCall {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface WebhookServer {
  readonly port: number;
  /** Base64 of the PEM of the authority of its certificate, which is for 127.0.0.1 and for these names. */
  readonly caBundle: string;
  url(path: string): string;
  /** Sets what is answered at a path. */
  on(path: string, reply: Reply): void;
  /** What was sent to a path so far. */
  seen(path: string): readonly Review[];
  /** All that was sent since this was last asked. */
  takeCalls(): readonly WebhookCall[];
  /** The query of the last request. */
  lastQuery(): string;
  /** Connections that were ever made. */
  connections(): number;
  close(): Promise<void>;
}

/** A webhook as operators have them: a small HTTPS server on loopback. */
export async function startWebhookServer(names: readonly string[] = []): Promise<WebhookServer> {
  const authority = await createAuthority('webhooks', Date.now());
  const { certificate, key } = await issueCertificate(authority, { commonName: 'webhook', usages: ['server'], names: ['127.0.0.1', ...names] }, Date.now());
  const replies = new Map<string, Reply>();
  const seen = new Map<string, Review[]>();
  let connections = 0;
  let lastQuery = '';
  let calls: WebhookCall[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const [path = '/', query = ''] = (request.url ?? '/').split('?');
      lastQuery = query;
      const body = Buffer.concat(pieces).toString();
      calls.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      const review: Review = body === '' ? {} : JSON.parse(body);
      seen.set(path, [...(seen.get(path) ?? []), review]);
      void Promise.resolve(replies.get(path)?.(review, path)).then((answer) => {
        if (answer === HANG_UP) return response.destroy();
        if (isPlain(answer)) return answerPlainly(response, answer);
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
  });
  server.on('secureConnection', () => (connections += 1));
  // Connections last until somebody closes them, however long a busy machine lets them idle.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    url: (path) => `https://127.0.0.1:${port}${path}`,
    on: (path, reply) => void replies.set(path, reply),
    seen: (path) => seen.get(path) ?? [],
    takeCalls: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
    lastQuery: () => lastQuery,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const isPlain = (answer: unknown): answer is PlainAnswer => typeof answer === 'object' && answer !== null && ['string', 'object'].includes(typeof (answer as PlainAnswer).body);

function answerPlainly(response: ServerResponse, { status, contentType = 'text/plain', headers, body, cutOff }: PlainAnswer): ServerResponse {
  response.writeHead(status, { ...(contentType === '' ? {} : { 'content-type': contentType }), ...headers, ...(cutOff ? { 'content-length': Buffer.byteLength(body) + 1 } : {}) });
  if (!cutOff) return response.end(body);
  response.write(body, () => response.destroy());
  return response;
}

/** A review's answer that lets the request pass, with what else it says. */
export const allow = ({ request }: Review, more: object = {}): object => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, allowed: true, ...more } });

export const deny = ({ request }: Review, status?: object): object => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, allowed: false, ...(status ? { status } : {}) } });

/** A patch as a review carries it. */
export const patchOf = (operations: readonly object[]): object => ({ patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });
