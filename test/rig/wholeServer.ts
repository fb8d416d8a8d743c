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

export async function startWholeServer(config: Partial<ApiServerConfig> = {}, overrides: PartOverrides = {}): Promise<WholeServer> {
  const etcd = await startEtcd();
  const stop = new AbortController();
  const authority = await createAuthority('kubernetes', Date.now());
  const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const client = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const full: ApiServerConfig = {
    bindAddress: '127.0.0.1',
    securePort: 0,
    advertiseAddress: '127.0.0.1',
    certificate: server.certificate,
    key: server.key,
    clientAuthority: authority.certificate,
    serviceAccountKey: createSigningKey().privateKey,
    etcd: { endpoints: etcd.endpoints },
    shutdownMilliseconds: 2_000,
    ...config,
  };
  const api = await start(full, { clock: systemClock, logger: silentLogger, signal: stop.signal }, overrides);
  const agent = new https.Agent({ keepAlive: true, ca: authority.certificate, cert: client.certificate, key: client.key });
  const stranger = new https.Agent({ keepAlive: true, ca: authority.certificate });
  const admin: WholeServer['admin'] = (method, path, body, headers) => send(agent, api.port, method, path, body, headers);
  await eventually('/readyz is ok', 20_000, async () => ((await admin('GET', '/readyz')).text === 'ok' ? true : undefined));
  return {
    port: api.port,
    etcdEndpoints: etcd.endpoints,
    agent,
    stranger,
    admin,
    as: (token, method, path, body, headers) => send(stranger, api.port, method, path, body, { ...headers, authorization: `Bearer ${token}` }),
    close: async () => {
      agent.destroy();
      stranger.destroy();
      stop.abort();
      await api.stopped;
      await etcd.close();
    },
  };
}
