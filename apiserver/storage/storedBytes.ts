/** Objects of this size share their memory with no other ones. */
const LARGE = 4 * 1024;
const SLAB = 16 * 1024;

let slab = Buffer.alloc(0);
let used = 0;

/**
 * Memory, not yet written to, for the bytes of an object that stays. Node.js' own pool serves all that a process does: one object that stays holds
 * 64 KiB of what was needed for an instant. Here only objects stand side by side.
 */
export function storedBytes(length: number): Buffer {
  if (length > LARGE) return Buffer.allocUnsafeSlow(length);
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB);
    used = 0;
  }
  const bytes = slab.subarray(used, used + length);
  used += length;
  return bytes;
}
