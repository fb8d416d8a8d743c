import https from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { loadSchema } from '../../api/schema/schema.ts';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import type { Dial } from '../../process/dial.ts';
import type { EgressSelector } from '../egress/egressSelector.ts';
import type { WatchCache } from '../storage/types.ts';
import { WebhookClient } from './webhookClient.ts';
import type { WebhookIdentities } from './webhookIdentity.ts';

const seen = (told: object): object => ({ method: 'POST', name: '', authorization: '', referer: '', ...told });

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
      const { method = '', url: at = '', headers } = request;
      const auditAnnotations = { method, name: subject?.CN ?? '', authorization: headers.authorization ?? '', referer: headers.referer ?? '' };
      const moved = /^\/moved\/(\d+)/.exec(at)?.[1];
      request.resume().on('end', () => {
        if (at.startsWith('/large')) return response.writeHead(200, { 'content-encoding': 'gzip', connection: 'close' }).end(gzipSync('{}'.padEnd(2000)));
        if (at.startsWith('/scheme/')) return response.writeHead(307, { location: at.slice('/scheme/'.length).replace(/\?.*/, ''), connection: 'close' }).end();
        if (moved !== undefined) return response.writeHead(Number(moved), { location: '/', connection: 'close' }).end();
        return response.writeHead(200, { 'content-encoding': 'gzip', connection: 'close' }).end(gzipSync(JSON.stringify({ response: { auditAnnotations } })));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = async (identities?: WebhookIdentities, path = '', egress?: EgressSelector): Promise<unknown> => {
    const { response } = await new WebhookClient({ cache: {} as WatchCache, schema: loadSchema(), clock: systemClock, random: () => 0, identities, egress }).post({ config: { url: url + path, caBundle }, body: Buffer.from('{}'), review: { group: 'admission.k8s.io', version: 'v1', kind: 'AdmissionReview' }, timeoutSeconds: 30, maxResponseBytes: 1000 });
    return (response as { readonly auditAnnotations: unknown }).auditAnnotations;
  };

  test('sees nobody, or who the server is to it', async () => {
    expect(await ask()).toEqual(seen({}));
    expect(await ask({ users: new Map([['localhost:1', { token: 'no' }]]), current: { token: 'secret' } })).toEqual(seen({ authorization: 'Bearer secret' }));
    expect(await ask({ users: new Map([[new URL(url).host, mine]]) })).toEqual(seen({ name: 'the-api-server' }));
  });

  test('may send the request elsewhere', async () => {
    const identities = { users: new Map(), current: { token: 'secret' } };
    expect(await ask(identities, 'moved/307')).toEqual(seen({ authorization: 'Bearer secret', referer: `${url}moved/307?timeout=30s` }));
    expect(await ask(undefined, 'moved/302')).toEqual(seen({ method: 'GET', referer: `${url}moved/302?timeout=30s` }));
  });

  test('is reached by its own host, whatever its path begins with', async () => {
    expect(await ask(undefined, '/other.example/path')).toEqual(seen({}));
  });

  test('is not followed out of HTTP, nor past the way to it', async () => {
    await expect(ask(undefined, 'scheme/ftp://localhost/')).rejects.toThrow('Post "ftp://localhost/": unsupported protocol scheme "ftp"');
    const dialled: string[] = [];
    const controlplane: Dial = async (host, dialledPort) => {
      dialled.push(host);
      if (host === 'plain.example') throw new Error('no way there');
      return connect(dialledPort, '127.0.0.1');
    };
    await expect(ask(undefined, 'scheme/http://plain.example/', { controlplane })).rejects.toThrow('Post "http://plain.example/": no way there');
    expect(dialled).toEqual(['localhost', 'plain.example']);
  });

  test('may not say more than is taken, packed or not', async () => {
    await expect(ask(undefined, 'large')).rejects.toThrow('http: response body is larger than 1000 bytes');
  });

  test('is not asked where the identity cannot be read', async () => {
    await expect(ask({ users: new Map(), current: { tokenFile: '/none' } })).rejects.toThrow(/^could not get REST client: .*ENOENT/);
  });
});
