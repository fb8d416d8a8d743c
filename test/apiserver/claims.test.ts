import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, type RunningApiServer } from '../../apiserver/main.ts';
import { createAuthority, createSigningKey, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { send, type Answer } from '../rig/apiserver.ts';
import { startEtcd } from '../rig/etcd.ts';

/** Two API servers on one etcd: what must not be given out twice is not, whichever of them is asked. */
describe('claims of two API servers', () => {
  let etcd: Awaited<ReturnType<typeof startEtcd>>;
  let servers: RunningApiServer[];
  let agent: https.Agent;
  let authority: Awaited<ReturnType<typeof createAuthority>>;
  const stop = new AbortController();
  const ask = (index: number, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> => send(agent, servers[index % 2]!.port, method, path, body, headers);
  const codes = (answers: readonly Answer[]): Record<number, number> => Object.fromEntries(Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, each]) => [status, each?.length ?? 0]));

  beforeAll(async () => {
    etcd = await startEtcd();
    authority = await createAuthority('kubernetes', Date.now());
    const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
    const client = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
    const config = { bindAddress: '127.0.0.1', securePort: 0, certificate: server.certificate, key: server.key, clientAuthority: authority.certificate, serviceAccountKey: createSigningKey().privateKey, etcd: { endpoints: etcd.endpoints }, shutdownMilliseconds: 1_000 };
    // A range of fourteen addresses, the first of which is the API servers' own.
    const started = ['10.0.0.1', '10.0.0.2'].map((advertiseAddress) => start({ ...config, advertiseAddress, serviceClusterIPRange: '10.96.0.0/28', serviceNodePorts: { first: 30000, last: 30003 } }, { clock: systemClock, logger: silentLogger, signal: stop.signal }));
    servers = await Promise.all(started);
    agent = new https.Agent({ keepAlive: true, ca: authority.certificate, cert: client.certificate, key: client.key, maxSockets: 32 });
    for (let round = 0; round < 100 && (await ask(0, 'GET', '/readyz')).status + (await ask(1, 'GET', '/readyz')).status !== 400; round += 1) await sleep(100);
  }, 30_000);

  afterAll(async () => {
    stop.abort();
    await Promise.all(servers.map(({ stopped }) => stopped));
    agent.destroy();
    await etcd.close();
  }, 20_000);

  test('no cluster IP is given out twice, and the last one is', async () => {
    const services = '/api/v1/namespaces/default/services';
    const made = await Promise.all(Array.from({ length: 15 }, (_, index) => ask(index, 'POST', services, { metadata: { name: `s${index}` }, spec: { ports: [{ port: 80 }] } })));
    expect(codes(made)).toEqual({ 201: 13, 500: 2 });
    const addresses = made.filter(({ status }) => status === 201).map(({ json }) => json.spec.clusterIP);
    expect(new Set(addresses).size).toBe(13);
    expect(made.find(({ status }) => status === 500)?.json.message).toBe('Internal error occurred: failed to allocate a serviceIP: range is full');
    expect((await ask(0, 'GET', '/apis/networking.k8s.io/v1/ipaddresses')).json.items).toHaveLength(14);
    await Promise.all(Array.from({ length: 15 }, (_, index) => ask(index + 1, 'DELETE', `${services}/s${index}`)));
    expect((await ask(0, 'GET', '/apis/networking.k8s.io/v1/ipaddresses')).json.items).toHaveLength(1);
  });

  test('of two who name one node port, one gets it', async () => {
    const services = '/api/v1/namespaces/default/services';
    const made = await Promise.all(Array.from({ length: 6 }, (_, index) => ask(index, 'POST', services, { metadata: { name: `n${index}` }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30001 }] } })));
    expect(codes(made)).toEqual({ 201: 1, 422: 5 });
    expect(made.find(({ status }) => status === 422)?.json.message).toMatch(/spec.ports\[0\].nodePort: Invalid value: 30001: provided port is already allocated$/);
    await Promise.all(Array.from({ length: 6 }, (_, index) => ask(index, 'DELETE', `${services}/n${index}`)));
    expect((await ask(1, 'POST', services, { metadata: { name: 'again' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30001 }] } })).status).toBe(201);
    const changed = await ask(0, 'PATCH', `${services}/again`, { spec: { type: 'ClusterIP' } }, { 'content-type': 'application/merge-patch+json' });
    expect(changed.json.spec.ports[0].nodePort).toBeUndefined();
    expect((await ask(1, 'POST', services, { metadata: { name: 'third' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30001 }] } })).status).toBe(201);
  });

  test('a quota is never exceeded', async () => {
    await ask(0, 'POST', '/api/v1/namespaces', { metadata: { name: 'small' } });
    await ask(0, 'POST', '/api/v1/namespaces/small/resourcequotas', { metadata: { name: 'q' }, spec: { hard: { 'count/configmaps': '5' } } });
    // What the controller writes when it has counted; until then a quota limits nothing.
    const counted = await ask(0, 'PATCH', '/api/v1/namespaces/small/resourcequotas/q/status', { status: { hard: { 'count/configmaps': '5' }, used: { 'count/configmaps': '0' } } }, { 'content-type': 'application/merge-patch+json' });
    expect(counted.status).toBe(200);
    const made = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(index, 'POST', '/api/v1/namespaces/small/configmaps', { metadata: { name: `c${index}` } })));
    expect(codes(made)).toEqual({ 201: 5, 403: 7 });
    expect(made.find(({ status }) => status === 403)?.json.message).toMatch(/is forbidden: exceeded quota: q, requested: count\/configmaps=1, used: count\/configmaps=5, limited: count\/configmaps=5$/);
  });

  test('a token works until what it is bound to is gone', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await ask(0, 'POST', accounts, { metadata: { name: 'bot' } });
    const issued = await ask(1, 'POST', `${accounts}/bot/token`, { spec: { expirationSeconds: 600 } });
    expect(issued.status).toBe(201);
    const whoAmI = (token: string): Promise<Answer> => {
      const plain = new https.Agent({ ca: authority.certificate });
      return send(plain, servers[0]!.port, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { authorization: `Bearer ${token}` });
    };
    const { token } = issued.json.status;
    expect((await whoAmI(token)).json.status.userInfo).toMatchObject({ username: 'system:serviceaccount:default:bot', groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] });
    expect((await whoAmI(`${token.slice(0, -4)}AAAA`)).json).toMatchObject({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
    await ask(0, 'DELETE', `${accounts}/bot`);
    expect((await whoAmI(token)).status).toBe(401);
    const short = await ask(1, 'POST', `${accounts}/bot/token`, { spec: { expirationSeconds: 10 } });
    expect(short.status === 404 || short.status === 422).toBe(true);
  });

  test('nobody hands out what they do not have', async () => {
    const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
    await ask(0, 'POST', roles, { metadata: { name: 'maker' }, rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create'] }] });
    await ask(0, 'POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', { metadata: { name: 'maker' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'maker' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }] });
    const sent = { metadata: { name: 'all' }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] };
    const refused = await ask(0, 'POST', roles, sent, { 'impersonate-user': 'jane' });
    expect(refused.json).toMatchObject({ code: 403, message: 'roles.rbac.authorization.k8s.io "all" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}' });
    expect((await ask(0, 'POST', roles, sent)).status).toBe(201);
  });
});
