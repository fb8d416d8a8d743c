import { hasEnded, processIdentity } from './processIdentity.ts';

test('only processes of this node are known to have ended', () => {
  const mine = processIdentity('node1');
  const [, boot, pid] = mine.split('_');
  expect(hasEnded(mine, 'node1')).toBe(false);
  expect(hasEnded(`node1_${boot}_${pid}_1`, 'node1')).toBe(true);
  expect(hasEnded('node1_another-boot_1_1', 'node1')).toBe(true);
  expect(hasEnded('node2_another-boot_1_1', 'node1')).toBe(false);
  expect(hasEnded('node1_12345678', 'node1')).toBe(false);
});
