import { fork } from 'node:child_process';
import { start } from '../../apiserver/main.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { createAuthority, createSigningKey, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { startEtcd } from '../rig/etcd.ts';
import { apiFigures } from './apiFigures.ts';
import { table } from './figures.ts';

/**
 * `node test/bench/alone.ts [FLAG OF NODE …]`: the API figures of an API server with nothing beside it but etcd, in a minute and without a
 * host of its own. With `--cpu-prof` the server writes a profile at its end.
 */
if (process.send) await serve();
else await run();

async function run(): Promise<void> {
  const etcd = await startEtcd();
  const server = fork(process.argv[1]!, [etcd.endpoints[0]!], { execArgv: process.argv.slice(2) });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  try {
    const config = await new Promise<ClientConfig>((resolve, reject) => {
      server.once('message', (message) => resolve(message as ClientConfig));
      server.once('exit', () => reject(new Error('the server ended')));
    });
    process.stdout.write(`${table(await apiFigures(config, server.pid))}\n`);
  } finally {
    if (server.connected) server.send('stop');
    await ended;
    await etcd.close();
  }
}

async function serve(): Promise<void> {
  const authority = await createAuthority('kubernetes', Date.now());
  const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['localhost', '127.0.0.1'] }, Date.now());
  const admin = await issueCertificate(authority, { commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const stop = new AbortController();
  const running = await start(
    {
      bindAddress: '127.0.0.1',
      securePort: 0,
      advertiseAddress: '127.0.0.1',
      certificate: server.certificate,
      key: server.key,
      clientAuthority: authority.certificate,
      serviceAccountKey: createSigningKey().privateKey,
      etcd: { endpoints: [process.argv[2]!] },
      shutdownMilliseconds: 2_000,
    },
    { clock: systemClock, logger: silentLogger, signal: stop.signal },
  );
  await systemClock.sleep(1_500);
  process.send!({ servers: [`https://127.0.0.1:${running.port}`], ca: authority.certificate, certificate: admin.certificate, key: admin.key } satisfies ClientConfig);
  process.once('message', () => stop.abort());
  process.once('disconnect', () => stop.abort());
  await running.stopped;
  process.disconnect?.();
}
