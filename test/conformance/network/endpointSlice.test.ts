import type { V1Endpoints, V1EndpointSlice, V1Pod, V1Service } from '../../../api/generated/types.ts';
import { Endpoints, EndpointSlices, Pods, Services } from '../../../client/resources.ts';
import { eventually } from '../../rig/controlPlane.ts';
import { supportsApiOperations } from '../apimachinery/apiOperations.ts';
import { ConformanceCluster, PATIENCE, STRATEGIC } from '../conformanceCluster.ts';

let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ nodes: ['n1', 'n2'] });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const slicesOf = async (service: string, inside = namespace): Promise<readonly V1EndpointSlice[]> =>
  (await cluster.client.list(EndpointSlices, { namespace: inside, labelSelector: `kubernetes.io/service-name=${service}` })).items;
const makeService = (name: string, spec: V1Service['spec']): Promise<V1Service> => cluster.client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: spec! });
const makePod = (name: string, labels: Record<string, string>, ports: readonly { readonly name: string; readonly containerPort: number }[]): Promise<V1Pod> =>
  cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'container1', image: 'nginx:1', ports: [...ports] }] } });
const withAddress = (name: string): Promise<V1Pod> => cluster.until(`${name} has an address`, Pods, name, namespace, ({ status }) => (status?.podIPs?.length ?? 0) > 0);
/** `address:port,port` of every endpoint, whatever slice or subset it stands in. */
const inSlices = (slices: readonly V1EndpointSlice[]): readonly string[] =>
  slices.flatMap(({ endpoints, ports }) => (endpoints ?? []).map(({ addresses }) => `${addresses[0]}:${(ports ?? []).map(({ port }) => port).join()}`)).sort();
const inSubsets = ({ subsets }: V1Endpoints): readonly string[] =>
  (subsets ?? []).flatMap(({ addresses, ports }) => (addresses ?? []).map(({ ip }) => `${ip}:${(ports ?? []).map(({ port }) => port).join()}`)).sort();

async function expectEndpoints(service: string, expected: readonly string[], slices: number): Promise<void> {
  const wanted = [...expected].sort().join(' ');
  await cluster.until(`Endpoints of ${service}`, Endpoints, service, namespace, (object) => inSubsets(object).join(' ') === wanted);
  const found = await eventually(`slices of ${service}`, async () => {
    const list = await slicesOf(service);
    return list.length === slices && inSlices(list).join(' ') === wanted ? list : undefined;
  }, PATIENCE);
  for (const { metadata } of found) {
    expect(metadata.labels).toMatchObject({ 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io', 'kubernetes.io/service-name': service });
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Service', name: service, controller: true }]);
  }
}

describe('EndpointSlice', () => {
  test('should have Endpoints and EndpointSlices pointing to API Server', async () => {
    await cluster.client.get(Services, 'kubernetes', 'default');
    const endpoints = await cluster.until('the Endpoints', Endpoints, 'kubernetes', 'default', (object) => inSubsets(object).length === 1);
    await eventually('the slice', async () => (inSlices(await slicesOf('kubernetes', 'default')).join() === inSubsets(endpoints).join() ? true : undefined), PATIENCE);
  });

  test('should create and delete Endpoints and EndpointSlices for a Service with a selector that matches no pods', async () => {
    const name = 'example-empty-selector';
    await makeService(name, { selector: { 'does-not-match-anything': 'endpoints-and-endpoint-slices-should-still-be-created' }, ports: [{ name: 'example', port: 80, protocol: 'TCP' }] });
    await cluster.until('the Endpoints', Endpoints, name, namespace, () => true);
    const [slice] = await eventually('the slice', async () => ((await slicesOf(name)).length > 0 ? slicesOf(name) : undefined), PATIENCE);
    expect(slice?.metadata.labels).toMatchObject({ 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' });
    expect(slice?.endpoints ?? []).toEqual([]);
    await cluster.client.delete(Services, name, namespace);
    await cluster.untilGone(Endpoints, name, namespace);
    await eventually('the slices are gone', async () => ((await slicesOf(name)).length === 0 ? true : undefined), PATIENCE);
  });

  test('should create Endpoints and EndpointSlices for Pods matching a Service', async () => {
    await makePod('pod1', { pod1: 'on', shared12: 'on' }, [{ name: 'example-name', containerPort: 3000 }]);
    await makePod('pod2', { pod2: 'on', shared12: 'on' }, [{ name: 'example-name', containerPort: 3001 }, { name: 'other-port', containerPort: 3002 }]);
    const port = (name: string, targetPort: number | string) => ({ publishNotReadyAddresses: true, ports: [{ name, port: 80, targetPort, protocol: 'TCP' }] });
    await makeService('example-int-port', { selector: { pod1: 'on' }, ...port('example', 3000) });
    await makeService('example-named-port', { selector: { shared12: 'on' }, ...port('http', 'example-name') });
    await makeService('example-no-match', { selector: { pod3: 'on' }, ...port('example-no-match', 8080) });
    const [first, second] = [(await withAddress('pod1')).status!.podIP, (await withAddress('pod2')).status!.podIP];
    await expectEndpoints('example-int-port', [`${first}:3000`], 1);
    await expectEndpoints('example-named-port', [`${first}:3000`, `${second}:3001`], 2);
    await expectEndpoints('example-no-match', [], 1);
    // Recreating EndpointSlices after they've been deleted.
    for (const { metadata } of await slicesOf('example-named-port')) await cluster.client.delete(EndpointSlices, metadata.name, namespace);
    await expectEndpoints('example-named-port', [`${first}:3000`, `${second}:3001`], 2);
  });

  test('should support creating EndpointSlice API operations', () =>
    supportsApiOperations(cluster.caller, {
      group: 'discovery.k8s.io',
      version: 'v1',
      plural: 'endpointslices',
      namespace,
      object: { addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }, { addresses: ['2.2.3.4', '6.6.7.8'] }] },
    }));
});

test('EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete', async () => {
  const name = 'example-custom-endpoints';
  await makeService(name, { ports: [{ name: 'example', port: 80, protocol: 'TCP' }] });
  const endpoints = (ip: string) => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace }, subsets: [{ ports: [{ port: 80 }], addresses: [{ ip }] }] });
  const mirrors = (ip: string) =>
    eventually(`the mirror of ${ip}`, async () => {
      const slices = await slicesOf(name);
      return slices.length === 1 && inSlices(slices).join() === `${ip}:80` ? slices : undefined;
    }, PATIENCE);
  await cluster.client.create(Endpoints, endpoints('10.1.2.3'));
  const [slice] = await mirrors('10.1.2.3');
  expect(slice?.metadata.labels).toMatchObject({ 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' });
  // As upstream, a PUT without a resourceVersion.
  await cluster.json('PUT', `/api/v1/namespaces/${namespace}/endpoints/${name}`, endpoints('10.2.3.4'));
  await mirrors('10.2.3.4');
  await cluster.client.delete(Endpoints, name, namespace);
  await eventually('the mirror is gone', async () => ((await slicesOf(name)).length === 0 ? true : undefined), PATIENCE);
});

test('Endpoints should test the lifecycle of an Endpoint', async () => {
  const name = 'testservice';
  const labelSelector = 'test-endpoint-static=true';
  const watch = await cluster.watch(Endpoints, { namespace, labelSelector });
  await cluster.client.create(Endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace, labels: { 'test-endpoint-static': 'true' } }, subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }] });
  await watch.next('ADDED');
  const { items } = await cluster.client.list(Endpoints, { labelSelector });
  expect(items.map(({ metadata }) => metadata.name)).toEqual([name]);
  await cluster.update(Endpoints, name, namespace, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, 'test-service': 'updated' };
  });
  await watch.next('MODIFIED', ({ metadata }) => metadata.labels?.['test-service'] === 'updated');
  expect((await cluster.client.get(Endpoints, name, namespace)).metadata.labels).toMatchObject({ 'test-service': 'updated' });
  await cluster.client.patch(Endpoints, name, namespace, STRATEGIC, { metadata: { labels: { 'test-service': 'patched' } }, subsets: [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080 }] }] });
  await watch.next('MODIFIED', ({ metadata }) => metadata.labels?.['test-service'] === 'patched');
  const patched = await cluster.client.get(Endpoints, name, namespace);
  expect(patched.subsets).toEqual([{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080, protocol: 'TCP' }] }]);
  await cluster.deleteCollection(Endpoints, namespace, labelSelector);
  await watch.next('DELETED');
  await cluster.untilGone(Endpoints, name, namespace);
});
