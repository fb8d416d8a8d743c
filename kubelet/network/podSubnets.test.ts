import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Node } from '../../api/generated/types.ts';
import { PodSubnets, podSubnetsOf } from './podSubnets.ts';

const node = (spec: V1Node['spec']): V1Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'n', resourceVersion: '', creationTimestamp: '' }, ...(spec ? { spec } : {}) });

test("a node's subnets: all of them, the one, or none", () => {
  expect(podSubnetsOf(node({ podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24', '2001:db8::/64'] }))).toEqual(['10.1.0.0/24', '2001:db8::/64']);
  expect(podSubnetsOf(node({ podCIDR: '10.1.0.0/24' }))).toEqual(['10.1.0.0/24']);
  expect([podSubnetsOf(node({})), podSubnetsOf(undefined)]).toEqual([[], []]);
});

test('the next kubelet knows what this one was told last', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-subnets-'));
  try {
    const file = join(directory, 'network/podCIDRs.json');
    const subnets = await PodSubnets.open(file);
    expect(subnets.known).toEqual([]);
    subnets.note(node({ podCIDR: '10.1.0.0/24' }));
    expect((await PodSubnets.open(file)).known).toEqual(['10.1.0.0/24']);
    subnets.note(node({}));
    expect((await PodSubnets.open(file)).known).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
