import { send, startHandlers, type Answer } from '../rig/apiserver.ts';
import { startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { type ServerProcess, startServerProcess } from '../rig/serverProcess.ts';
import { serverSetting, type ServerSetting } from '../rig/serverSetting.ts';

const MERGE = { 'content-type': 'application/merge-patch+json' };

test('etcd stands still for a while: what may be stale goes on, the rest is told so in time, and all recovers with nothing lost', async () => {
  const api = await startHandlers({}, { requestTimeoutMilliseconds: 2_000 });
  const path = '/api/v1/namespaces/default/configmaps';
  try {
    const { json } = await api.request('POST', path, { metadata: { name: 'before' } });
    const watch = api.watch(`${path}?watch=true&resourceVersion=${json.metadata.resourceVersion}`);
    await api.request('POST', path, { metadata: { name: 'last-before' } });
    expect((await watch.next()).object.metadata.name).toBe('last-before');
    await api.etcd.member.pause();
    const refusals: Answer[] = [];
    try {
      // etcd goes on only when all have been answered.
      for (let round = 0; round < 2; round += 1) {
        const stale = [`${path}/before?resourceVersion=0`, `${path}?resourceVersion=0`, '/livez', '/version', '/apis'];
        for (const each of stale) expect((await api.request('GET', each)).status).toBe(200);
        const late = await api.request('GET', `${path}?watch=true&resourceVersion=0&timeoutSeconds=1`);
        expect([late.status, late.text.includes('"last-before"')]).toEqual([200, true]);
        refusals.push(...(await Promise.all([
          api.request('POST', path, { metadata: { name: `during-${round}` } }),
          api.request('GET', path),
          api.request('GET', `${path}/before`),
          api.request('PATCH', `${path}/before`, { data: { round: String(round) } }, MERGE),
          api.request('DELETE', `${path}/before`),
        ])));
      }
    } finally {
      api.etcd.member.resume();
    }
    for (const answer of refusals) expect([answer.json, answer.headers['retry-after']]).toEqual([expect.objectContaining({ kind: 'Status', code: 503, reason: 'ServiceUnavailable' }), '1']);
    // One that was not answered in time may have been carried out.
    await eventually('a write succeeds', 60_000, async () => ([201, 409].includes((await api.request('POST', path, { metadata: { name: 'after' } })).status) ? true : undefined));
    let seen = await watch.next();
    while (seen.object.metadata.name !== 'after') seen = await watch.next();
    watch.stop();
    await eventually('it can be read', 60_000, async () => ((await api.request('GET', `${path}/after`)).status === 200 ? true : undefined));
  } finally {
    await api.close();
  }
});

describe('a server that is killed', () => {
  let etcd: Awaited<ReturnType<typeof startEtcd>>;
  let setting: ServerSetting;
  const running: ServerProcess[] = [];

  beforeAll(async () => {
    etcd = await startEtcd();
    setting = await serverSetting(etcd.endpoints);
    setting = { ...setting, config: { ...setting.config, tokenAuthFile: 's3cret,jane,u1,"dev,ops"\n' } };
  });

  afterAll(async () => {
    for (const each of running) each.signal('SIGKILL');
    setting.agent.destroy();
    setting.stranger.destroy();
    await etcd.close();
  });

  async function startServer(): Promise<ServerProcess> {
    const server = await startServerProcess(setting.config, setting.agent);
    running.push(server);
    return server;
  }

  async function kill(server: ServerProcess): Promise<void> {
    server.signal('SIGKILL');
    await server.ended;
  }

  test('in the middle of writes has lost none that it acknowledged, and left no half of a Service', async () => {
    /** What the newest acknowledged write of each name was: its data, or that it is gone; and what was asked for after it without an answer. */
    const acknowledged = new Map<string, string | undefined>();
    const unanswered = new Map<string, (string | undefined)[]>();
    const configMaps = '/api/v1/namespaces/default/configmaps';
    const services = '/api/v1/namespaces/default/services';
    for (let life = 0; life < 2; life += 1) {
      const server = await startServer();
      const killed = new AbortController();
      const ask = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer | undefined> => {
        try {
          return await send(setting.agent, server.port, method, path, body, headers);
        } catch (error) {
          if (!killed.signal.aborted) throw error;
          return undefined;
        }
      };
      const record = (name: string, wanted: string | undefined, answer: Answer | undefined): void => {
        if (answer) {
          if (answer.status >= 300) throw new Error(`a write of ${name}: ${answer.text}`);
          acknowledged.set(name, wanted);
          unanswered.delete(name);
        } else {
          unanswered.set(name, [...(unanswered.get(name) ?? []), wanted]);
        }
      };
      const writeConfigMaps = async (client: number): Promise<void> => {
        for (let round = 0; !killed.signal.aborted; round += 1) {
          const name = `life${life}-client${client}-${round}`;
          record(name, '0', await ask('POST', configMaps, { metadata: { name }, data: { n: '0' } }));
          if (!killed.signal.aborted) record(name, '1', await ask('PATCH', `${configMaps}/${name}`, { data: { n: '1' } }, MERGE));
          if (!killed.signal.aborted && round % 3 === 0) record(name, undefined, await ask('DELETE', `${configMaps}/${name}`));
        }
      };
      const writeServices = async (client: number): Promise<void> => {
        for (let round = 0; !killed.signal.aborted; round += 1) {
          const name = `s${life}-${client}-${round}`;
          const finalizers = round % 2 === 0 ? ['example.com/hold'] : [];
          await ask('POST', services, { metadata: { name, finalizers }, spec: { type: 'NodePort', ports: [{ port: 80 }] } });
          if (round % 3 === 2 || killed.signal.aborted) continue;
          await ask('DELETE', `${services}/${name}`);
          if (finalizers.length > 0) await ask('PATCH', `${services}/${name}`, { metadata: { finalizers: null } }, MERGE);
        }
      };
      const writers = [0, 1, 2, 3].flatMap((client) => [writeConfigMaps(client), writeServices(client)]);
      const before = acknowledged.size;
      await eventually('they are in the middle of it', 120_000, () => (acknowledged.size > before + 20 ? true : undefined));
      killed.abort();
      await kill(server);
      await Promise.all(writers);
    }
    const server = await startServer();
    const list = async (path: string) => (await send(setting.agent, server.port, 'GET', path)).json.items;
    const found = new Map<string, string>((await list(configMaps)).map((each: { metadata: { name: string }; data?: { n: string } }) => [each.metadata.name, each.data?.n]));
    for (const [name, value] of acknowledged) expect([value, ...(unanswered.get(name) ?? [])]).toContain(found.get(name));
    // Every address belongs to a Service that has it, and every Service's address is claimed; so are the node ports.
    const held: string[] = (await list('/api/v1/services')).map((each: { spec: { clusterIP: string } }) => each.spec.clusterIP);
    const claimed: string[] = (await list('/apis/networking.k8s.io/v1/ipaddresses')).map((each: { metadata: { name: string } }) => each.metadata.name);
    expect(claimed.toSorted()).toEqual(held.toSorted());
    const ports = (await list(services)).flatMap((each: { spec: { ports: { nodePort?: number }[] } }) => each.spec.ports.flatMap(({ nodePort }) => nodePort ?? []));
    expect(new Set(ports).size).toBe(ports.length);
    const [taken] = ports;
    const thief = taken === undefined ? 422 : (await send(setting.agent, server.port, 'POST', services, { metadata: { name: 'thief' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: taken }] } })).status;
    expect(thief).toBe(422);
    await kill(server);
  });

  test('a Service whose last finalizer goes gives up its address and its node port in the same moment; a token of the file is known', async () => {
    const server = await startServer();
    const services = '/api/v1/namespaces/default/services';
    const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> => send(setting.agent, server.port, method, path, body, headers);
    const { json } = await ask('POST', services, { metadata: { name: 'held', finalizers: ['example.com/hold'] }, spec: { type: 'NodePort', ports: [{ port: 80 }] } });
    const address = `/apis/networking.k8s.io/v1/ipaddresses/${json.spec.clusterIP}`;
    await ask('DELETE', `${services}/held`);
    expect((await ask('GET', address)).status).toBe(200);
    await ask('PATCH', `${services}/held`, { metadata: { finalizers: null } }, MERGE);
    expect([(await ask('GET', `${services}/held`)).status, (await ask('GET', address)).status]).toEqual([404, 404]);
    const again = await ask('POST', services, { metadata: { name: 'next' }, spec: { type: 'NodePort', clusterIP: json.spec.clusterIP, ports: [{ port: 80, nodePort: json.spec.ports[0].nodePort }] } });
    expect(again.status).toBe(201);
    const jane = (token: string): Promise<Answer> => send(setting.stranger, server.port, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { authorization: `Bearer ${token}` });
    expect((await jane('s3cret')).json.status.userInfo).toEqual({ username: 'jane', uid: 'u1', groups: ['dev', 'ops', 'system:authenticated'] });
    expect((await jane('s3crets')).status).toBe(401);
    await kill(server);
  });
});
