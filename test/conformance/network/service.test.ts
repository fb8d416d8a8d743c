import type { V1Service, V1ServiceSpec } from '../../../api/generated/types.ts';
import { Endpoints, IPAddresses, Pods, ServiceCIDRs, Services } from '../../../client/resources.ts';
import { supportsApiOperations, takesStatus } from '../apimachinery/apiOperations.ts';
import { ConformanceCluster, MERGE, STRATEGIC } from '../conformanceCluster.ts';

let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1'] });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const makeService = (name: string, spec: V1ServiceSpec, labels: Record<string, string> = {}): Promise<V1Service> =>
  cluster.client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, labels }, spec });
const changeService = (name: string, change: (spec: V1ServiceSpec) => void): Promise<V1Service> => cluster.update(Services, name, namespace, ({ spec }) => change(spec!));
const HTTP = [{ name: 'http', port: 80, protocol: 'TCP' }];

describe('Services', () => {
  test('should provide secure master service', async () => {
    const { spec } = await cluster.client.get(Services, 'kubernetes', 'default');
    expect(spec?.ports).toMatchObject([{ name: 'https', port: 443, protocol: 'TCP' }]);
  });

  test('should find a service from listing all namespaces', async () => {
    const { items } = await cluster.client.list(Services);
    expect(items.some(({ metadata }) => metadata.name === 'kubernetes' && metadata.namespace === 'default')).toBe(true);
  });

  test('should serve a basic endpoint from pods', async () => {
    await makeService('endpoint-test2', { selector: { name: 'server' }, ports: [{ port: 80, targetPort: 80 }] });
    const serves = async (pods: readonly string[]): Promise<void> => {
      await cluster.until(`it serves ${pods.join()}`, Endpoints, 'endpoint-test2', namespace, ({ subsets }) => {
        const found = (subsets ?? []).flatMap(({ addresses, ports }) => (addresses ?? []).map(({ targetRef }) => `${targetRef?.name}:${ports?.[0]?.port}`)).sort();
        return found.join() === pods.map((name) => `${name}:80`).join();
      });
    };
    const makePod = (name: string) => cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { name: 'server' } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'agnhost', image: 'agnhost:2', ports: [{ containerPort: 80 }] }] } });
    await serves([]);
    await makePod('pod1');
    await serves(['pod1']);
    await makePod('pod2');
    await serves(['pod1', 'pod2']);
    await cluster.client.delete(Pods, 'pod1', namespace);
    await serves(['pod2']);
    await cluster.client.delete(Pods, 'pod2', namespace);
    await serves([]);
  });

  test('should serve multiport endpoints from pods', async () => {
    const ports = [{ name: 'portname1', port: 80, targetPort: 'svc1' }, { name: 'portname2', port: 81, targetPort: 'svc2' }];
    await makeService('multi-endpoint-test', { selector: { foo: 'bar' }, ports });
    const serves = (expected: readonly string[]) =>
      cluster.until(`it serves ${expected.join()}`, Endpoints, 'multi-endpoint-test', namespace, ({ subsets }) => {
        const found = (subsets ?? []).flatMap((subset) => (subset.addresses ?? []).map(({ targetRef }) => `${targetRef?.name}:${(subset.ports ?? []).map(({ name, port }) => `${name}=${port}`).join()}`)).sort();
        return found.join() === expected.join();
      });
    const makePod = (name: string, port: string, containerPort: number) => cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { foo: 'bar' } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'agnhost', image: 'agnhost:2', ports: [{ name: port, containerPort }] }] } });
    await serves([]);
    await makePod('pod1', 'svc1', 100);
    await serves(['pod1:portname1=100']);
    await makePod('pod2', 'svc2', 101);
    await serves(['pod1:portname1=100', 'pod2:portname2=101']);
    await cluster.client.delete(Pods, 'pod1', namespace);
    await serves(['pod2:portname2=101']);
    await cluster.client.delete(Pods, 'pod2', namespace);
    await serves([]);
  });

  // What goes over the wire is the proxy's and the DNS': here is what the API makes of the changes of the type.
  test('should be able to change the type from ExternalName to ClusterIP', async () => {
    const made = await makeService('externalname-service', { type: 'ExternalName', externalName: 'foo.example.com' });
    expect(made.spec?.clusterIP ?? '').toBe('');
    const { spec } = await changeService('externalname-service', (each) => {
      Object.assign(each, { type: 'ClusterIP', externalName: '', ports: HTTP });
    });
    expect(spec?.clusterIP).toMatch(/^10\./);
    expect(spec?.clusterIPs).toEqual([spec?.clusterIP]);
  });

  test('should be able to change the type from ExternalName to NodePort', async () => {
    await makeService('externalname-service', { type: 'ExternalName', externalName: 'foo.example.com' });
    const { spec } = await changeService('externalname-service', (each) => {
      Object.assign(each, { type: 'NodePort', externalName: '', ports: HTTP });
    });
    expect(spec?.clusterIP).toMatch(/^10\./);
    expect(spec?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
  });

  test('should be able to change the type from ClusterIP to ExternalName', async () => {
    const made = await makeService('clusterip-service', { type: 'ClusterIP', ports: HTTP });
    const { spec } = await changeService('clusterip-service', (each) => {
      Object.assign(each, { type: 'ExternalName', externalName: 'foo.example.com' });
    });
    expect([spec?.clusterIP, spec?.clusterIPs]).toEqual([undefined, undefined]);
    await cluster.untilGone(IPAddresses, made.spec?.clusterIP ?? '');
  });

  test('should be able to change the type from NodePort to ExternalName', async () => {
    const made = await makeService('nodeport-service', { type: 'NodePort', ports: HTTP });
    const nodePort = made.spec!.ports![0]!.nodePort!;
    const { spec } = await changeService('nodeport-service', (each) => {
      Object.assign(each, { type: 'ExternalName', externalName: 'foo.example.com' });
    });
    expect([spec?.clusterIP, spec?.clusterIPs, spec?.ports?.[0]?.nodePort]).toEqual([undefined, undefined, undefined]);
    // The port is free again.
    expect((await makeService('next', { type: 'NodePort', ports: [{ ...HTTP[0]!, nodePort }] })).spec?.ports?.[0]?.nodePort).toBe(nodePort);
  });

  test('should complete a service status lifecycle', async () => {
    const name = 'test-service';
    const labels = { 'test-service-static': 'true' };
    const watch = await cluster.watch(Services, { namespace, labelSelector: 'test-service-static=true' });
    await makeService(name, { type: 'LoadBalancer', ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 80 }] }, labels);
    await watch.next('ADDED');
    expect((await cluster.subresource(Services, name, namespace, 'status')).status?.loadBalancer).toEqual({});

    const lbStatus = { ingress: [{ ip: '203.0.113.1' }] };
    const patched = await cluster.client.patch(Services, name, namespace, MERGE, { metadata: { annotations: { patchedstatus: 'true' } }, status: { loadBalancer: lbStatus } }, 'status');
    // Which way the address is used is a default.
    expect(patched.status?.loadBalancer?.ingress).toEqual([{ ip: '203.0.113.1', ipMode: 'VIP' }]);
    expect(patched.metadata.annotations).toMatchObject({ patchedstatus: 'true' });
    await watch.next('MODIFIED', ({ metadata }) => metadata.annotations?.['patchedstatus'] === 'true');

    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test', lastTransitionTime: '2026-01-01T00:00:00Z' };
    await cluster.update(Services, name, namespace, ({ status }) => void (status!.conditions ??= []).push(condition), 'status');
    await watch.next('MODIFIED', ({ status }) => status?.conditions?.some(({ type }) => type === 'StatusUpdate') ?? false);

    await cluster.client.patch(Services, name, namespace, STRATEGIC, { metadata: { labels: { 'test-service': 'patched' } } });
    await watch.next('MODIFIED', ({ metadata }) => metadata.labels?.['test-service'] === 'patched');
    await cluster.client.delete(Services, name, namespace);
    await watch.next('DELETED');
  });

  test('should delete a collection of services', async () => {
    const labels = { 'e2e-test-label': 'collection' };
    for (const [name, own] of [['e2e-svc-a', labels], ['e2e-svc-b', labels], ['e2e-svc-c', {}]] as const) {
      await makeService(name, { ports: [{ name: 'http', port: 8001, protocol: 'TCP' }] }, own);
    }
    expect((await cluster.client.list(Services, { namespace })).items).toHaveLength(3);
    await cluster.deleteCollection(Services, namespace, 'e2e-test-label=collection');
    expect((await cluster.client.list(Services, { namespace })).items.map(({ metadata }) => metadata.name)).toEqual(['e2e-svc-c']);
  });
});

describe('ServiceCIDR and IPAddress API', () => {
  test('should support ServiceCIDR API operations', async () => {
    expect((await cluster.client.patch(ServiceCIDRs, 'kubernetes', undefined, MERGE, { metadata: { annotations: { patched: 'true' } } })).metadata.annotations).toMatchObject({ patched: 'true' });
    const updated = await cluster.update(ServiceCIDRs, 'kubernetes', undefined, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, updated: 'true' };
    });
    expect(updated.metadata.annotations).toMatchObject({ patched: 'true', updated: 'true' });
    expect((await cluster.client.list(ServiceCIDRs)).items.length).toBeGreaterThan(0);
    await (await cluster.watch(ServiceCIDRs, { resourceVersion: '0' })).next('ADDED');
  });

  test('should support IPAddress API operations', async () => {
    const parentRef = { group: 'mygroup', resource: 'myresources', namespace: 'foo', name: 'bar' };
    const make = (name: string, type: string) => cluster.client.create(IPAddresses, { apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name, labels: { type } }, spec: { parentRef } });
    await make('255.255.255.255', 'broadcast');
    await make('fe80::42:1dff:fe84:f9e2', 'link-local');
    await cluster.client.patch(IPAddresses, '255.255.255.255', undefined, MERGE, { metadata: { annotations: { patched: 'true' } } });
    const updated = await cluster.update(IPAddresses, '255.255.255.255', undefined, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, updated: 'true' };
    });
    expect(updated.metadata.annotations).toEqual({ patched: 'true', updated: 'true' });
    expect((await cluster.client.list(IPAddresses, { labelSelector: 'type=broadcast' })).items).toHaveLength(1);
    await (await cluster.watch(IPAddresses, { labelSelector: 'type=broadcast', resourceVersion: '0' })).next('ADDED');
    await cluster.client.delete(IPAddresses, '255.255.255.255');
    await cluster.deleteCollection(IPAddresses, undefined, 'type=link-local');
    expect((await cluster.client.list(IPAddresses, { labelSelector: 'type=link-local' })).items).toHaveLength(0);
  });
});

test('Ingress API should support creating Ingress API operations', () =>
  supportsApiOperations(cluster.caller, {
    group: 'networking.k8s.io',
    version: 'v1',
    plural: 'ingresses',
    namespace,
    subresources: ['status'],
    object: { spec: { defaultBackend: { service: { name: 'default-backend', port: { name: '', number: 8080 } } }, rules: [] } },
    more: (path, name) => takesStatus(cluster.caller, `${path}/${name}`, { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } }, (status) => status.loadBalancer.ingress, [{ ip: '169.1.1.1' }]),
  }));

test('IngressClass API should support creating IngressClass API operations', () =>
  supportsApiOperations(cluster.caller, { group: 'networking.k8s.io', version: 'v1', plural: 'ingressclasses', object: { spec: { controller: 'example.com/controller' } } }));
