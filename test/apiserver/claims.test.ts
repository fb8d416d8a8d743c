import { createSigningKey } from '../../process/certificates.ts';
import type { Answer } from '../rig/apiserver.ts';
import { startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { startWholeServer, type WholeServer } from '../rig/wholeServer.ts';

/** Two API servers on one etcd: what must not be given out twice is not, whichever of them is asked. */
describe('claims of two API servers', () => {
  let etcd: Awaited<ReturnType<typeof startEtcd>>;
  let servers: WholeServer[];
  const ask = (index: number, ...request: Parameters<WholeServer['admin']>): Promise<Answer> => servers[index % 2]!.admin(...request);
  /** What was written counts when a server's memory has it, which a list waits for. */
  const caughtUp = async (): Promise<void> => {
    for (const index of servers.keys()) await ask(index, 'GET', '/api/v1/namespaces');
  };
  const codes = (answers: readonly Answer[]): Record<number, number> => Object.fromEntries(Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, each]) => [status, each?.length ?? 0]));

  beforeAll(async () => {
    etcd = await startEtcd();
    // A range of fourteen addresses, the first of which is the API servers' own.
    const shared = { serviceAccountKey: createSigningKey().privateKey, serviceClusterIPRange: '10.96.0.0/28', serviceNodePorts: { first: 30000, last: 30003 }, etcd: { endpoints: etcd.endpoints } };
    servers = await Promise.all(['10.0.0.1', '10.0.0.2'].map((advertiseAddress) => startWholeServer({ ...shared, advertiseAddress })));
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await etcd.close();
  });

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

  test('an address whose claim somebody took away is claimed again', async () => {
    const made = await ask(0, 'POST', '/api/v1/namespaces/default/services', { metadata: { name: 'robbed' }, spec: { ports: [{ port: 80 }] } });
    const claim = `/apis/networking.k8s.io/v1/ipaddresses/${made.json.spec.clusterIP}`;
    const before = (await ask(0, 'GET', claim)).json.metadata.uid;
    expect((await ask(1, 'DELETE', claim)).status).toBe(200);
    const after = await eventually('it is claimed again', 60_000, async () => {
      const answer = await ask(0, 'GET', claim);
      return answer.status === 200 ? answer : undefined;
    });
    expect(after.json.spec.parentRef).toMatchObject({ resource: 'services', name: 'robbed' });
    expect(after.json.metadata.uid).not.toBe(before);
    await ask(0, 'DELETE', '/api/v1/namespaces/default/services/robbed');
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
    // A server reckons with quotas that its memory has.
    await caughtUp();
    const made = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(index, 'POST', '/api/v1/namespaces/small/configmaps', { metadata: { name: `c${index}` } })));
    expect(codes(made)).toEqual({ 201: 5, 403: 7 });
    expect(made.find(({ status }) => status === 403)?.json.message).toMatch(/is forbidden: exceeded quota: q, requested: count\/configmaps=1, used: count\/configmaps=5, limited: count\/configmaps=5$/);
  });

  test('a token works until what it is bound to is gone', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await ask(0, 'POST', accounts, { metadata: { name: 'bot' } });
    const issued = await ask(1, 'POST', `${accounts}/bot/token`, { spec: { expirationSeconds: 600 } });
    expect(issued.status).toBe(201);
    const whoAmI = (token: string): Promise<Answer> => servers[0]!.as(token, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    const { token } = issued.json.status;
    expect((await whoAmI(token)).json.status.userInfo).toMatchObject({ username: 'system:serviceaccount:default:bot', groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] });
    expect((await whoAmI(`${token.slice(0, -4)}AAAA`)).json).toMatchObject({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
    await ask(0, 'DELETE', `${accounts}/bot`);
    await caughtUp();
    expect((await whoAmI(token)).status).toBe(401);
    const short = await ask(1, 'POST', `${accounts}/bot/token`, { spec: { expirationSeconds: 10 } });
    expect(short.status === 404 || short.status === 422).toBe(true);
  });

  test('nobody hands out what they do not have', async () => {
    const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
    await ask(0, 'POST', roles, { metadata: { name: 'maker' }, rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create'] }] });
    await ask(0, 'POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', { metadata: { name: 'maker' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'maker' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }] });
    const sent = { metadata: { name: 'all' }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] };
    // What roles allow is seen soon after they are written, as in Kubernetes.
    const refused = await eventually('the role counts', 60_000, async () => {
      const answer = await ask(0, 'POST', roles, sent, { 'impersonate-user': 'jane' });
      return String(answer.json.message).includes('cannot create resource') ? undefined : answer;
    });
    expect(refused.json).toMatchObject({ code: 403, message: 'roles.rbac.authorization.k8s.io "all" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}' });
    expect((await ask(0, 'POST', roles, sent)).status).toBe(201);
  });

  test('who writes the status of a claim of devices has the right to what is changed of it', async () => {
    const claims = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const grant = async (name: string, subresource: string, verbs: readonly string[], resourceNames?: readonly string[]): Promise<void> => {
      await ask(0, 'POST', `${rbac}/clusterroles`, { metadata: { name }, rules: [{ apiGroups: ['resource.k8s.io'], resources: [`resourceclaims/${subresource}`], verbs, ...(resourceNames ? { resourceNames } : {}) }] });
      await ask(0, 'POST', `${rbac}/clusterrolebindings`, { metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'driver' }] });
      await caughtUp();
    };
    await grant('status-writer', 'status', ['patch', 'update']);
    expect((await ask(0, 'POST', claims, { metadata: { name: 'gpu' }, spec: { devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'gpu' } }] } } })).status).toBe(201);
    const driver = { 'impersonate-user': 'system:serviceaccount:default:driver', 'impersonate-extra-authentication.kubernetes.io%2fnode-name': 'n1', 'content-type': 'application/merge-patch+json' };
    const write = (status: object, headers: Record<string, string> = driver): Promise<Answer> => ask(0, 'PATCH', `${claims}/gpu/status`, { status }, headers);
    const names = { driver: 'd.example.com', pool: 'p', device: 'x' };
    const allocation = { devices: { results: [{ request: 'one', ...names }] }, nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }] } };
    const refused = 'ResourceClaim.resource.k8s.io "gpu" is invalid: ';
    const who = 'resourceclaims.resource.k8s.io is forbidden: User "system:serviceaccount:default:driver" cannot patch resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope';
    expect((await write({ allocation })).json).toMatchObject({ code: 422, message: `${refused}status: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="patch" permission: ${who}` });
    expect((await write({ allocation }, { 'content-type': 'application/merge-patch+json' })).status).toBe(200);
    const cannot = 'resourceclaims.resource.k8s.io "d.example.com" is forbidden: User "system:serviceaccount:default:driver" cannot associated-node:patch resource "resourceclaims/driver" in API group "resource.k8s.io" in the namespace "default"';
    expect((await write({ devices: [names] })).json).toMatchObject({
      code: 422,
      message: `${refused}status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[associated-node:patch arbitrary-node:patch]" permission: ${cannot}`,
    });
    await grant('its-driver', 'driver', ['associated-node:patch'], ['d.example.com']);
    expect((await write({ devices: [names] }, { ...driver, 'impersonate-extra-authentication.kubernetes.io%2fnode-name': 'n2' })).status).toBe(422);
    expect((await write({ devices: [names] })).json.status.devices).toMatchObject([names]);
    await grant('binder', 'binding', ['patch']);
    const { status, json } = await write({ allocation: null });
    expect([status, json.status?.allocation, json.status?.devices]).toEqual([200, undefined, undefined]);
  });
});
