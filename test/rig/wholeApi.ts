import https from 'node:https';
import { start } from '../../apiserver/main.ts';
import { createAuthority, createSigningKey, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { type Answer, send } from './apiserver.ts';
import { startEtcd } from './etcd.ts';
import { eventually } from './processes.ts';

export interface WholeApi {
  readonly port: number;
  readonly agent: https.Agent;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

/** The whole API server, with every admission plugin, on an etcd of its own; requests are those of a cluster's administrator. */
export async function startWholeApi(): Promise<WholeApi> {
  const etcd = await startEtcd();
  const stop = new AbortController();
  const authority = await createAuthority('kubernetes', Date.now());
  const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const client = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const config = {
    bindAddress: '127.0.0.1',
    securePort: 0,
    // It is only told to clients; loopback may not stand in an EndpointSlice.
    advertiseAddress: '192.0.2.1',
    certificate: server.certificate,
    key: server.key,
    clientAuthority: authority.certificate,
    serviceAccountKey: createSigningKey().privateKey,
    etcd: { endpoints: etcd.endpoints },
    shutdownMilliseconds: 2_000,
  };
  const api = await start(config, { clock: systemClock, logger: silentLogger, signal: stop.signal });
  const agent = new https.Agent({ keepAlive: true, ca: authority.certificate, cert: client.certificate, key: client.key, maxSockets: 32 });
  const request = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> => send(agent, api.port, method, path, body, headers);
  await eventually('/readyz is ok', 20_000, async () => ((await request('GET', '/readyz')).text === 'ok' ? true : undefined));
  return {
    port: api.port,
    agent,
    request,
    close: async () => {
      agent.destroy();
      stop.abort();
      await api.stopped;
      await etcd.close();
    },
  };
}
