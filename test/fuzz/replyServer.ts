import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import type { Reply } from './fuzzCase.ts';

/** Plays the webhooks and extension servers of a case: whatever it is asked, it answers what the case says. */
export interface ReplyServer {
  readonly port: number;
  /** Base64 of the PEM of its certificate's authority. */
  readonly caBundle: string;
  /** Sets the answers; see `FuzzCase.replies`. */
  answerWith(replies: Readonly<Record<string, Reply>>): void;
  close(): Promise<void>;
}

export async function startReplyServer(): Promise<ReplyServer> {
  const authority = await createAuthority('replies', Date.now());
  const { certificate, key } = await issueCertificate(authority, { commonName: 'replies', usages: ['server'], names: ['127.0.0.1', 'localhost'] }, Date.now());
  let replies = new Map<string, Reply>();
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const reply = replies.get((request.url ?? '/').split(/[/?]/)[1] ?? '') ?? replies.get('*');
      const uid = /"uid":"([^"]*)"/.exec(Buffer.concat(pieces).toString())?.[1] ?? '';
      const text = typeof reply?.body === 'string' ? reply.body : JSON.stringify(reply?.body ?? {});
      response.writeHead(reply?.status ?? 200, { 'content-type': 'application/json' }).end(text.replaceAll('"UID"', JSON.stringify(uid)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    answerWith: (given) => (replies = new Map(Object.entries(given))),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
