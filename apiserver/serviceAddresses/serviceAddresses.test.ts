import type { V1Service, V1ServiceCIDR, V1ServiceSpec } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { startClusterIPs } from '../../api/kinds/core/service/serviceDefaults.ts';
import { FakeClock } from '../../process/fakeClock.ts';
import type { StoredObject, WatchCache } from '../storage/types.ts';
import { DEFAULT_NODE_PORTS } from './allocate.ts';
import { addressKey, addressObject, NODE_PORT_PREFIX, portKey } from './claims.ts';
import { dynamicOffset, formatIPv4, parseIPv4, parseRange, pickFree } from './ipv4Range.ts';
import { claimFaults } from './missingClaims.ts';
import { orphanedClaims } from './repair.ts';
import { ServiceAddresses } from './serviceCompanion.ts';
import { serviceRanges } from './serviceRanges.ts';

const stored = (key: string, object: object): StoredObject => ({ key, object: object as KubeObject, revision: 7, bytes: Buffer.alloc(0) });
const claimedAddress = (address: string, name: string): StoredObject => stored(addressKey(address), addressObject(address, { namespace: 'default', name }, 'u', 0));
const claimedPort = (port: number, name: string): StoredObject => stored(portKey(port), { value: { namespace: 'default', name, uid: 'u' } });

function companion(claims: readonly StoredObject[] = [], random = 0): ServiceAddresses {
  const byKey = new Map(claims.map((each) => [each.key, each]));
  const cache: Pick<WatchCache, 'get' | 'list' | 'consistent'> = { get: (key) => byKey.get(key), list: () => [], consistent: async () => 1 };
  return new ServiceAddresses({ range: '10.96.0.0/12', nodePorts: DEFAULT_NODE_PORTS }, { cache: cache as WatchCache, clock: new FakeClock(), uid: () => 'uid', random: () => random });
}

function incoming(spec: V1ServiceSpec): IncomingObject<V1Service> {
  const object: IncomingObject<V1Service> = { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'web', uid: 'u' }, spec };
  startClusterIPs(object);
  return object;
}

const create = (object: IncomingObject<V1Service>, attempt = 0): Parameters<ServiceAddresses['prepare']>[0] => ({ operation: 'CREATE', object: object, previous: undefined, dryRun: false, attempt });
const asStored = (object: IncomingObject<V1Service>): KubeObject => object as KubeObject;

describe('ranges', () => {
  test('addresses are read and written', () => {
    expect(formatIPv4(parseIPv4('10.96.0.1')!)).toBe('10.96.0.1');
    for (const text of ['10.96.0', '10.96.0.256', '10.96.0.01', '::1', '']) expect(parseIPv4(text)).toBeUndefined();
  });

  test('a range is without its network and broadcast addresses', () => {
    const { first, size } = parseRange('10.96.0.0/12');
    expect([formatIPv4(first), formatIPv4(first + size - 1)]).toEqual(['10.96.0.1', '10.111.255.254']);
    expect(() => parseRange('fd00::/112')).toThrow('IPv4 range');
  });

  test('the part for dynamic allocation comes first, the other when it is used up', () => {
    expect([dynamicOffset(2 ** 20 - 2, 16, 256), dynamicOffset(2768, 32, 128), dynamicOffset(14, 16, 256)]).toEqual([256, 86, 0]);
    expect(pickFree(20, 16, 0.5, () => false)).toBe(18);
    expect(pickFree(20, 16, 0.5, (index) => index >= 16)).toBe(0);
    expect(pickFree(20, 16, 0.5, () => true)).toBeUndefined();
  });
});

describe('ServiceAddresses', () => {
  test('a new Service gets an address, in its own transaction', async () => {
    const service = incoming({ type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] });
    const { checks, operations } = await companion().prepare(create(service));
    expect(service.spec).toMatchObject({ clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    expect(checks).toEqual([{ key: '/registry/networking.k8s.io/ipaddresses/10.96.1.1', revision: 0 }]);
    expect(operations).toMatchObject([{ kind: 'put', object: { metadata: { name: '10.96.1.1' }, spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } } } }]);
  });

  test('a further attempt chooses again, but keeps to what the client named', async () => {
    const service = incoming({ type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }, { port: 81, protocol: 'TCP' }] });
    const claims = new Map<string, StoredObject>();
    const cache = { get: (key: string) => claims.get(key), list: () => [], consistent: async () => 1 } as unknown as WatchCache;
    const addresses = new ServiceAddresses({ range: '10.96.0.0/12', nodePorts: DEFAULT_NODE_PORTS }, { cache, clock: new FakeClock(), uid: () => 'uid', random: () => 0 });
    await addresses.prepare(create(service));
    expect(service.spec?.ports?.map(({ nodePort }) => nodePort)).toEqual([30080, 30086]);
    claims.set(addressKey('10.96.1.1'), claimedAddress('10.96.1.1', 'other'));
    claims.set(portKey(30086), claimedPort(30086, 'other'));
    await addresses.prepare(create(service, 1));
    expect(service.spec).toMatchObject({ clusterIP: '10.96.1.2', ports: [{ nodePort: 30080 }, { nodePort: 30087 }] });
    claims.set(portKey(30080), claimedPort(30080, 'other'));
    await expect(addresses.prepare(create(service, 2))).rejects.toMatchObject({ code: 422, message: 'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated' });
  });

  test.each<[string, V1ServiceSpec, string]>([
    ['a cluster IP of another', { type: 'ClusterIP', clusterIP: '10.96.0.10' }, 'spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated'],
    ['a cluster IP out of range', { type: 'ClusterIP', clusterIP: '192.0.2.1' }, 'spec.clusterIPs: Invalid value: ["192.0.2.1"]: failed to allocate IP 192.0.2.1: the provided network does not match the current range'],
    ['a node port out of range', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }, 'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767'],
    ['another family', { type: 'ClusterIP', ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    ['both families', { type: 'ClusterIP', ipFamilyPolicy: 'RequireDualStack' }, 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
  ])('%s is refused', async (_, spec, message) => {
    await expect(companion([claimedAddress('10.96.0.10', 'dns')]).prepare(create(incoming(spec)))).rejects.toMatchObject({ message: `Service "web" is invalid: ${message}` });
  });

  test('headless and external Services claim nothing', async () => {
    const headless = incoming({ type: 'ClusterIP', clusterIP: 'None', selector: { app: 'web' } });
    expect(await companion().prepare(create(headless))).toEqual({ checks: [], operations: [] });
    expect(headless.spec).toMatchObject({ clusterIPs: ['None'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    const unselected = incoming({ type: 'ClusterIP', clusterIP: 'None' });
    await companion().prepare(create(unselected));
    expect(unselected.spec).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' });
    const external = incoming({ type: 'ExternalName', externalName: 'example.org' });
    expect(await companion().prepare(create(external))).toEqual({ checks: [], operations: [] });
    expect(external.spec).toEqual({ type: 'ExternalName', externalName: 'example.org' });
  });

  test('one node port serves both protocols of a port', async () => {
    const service = incoming({ type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', name: 'udp' }, { port: 53, protocol: 'TCP', name: 'tcp' }] });
    await companion().prepare(create(service));
    expect(service.spec?.ports?.map(({ nodePort }) => nodePort)).toEqual([30086, 30086]);
  });

  test('a balancer that keeps to the node gets a port for its health check', async () => {
    const service = incoming({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80, protocol: 'TCP' }] });
    const { operations } = await companion().prepare(create(service));
    expect(service.spec?.healthCheckNodePort).toBe(30087);
    expect(operations).toHaveLength(3);
  });

  test('what a Service holds no more is released with the write; what it keeps is untouched', async () => {
    const before = incoming({ type: 'NodePort', clusterIP: '10.96.2.2', clusterIPs: ['10.96.2.2'], ports: [{ port: 80, protocol: 'TCP', nodePort: 30090 }, { port: 81, protocol: 'TCP', nodePort: 30091 }] });
    const claims = [claimedAddress('10.96.2.2', 'web'), claimedPort(30090, 'web'), claimedPort(30091, 'web')];
    const next = incoming({ type: 'NodePort', clusterIP: '10.96.2.2', clusterIPs: ['10.96.2.2'], ports: [{ port: 80, protocol: 'TCP', nodePort: 30090 }] });
    const update = await companion(claims).prepare({ operation: 'UPDATE', object: next, previous: asStored(before), dryRun: false, attempt: 0 });
    expect(update).toEqual({ checks: [], operations: [{ kind: 'delete', key: portKey(30091) }] });
    const removal = await companion(claims).prepare({ operation: 'DELETE', object: undefined, previous: asStored(before), dryRun: false, attempt: 0 });
    expect(removal.operations.map((each) => each.key)).toEqual([addressKey('10.96.2.2'), portKey(30090), portKey(30091)]);
  });

  test('a change to an external name releases everything', async () => {
    const before = incoming({ type: 'ClusterIP', clusterIP: '10.96.2.2', clusterIPs: ['10.96.2.2'] });
    const next = incoming({ type: 'ExternalName', externalName: 'example.org' });
    const { operations } = await companion([claimedAddress('10.96.2.2', 'web')]).prepare({ operation: 'UPDATE', object: next, previous: asStored(before), dryRun: false, attempt: 0 });
    expect(operations).toEqual([{ kind: 'delete', key: addressKey('10.96.2.2') }]);
  });

  test('an imported Service without claims gets them at its next write; another\'s claim is never released', async () => {
    const spec: V1ServiceSpec = { type: 'ClusterIP', clusterIP: '10.96.2.2', clusterIPs: ['10.96.2.2'] };
    const update = await companion().prepare({ operation: 'UPDATE', object: incoming({ ...spec }), previous: asStored(incoming(spec)), dryRun: false, attempt: 0 });
    expect(update.operations).toMatchObject([{ kind: 'put', key: addressKey('10.96.2.2') }]);
    const removal = await companion([claimedAddress('10.96.2.2', 'other')]).prepare({ operation: 'DELETE', object: undefined, previous: asStored(incoming(spec)), dryRun: false, attempt: 0 });
    expect(removal.operations).toEqual([]);
  });
});

describe('orphanedClaims', () => {
  const service = stored('/registry/services/default/web', incoming({ type: 'NodePort', clusterIP: '10.96.2.2', clusterIPs: ['10.96.2.2'], ports: [{ port: 80, nodePort: 30090 }] }));

  test('claims of Services that are gone or do not hold them', () => {
    const find = ({ name }: { name: string }): StoredObject | undefined => (name === 'web' ? service : undefined);
    const addresses = [claimedAddress('10.96.2.2', 'web'), claimedAddress('10.96.2.3', 'web'), claimedAddress('10.96.2.4', 'gone')];
    const orphans = orphanedClaims(addresses, [claimedPort(30090, 'web'), claimedPort(30091, 'gone')], find);
    expect(orphans.map(({ key }) => key)).toEqual([addressKey('10.96.2.3'), addressKey('10.96.2.4'), `${NODE_PORT_PREFIX}30091`]);
    expect(orphans[1]?.checks).toEqual([{ key: addressKey('10.96.2.4'), revision: 7 }, { key: '/registry/services/default/gone', revision: 0 }]);
  });
});

describe('claimFaults', () => {
  const service = (name: string, address: string): StoredObject => stored(`/registry/services/default/${name}`, { metadata: { name, namespace: 'default' }, spec: { clusterIP: address, clusterIPs: [address] } });
  const services = [service('bare', '10.96.2.1'), service('web', '10.96.2.2'), service('twin', '10.96.2.2'), service('robbed', '10.96.2.3'), service('plain', '10.96.2.4')];
  const unlabelled = { ...addressObject('10.96.2.4', { namespace: 'default', name: 'plain' }, 'u', 0), metadata: { name: '10.96.2.4' } };
  const claims = new Map([claimedAddress('10.96.2.2', 'web'), claimedAddress('10.96.2.3', 'gone'), stored(addressKey('10.96.2.4'), unlabelled)].map((each) => [each.key, each]));

  test('addresses without a claim, with that of nobody, and with that of another', () => {
    const { missing, wrong, doubled } = claimFaults(services, (address) => claims.get(addressKey(address)), ({ name }) => services.find(({ object }) => object.metadata.name === name));
    expect(missing.map(({ address }) => address)).toEqual(['10.96.2.1']);
    expect(wrong.map(({ claim }) => claim.key)).toEqual([addressKey('10.96.2.3'), addressKey('10.96.2.4')]);
    expect(doubled.map(({ service: { key } }) => key)).toEqual(['/registry/services/default/twin']);
  });
});

describe('serviceRanges', () => {
  const range = (name: string, cidrs: string[], status?: string, metadata: object = {}): V1ServiceCIDR =>
    ({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name, ...metadata }, spec: { cidrs }, ...(status === undefined ? {} : { status: { conditions: [{ type: 'Ready', status }] } }) }) as V1ServiceCIDR;
  const cidrsOf = (...objects: readonly V1ServiceCIDR[]): string[] => serviceRanges(parseRange('10.96.0.0/12'), objects).map(({ cidr }) => cidr);

  test('the default range comes first, and the flag\'s stands in for it until it is there', () => {
    expect(cidrsOf()).toEqual(['10.96.0.0/12']);
    expect(cidrsOf(range('more', ['192.168.0.0/24', 'fd00::/112']), range('kubernetes', ['10.0.0.0/16']))).toEqual(['10.0.0.0/16', '192.168.0.0/24']);
  });

  test('nothing is given out of a range that is to go, is not ready, or cannot serve', () => {
    expect(cidrsOf(range('kubernetes', ['10.96.0.0/12'], 'True', { deletionTimestamp: 't' }), range('a', ['10.1.0.0/16'], 'False'), range('b', ['10.2.0.0/16'], 'True'), range('c', ['10.3.0.0/31', '8.0.0.0/5']))).toEqual(['10.2.0.0/16']);
  });
});
