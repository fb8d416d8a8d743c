import type https from 'node:https';
import { start } from '../../apiserver/main.ts';
import type { ApiServerConfig, PartOverrides } from '../../apiserver/main.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import type { Answer } from './apiserver.ts';
import { send } from './apiserver.ts';
import { startEtcd } from './etcd.ts';
import { eventually } from './processes.ts';
import { serverSetting } from './serverSetting.ts';

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
  const { config: basic, agent, stranger } = await serverSetting(etcdEndpoints);
  const api = await start({ ...basic, ...config, etcd: { ...basic.etcd, ...config.etcd } }, { clock: systemClock, logger: silentLogger, signal: stop.signal }, overrides);
  const admin: WholeServer['admin'] = (method, path, body, headers) => send(agent, api.port, method, path, body, headers);
  await eventually('/readyz is ok', 90_000, async () => ((await admin('GET', '/readyz')).text === 'ok' ? true : undefined));
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
