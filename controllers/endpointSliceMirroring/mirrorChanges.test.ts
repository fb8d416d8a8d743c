import type { V1Endpoints, V1EndpointSlice, V1EndpointSubset } from '../../api/generated/types.ts';
import { mayMirror, mirrorChanges, MIRRORING_MANAGER } from './mirrorChanges.ts';

const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
const endpoints = (subsets: V1EndpointSubset[], more: Partial<V1Endpoints['metadata']> = {}): V1Endpoints => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { ...meta('web'), ...more }, subsets });
const stored = (of: V1Endpoints): readonly V1EndpointSlice[] => mirrorChanges(of, []).create.map((draft, at) => ({ ...(draft as V1EndpointSlice), metadata: { ...(draft as V1EndpointSlice).metadata, ...meta(`web-${at}`) } }));
const counts = ({ create, update, delete: gone }: ReturnType<typeof mirrorChanges>) => [create.length, update.length, gone.length];

test('a mirror bears the labels of the Endpoints, names their Service and is owned by them', () => {
  const { create } = mirrorChanges(
    endpoints([{ addresses: [{ ip: '10.1.2.3', nodeName: 'n1' }], notReadyAddresses: [{ ip: '10.1.2.4', hostname: 'b' }], ports: [{ port: 80 }] }], {
      labels: { app: 'web' },
      annotations: { note: 'x', 'endpoints.kubernetes.io/last-change-trigger-time': 'now' },
    }),
    [],
  );
  expect(create).toEqual([
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: 'web-',
        namespace: 'default',
        labels: { app: 'web', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': MIRRORING_MANAGER },
        annotations: { note: 'x' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: 'web', uid: 'web', controller: true, blockOwnerDeletion: true }],
      },
      addressType: 'IPv4',
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
      endpoints: [
        { addresses: ['10.1.2.3'], conditions: { ready: true }, nodeName: 'n1' },
        { addresses: ['10.1.2.4'], conditions: { ready: false }, hostname: 'b' },
      ],
    },
  ]);
});

test('each family of addresses and set of ports has one slice; what stands right is left alone', () => {
  const both = endpoints([
    { addresses: [{ ip: '10.1.2.3' }, { ip: 'fd00::1' }], ports: [{ name: 'a', port: 80, protocol: 'TCP' }] },
    { addresses: [{ ip: '10.1.2.3' }], ports: [{ name: 'a', port: 80, protocol: 'TCP' }] },
    { addresses: [{ ip: '10.1.2.4' }], ports: [{ name: 'b', port: 81, protocol: 'UDP' }] },
  ]);
  const standing = stored(both);
  expect(standing.map((slice) => [slice.addressType, slice.ports?.[0]?.name, slice.endpoints?.length])).toEqual([['IPv4', 'a', 1], ['IPv6', 'a', 1], ['IPv4', 'b', 1]]);
  expect(counts(mirrorChanges(both, standing))).toEqual([0, 0, 0]);
});

test('another address is written to the slice, other ports fill the slice that lost its own, and an empty list deletes it', () => {
  const standing = stored(endpoints([{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }]));
  const moved = mirrorChanges(endpoints([{ addresses: [{ ip: '10.2.3.4' }], ports: [{ port: 80 }] }]), standing);
  expect(moved.update.map(({ metadata, endpoints: list }) => [metadata.name, list?.[0]?.addresses])).toEqual([['web-0', ['10.2.3.4']]]);
  const ported = mirrorChanges(endpoints([{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 81 }] }]), standing);
  expect([ported.update.map(({ metadata, ports }) => [metadata.name, ports?.[0]?.port]), counts(ported)]).toEqual([[['web-0', 81]], [0, 1, 0]]);
  expect(counts(mirrorChanges(endpoints([]), standing))).toEqual([0, 0, 1]);
  expect(counts(mirrorChanges(endpoints([{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }], { deletionTimestamp: '2026-01-01T00:00:00Z' }), []))).toEqual([0, 0, 0]);
});

test('addresses beyond a thousand and such as are none are counted', () => {
  const addresses = [{ ip: 'nowhere' }, ...Array.from({ length: 1002 }, (_, at) => ({ ip: `10.1.${Math.floor(at / 256)}.${at % 256}` }))];
  const { create, invalid, excess } = mirrorChanges(endpoints([{ addresses, ports: [{ port: 80 }] }]), []);
  expect([create.map((slice) => slice.endpoints?.length), invalid, excess]).toEqual([[1000], 1, 2]);
});

test('neither the lock of a leader election nor what asks not to be is mirrored', () => {
  expect([{}, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }].map((more) => mayMirror(endpoints([], more)))).toEqual([true, false, false]);
});
