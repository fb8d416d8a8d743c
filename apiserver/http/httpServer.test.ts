import { once } from 'node:events';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import type { Pipeline } from '../pipeline.ts';
import type { ApiRequest, UpgradeConnection } from '../types.ts';
import { serveHttps } from './httpServer.ts';

test('a connection that speaks another protocol, and that nobody ends, does not keep a server from closing', async () => {
  const authority = await createAuthority('kubernetes', Date.now());
  const { certificate, key } = await issueCertificate(authority, { commonName: 'server', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const pipeline = {
    takesUpgrade: () => true,
    upgrade: async (_: ApiRequest, { socket }: UpgradeConnection) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n'),
  } as unknown as Pipeline;
  const server = await serveHttps(pipeline, { address: '127.0.0.1', port: 0, certificate, key }, systemClock, silentLogger);
  const request = https.request({ host: '127.0.0.1', port: server.port, path: '/exec', ca: authority.certificate, headers: { connection: 'Upgrade', upgrade: 'echo' } });
  request.end();
  const socket = await new Promise<Duplex>((resolve) => request.once('upgrade', (_response, upgraded) => resolve(upgraded)));
  socket.on('error', () => undefined);
  const ended = once(socket.resume(), 'close');
  await expect(server.close(10)).resolves.toBeUndefined();
  await ended;
});
