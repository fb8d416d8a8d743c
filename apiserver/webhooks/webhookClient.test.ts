import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import type { WatchCache } from '../storage/types.ts';
import { WebhookClient } from './webhookClient.ts';
import type { WebhookIdentities } from './webhookIdentity.ts';

describe('a webhook', () => {
  let server: https.Server;
  let url: string;
  let caBundle: string;
  let mine: { readonly certificate: string; readonly key: string };

  beforeAll(async () => {
    const authority = await createAuthority('hooks', Date.now());
    const own = await issueCertificate(authority, { commonName: 'hook', usages: ['server'], names: ['localhost'] }, Date.now());
    mine = await issueCertificate(authority, { commonName: 'the-api-server', usages: ['client'] }, Date.now());
    caBundle = Buffer.from(authority.certificate).toString('base64');
    server = https.createServer({ cert: own.certificate, key: own.key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify({ name: subject?.CN ?? '', authorization: request.headers.authorization ?? '' })));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = (identities?: WebhookIdentities): Promise<unknown> =>
    new WebhookClient({ cache: {} as WatchCache, clock: systemClock, random: () => 0, identities }).post({ config: { url, caBundle }, body: Buffer.from('{}'), timeoutSeconds: 5, maxResponseBytes: 1000 });

  test('sees nobody, or who the server is to it', async () => {
    expect(await ask()).toEqual({ name: '', authorization: '' });
    expect(await ask({ users: new Map([['localhost:1', { token: 'no' }]]), current: { token: 'secret' } })).toEqual({ name: '', authorization: 'Bearer secret' });
    expect(await ask({ users: new Map([[new URL(url).host, mine]]) })).toEqual({ name: 'the-api-server', authorization: '' });
  });

  test('is not asked where the identity cannot be read', async () => {
    await expect(ask({ users: new Map(), current: { tokenFile: '/none' } })).rejects.toThrow(/^could not get REST client: .*ENOENT/);
  });
});
