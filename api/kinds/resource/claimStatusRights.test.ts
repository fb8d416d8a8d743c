import type { ResourceV1ResourceClaim, V1ResourceClaimStatus } from '../../generated/types.ts';
import { claimStatusRights, dropGivenBack } from './claimStatusRights.ts';

const device = (driver: string, more: object = {}): { driver: string; pool: string; device: string } => ({ driver, pool: 'p', device: 'd', ...more });
const claim = (status?: V1ResourceClaimStatus): ResourceV1ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', spec: {}, ...(status ? { status } : {}),
  metadata: { name: 'gpu', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
});
const of = (drivers: readonly string[], nodes: readonly string[] = ['n1']): NonNullable<V1ResourceClaimStatus['allocation']> => ({
  devices: { results: drivers.map((driver) => ({ request: 'one', ...device(driver) })) },
  nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [...nodes] }] }] },
});
const needed = (status: V1ResourceClaimStatus, before?: V1ResourceClaimStatus): string[] =>
  claimStatusRights(claim(status), claim(before)).map(({ subresource, name, byNode }) => [subresource, name, byNode].filter((part) => part !== undefined).join(' '));

test('who allocates and reserves binds; who changes nothing needs nothing', () => {
  expect(needed({ allocation: of(['a']) })).toEqual(['binding']);
  expect(needed({ allocation: of(['a']), reservedFor: [{ resource: 'pods', name: 'x', uid: '1' }] }, { allocation: of(['a']) })).toEqual(['binding']);
  expect(needed({ allocation: of(['a']), reservedFor: [] }, { allocation: of(['a']) })).toEqual([]);
  expect(needed({}, { allocation: of(['a']) })).toEqual(['binding']);
});

test('a driver speaks for its own devices, on the node that has them', () => {
  const before = { allocation: of(['b', 'a', 'c']), devices: [device('a'), device('c')] };
  expect(needed({ ...before, devices: [device('b'), device('a', { data: { up: true } }), device('c')] }, before)).toEqual(['driver a n1', 'driver b n1']);
  expect(needed({ ...before, devices: [device('a')] }, before)).toEqual(['driver c n1']);
  expect(needed({ ...before, devices: [device('a', { shareID: 's' }), device('c')] }, before)).toEqual(['driver a n1']);
  const anywhere = { allocation: of(['a'], ['n1', 'n2']) };
  expect(needed({ ...anywhere, devices: [device('a')] }, anywhere)).toEqual(['driver a ']);
  expect(needed({ allocation: { devices: {} }, devices: [device('a')] }, { allocation: { devices: {} } })).toEqual(['driver a ']);
});

test('what drivers said of devices goes when they are given back, without their right', () => {
  const before = { allocation: of(['a', 'b']), devices: [device('a'), device('b')] };
  const now = claim({ devices: [device('a'), device('b')] });
  dropGivenBack(now, claim(before));
  expect(now.status).toEqual({});
  expect(needed({}, before)).toEqual(['binding']);
  expect(needed({ allocation: of(['a']), devices: [device('a')] }, before)).toEqual(['binding']);
});

test('the faults', () => {
  const [binding, driver] = claimStatusRights(claim({ allocation: of(['a']), devices: [device('a')] }), claim());
  expect(binding?.otherwise(['update'], 'no')).toMatchObject({ field: 'status', message: 'Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="update" permission: no' });
  expect(driver?.otherwise(['associated-node:update', 'arbitrary-node:update'], 'no')).toMatchObject({
    field: 'status.devices',
    message: 'Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[associated-node:update arbitrary-node:update]" permission: no',
  });
});
