import type { KubeObject } from '../../api/meta.ts';
import type { StoredObject } from '../storage/types.ts';
import { kubernetesEndpoints, kubernetesEndpointSlice } from './kubernetesEndpoints.ts';
import { LEASE_DURATION, SERVER_PREFIX, ServerSightings } from './serverLeases.ts';

const server = (address: string) => ({ address, port: 6443, renewal: 1 });
const key = (address: string, revision: number): StoredObject => ({ key: `${SERVER_PREFIX}${address}`, revision, object: { value: server(address) } as unknown as KubeObject, bytes: Buffer.alloc(0) });

test('the endpoints of the servers that live', () => {
  const servers = [server('10.0.0.1'), server('10.0.0.2')];
  expect(kubernetesEndpoints(servers).subsets).toEqual([{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }]);
  expect(kubernetesEndpointSlice(servers)).toMatchObject({ addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }, { addresses: ['10.0.0.2'] }], ports: [{ name: 'https', port: 6443 }] });
  expect(kubernetesEndpoints([]).subsets).toBeUndefined();
});

test('a server whose key stands still for 15 s is dead; one that was never seen before is not', () => {
  const sightings = new ServerSightings();
  expect(sightings.observe([key('a', 1), key('b', 1)], 0).dead).toEqual([]);
  expect(sightings.observe([key('a', 5), key('b', 1)], 10_000).dead).toEqual([]);
  const { alive, dead } = sightings.observe([key('a', 5), key('b', 1)], LEASE_DURATION + 1);
  expect([alive.map(({ key }) => key), dead.map(({ key }) => key)]).toEqual([[`${SERVER_PREFIX}a`], [`${SERVER_PREFIX}b`]]);
  expect(sightings.observe([key('b', 9)], LEASE_DURATION + 2).dead).toEqual([]);
});
