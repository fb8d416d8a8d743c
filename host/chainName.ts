import { hash } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * A chain name as the Kubernetes components make them: a prefix, and the first 16 base32 characters (80 bits) of the text's SHA-256.
 * With a prefix of up to 12 characters it fits the kernel's 28.
 */
export function chainName(prefix: string, text: string): string {
  const digest = hash('sha256', text, 'buffer');
  let name = prefix;
  let bits = 0;
  let count = 0;
  for (let at = 0; at < 10; at += 1) {
    bits = (bits << 8) | digest[at]!;
    for (count += 8; count >= 5; count -= 5) name += BASE32[(bits >> (count - 5)) & 31];
    bits &= 31;
  }
  return name;
}
