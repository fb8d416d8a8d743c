import { ServiceCIDRs } from '../../client/resources.ts';
import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: ['service-cidr-controller'], scheduler: false });
});

afterAll(() => plane.close());

const service = (name: string, clusterIP: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { clusterIP, ports: [{ port: 80 }] } });
const ready = async (name: string) => (await plane.client.get(ServiceCIDRs, name)).status?.conditions?.find(({ type }) => type === 'Ready');

test('Services are given addresses of a further range, which goes when they are gone', async () => {
  await plane.run('create -f -', JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'more' }, spec: { cidrs: ['192.168.77.0/28'] } }));
  await eventually('the range is ready', async () => ((await ready('more'))?.status === 'True' ? true : undefined));
  expect((await plane.client.get(ServiceCIDRs, 'more')).metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer']);
  await eventually('so is the default range', async () => ((await ready('kubernetes'))?.message === 'Kubernetes default Service CIDR is ready' ? true : undefined));
  await plane.run('create -f -', service('held', '192.168.77.5'));
  await plane.run('delete servicecidr more --wait=false');
  const blocked = await eventually('the range says why it stays', async () => {
    const condition = await ready('more');
    return condition?.status === 'False' ? condition : undefined;
  });
  expect(blocked).toMatchObject({ reason: 'Terminating', message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR' });
  const refused = await plane.kubectl(['create', '-f', '-'], { input: service('late', '192.168.77.6') });
  expect(refused.stderr).toContain('failed to allocate IP 192.168.77.6: the provided network does not match the current range');
  await plane.run('delete service held');
  await plane.run('wait --for=delete servicecidr/more --timeout=90s');
});
