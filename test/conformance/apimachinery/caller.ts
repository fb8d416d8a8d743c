import https from 'node:https';
import { type Answer, readWatch, send, type WatchReader } from '../../rig/apiserver.ts';
import type { ControlPlane } from '../../rig/controlPlane.ts';
import type { WholeServer } from '../../rig/wholeServer.ts';

/** Whoever asks an API server in these tests: by HTTPS, as its administrator. */
export interface Caller {
  /** Any answer. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The body of a success; throws with the answer's message otherwise. */
  ok(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer['json']>;
  watch(path: string): WatchReader;
}

/** Content types of patches. */
export const MERGE = { 'content-type': 'application/merge-patch+json' };
export const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
export const APPLY = { 'content-type': 'application/apply-patch+yaml' };

/** Of a whole API server. */
export const callerOf = (api: WholeServer): Caller => caller(api.agent, api.port);

/** Of a control plane; `agent` is to be destroyed at the end. */
export function callerOfPlane({ clientConfig: { servers, ca, certificate, key } }: ControlPlane): { readonly caller: Caller; readonly agent: https.Agent } {
  const agent = new https.Agent({ keepAlive: true, ca, cert: certificate, key, maxSockets: 32 });
  return { caller: caller(agent, Number(new URL(servers[0] ?? '').port)), agent };
}

function caller(agent: https.Agent, port: number): Caller {
  const request: Caller['request'] = (method, path, body, headers) => send(agent, port, method, path, body, headers);
  return {
    request,
    ok: async (method, path, body, headers) => {
      const { status, json, text } = await request(method, path, body, headers);
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${json?.message ?? text}`);
      return json;
    },
    watch: (path) => readWatch(agent, port, path),
  };
}

/** The next event of a watch for which `wanted` holds. */
export async function nextThat(watch: WatchReader, wanted: (event: Answer['json']) => boolean): Promise<Answer['json']> {
  for (;;) {
    const event = await watch.next();
    if (wanted(event)) return event;
  }
}

export const namesOf = (list: Answer['json']): string[] => list.items.map((item: Answer['json']) => item.metadata.name);
