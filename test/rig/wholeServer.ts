import https from 'node:https';
import { start } from '../../apiserver/main.ts';
import type { ApiServerConfig, PartOverrides } from '../../apiserver/main.ts';
import { createAuthority, createSigningKey, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import type { Answer } from './apiserver.ts';
import { send } from './apiserver.ts';
import { startEtcd } from './etcd.ts';
import { eventually } from './processes.ts';

/** A whole API server in this process, on an etcd of its own, with its default objects made. */
export interface WholeServer {
  readonly port: number;
  readonly etcdEndpoints: readonly string[];
  /** With the administrator's certificate. */
  readonly agent: https.Agent;
  /** Without any. */
  readonly stranger: https.Agent;
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** With a bearer token (`tokenAuthFile`). */
  as(token: string, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

/** `config.etcd`: the etcd of another one, which outlives this server; unless given, one of its own. */
export async function startWholeServer(config: Partial<ApiServerConfig> = {}, overrides: PartOverrides = {}): Promise<WholeServer> {
  const etcd = config.etcd ? undefined : await startEtcd();
  const etcdEndpoints = config.etcd?.endpoints ?? etcd?.endpoints ?? [];
  const stop = new AbortController();
  const authority = await createAuthority('kubernetes', Date.now());
  const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const client = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const full: ApiServerConfig = {
    bindAddress: '127.0.0.1',
    securePort: 0,
    // It is only told to clients; loopback may not stand in an EndpointSlice.
    advertiseAddress: '192.0.2.1',
    certificate: server.certificate,
    key: server.key,
    clientAuthority: authority.certificate,
    serviceAccountKey: createSigningKey().privateKey,
    etcd: { endpoints: etcdEndpoints },
    shutdownMilliseconds: 2_000,
    ...config,
  };
  const api = await start(full, { clock: systemClock, logger: silentLogger, signal: stop.signal }, overrides);
  const agent = new https.Agent({ keepAlive: true, ca: authority.certificate, cert: client.certificate, key: client.key, maxSockets: 64 });
  const stranger = new https.Agent({ keepAlive: true, ca: authority.certificate });
  const admin: WholeServer['admin'] = (method, path, body, headers) => send(agent, api.port, method, path, body, headers);
  await eventually('/readyz is ok', 20_000, async () => ((await admin('GET', '/readyz')).text === 'ok' ? true : undefined));
  return {
    port: api.port,
    etcdEndpoints,
    agent,
    stranger,
    admin,
    as: (token, method, path, body, headers) => send(stranger, api.port, method, path, body, { ...headers, authorization: `Bearer ${token}` }),
    close: async () => {
      stop.abort();
      await api.stopped;
      agent.destroy();
      stranger.destroy();
      await etcd?.close();
    },
  };
}
