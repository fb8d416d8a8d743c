import type { V1Node } from '../../api/generated/types.ts';
import { claimSubnet, missingHolders } from './subnetClaims.ts';
import { freeSubnet } from './subnets.ts';

const node = (name: string, podCIDR?: string): V1Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name, uid: `u${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }, spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
});
const RANGE = '10.244.0.0/16';

test('subnets are given from the bottom, and none that overlaps another', () => {
  expect(freeSubnet(RANGE, 24, ['10.244.0.0/24', '10.244.2.0/24'])).toBe('10.244.1.0/24');
  expect(freeSubnet(RANGE, 24, ['10.244.0.0/23', '10.244.2.128/25'])).toBe('10.244.3.0/24');
  expect(freeSubnet(RANGE, 24, ['192.0.2.0/24', '10.0.0.0/9'])).toBe('10.244.0.0/24');
  expect(freeSubnet('10.244.0.0/23', 24, ['10.244.0.0/24', '10.244.1.0/24'])).toBeUndefined();
});

test('a node gets what it has claimed, else the first that nobody has or has claimed', () => {
  const claims = { '10.244.0.0-24': 'n1 un1', '10.244.1.0-24': 'n2 un2' };
  const all = [node('n1', '10.244.0.0/24'), node('n2'), node('n3'), node('byHand', '10.244.2.0/24')];
  expect(claimSubnet(claims, all[1]!, all, RANGE, 24)?.subnet).toBe('10.244.1.0/24');
  expect(claimSubnet(claims, all[2]!, all, RANGE, 24)).toEqual({
    subnet: '10.244.3.0/24',
    claims: { ...claims, '10.244.2.0-24': 'byHand ubyHand', '10.244.3.0-24': 'n3 un3' },
  });
});

test('the subnet of a node that is gone is free again, also when a new one bears its name', () => {
  const claims = { '10.244.0.0-24': 'n1 uOfBefore' };
  expect(missingHolders(claims, [node('n1'), node('n2')])).toEqual(['n1']);
  expect(claimSubnet(claims, node('n2'), [node('n1'), node('n2')], RANGE, 24)).toEqual({ subnet: '10.244.0.0/24', claims: { '10.244.0.0-24': 'n2 un2' } });
});
