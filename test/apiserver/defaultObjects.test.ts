import { startBootstrap } from '../../apiserver/bootstrap/bootstrap.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

describe('default objects', () => {
  let api: TestApi;
  const stop = [new AbortController(), new AbortController()];
  const servers: ReturnType<typeof startBootstrap>[] = [];
  const names = async (path: string): Promise<string[]> => (await api.request('GET', path)).json.items.map((each: { metadata: { name: string } }) => each.metadata.name);
  const addresses = async (): Promise<string[]> => ((await api.request('GET', '/api/v1/namespaces/default/endpoints/kubernetes')).json.subsets ?? []).flatMap((subset: { addresses: { ip: string }[] }) => subset.addresses.map(({ ip }) => ip));

  beforeAll(async () => {
    api = await startHandlers();
    const { engine, pipeline } = api.serving;
    // Two servers start at once.
    for (const [index, { signal }] of stop.entries()) {
      const config = { serviceRange: '10.96.0.0/12', securePort: 6443, authorities: { clientAuthority: 'PEM' }, advertiseAddress: `10.0.0.${index + 1}`, hostname: `server-${index}`, uid: `start-${index}` };
      servers.push(startBootstrap(config, { handler: pipeline, storage: engine.storage, cache: engine.cache, serves: () => true }, { clock: systemClock, logger: silentLogger, signal }));
    }
    await eventually('the default objects are there', 60_000, async () => ((await Promise.all(servers.map((each) => each.trouble()))).every((each) => each === undefined) ? true : undefined));
  });

  afterAll(async () => {
    for (const each of stop) each.abort();
    await Promise.all(servers.map(({ stopped }) => stopped));
    await api.close();
  });

  test('are there, once', async () => {
    expect(await names('/api/v1/namespaces')).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    expect(await names(`${RBAC}/clusterroles`)).toEqual(expect.arrayContaining(['cluster-admin', 'admin', 'edit', 'view', 'system:node', 'system:controller:job-controller']));
    expect(await names(`${RBAC}/clusterrolebindings`)).toEqual(expect.arrayContaining(['cluster-admin', 'system:node', 'system:discovery']));
    expect(await names('/apis/scheduling.k8s.io/v1/priorityclasses')).toEqual(['system-cluster-critical', 'system-node-critical']);
    expect((await api.request('GET', '/api/v1/namespaces/default/services/kubernetes')).json.spec).toMatchObject({ clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] });
    expect((await api.request('GET', '/apis/networking.k8s.io/v1/servicecidrs/kubernetes')).json).toMatchObject({ spec: { cidrs: ['10.96.0.0/12'] }, status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    expect((await api.request('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication')).json.data).toEqual({ 'client-ca-file': 'PEM' });
  });

  test('a node may do what a node does, and no more', async () => {
    const as = { 'impersonate-user': 'system:node:n1', 'impersonate-group': 'system:nodes' };
    expect((await api.request('GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1', undefined, as)).status).toBe(200);
    expect((await api.request('GET', '/api/v1/services', undefined, as)).status).toBe(200);
    const refused = await api.request('GET', '/api/v1/pods', undefined, as);
    expect(refused.json).toMatchObject({ code: 403, message: 'pods is forbidden: User "system:node:n1" cannot list resource "pods" in API group "" at the cluster scope: can only list/watch pods with spec.nodeName field selector' });
  });

  test('the Service kubernetes leads to the servers that live', async () => {
    const lead = (...to: string[]): Promise<true> => eventually(`it leads to ${to.join()}`, 60_000, async () => ((await addresses()).join() === to.join() ? true : undefined));
    await lead('10.0.0.1', '10.0.0.2');
    stop[1]?.abort();
    await servers[1]?.stopped;
    // The other one may have been about to write both.
    await lead('10.0.0.1');
    const slice = await eventually('the slice has one endpoint', 60_000, async () => {
      const { json } = await api.request('GET', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes');
      return json.endpoints.length === 1 ? json : undefined;
    });
    expect(slice).toMatchObject({ endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 6443 }] });
  });
});
