import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDiskUsage, usedSpace } from './usedSpace.ts';

test('what du prints, whatever the names', () => expect([...readDiskUsage('4096\t/a b\u000012\t/c\nd\0')]).toEqual([['/a b', 4096], ['/c\nd', 12]]));

test('bytes and files of directories; one that has gone has none', async () => {
  const root = mkdtempSync(join(tmpdir(), 'gantry-space-'));
  try {
    const [full, gone] = [join(root, 'full'), join(root, 'gone')];
    mkdirSync(full);
    writeFileSync(join(full, 'file'), Buffer.alloc(2 ** 20, 1));
    const used = await usedSpace([full, gone]);
    expect(used.get(full)?.bytes).toBeGreaterThanOrEqual(2 ** 20);
    expect(used.get(full)?.inodes).toBe(2);
    expect(used.get(gone)).toEqual({ bytes: 0, inodes: 0 });
  } finally {
    rmSync(root, { recursive: true });
  }
});
