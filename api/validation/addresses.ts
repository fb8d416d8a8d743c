import { invalid, type FieldError } from '../fieldError.ts';
import { parseIp } from '../values/ipPrefix.ts';

/** Addresses that mean "here" or "this wire" would lead each node to itself (`ValidateNonSpecialIP`); of an address that is valid otherwise, in whatever form. */
export function validateOrdinaryAddress(field: string, address: string): FieldError[] {
  const parsed = parseIp(address);
  if (!parsed) return [];
  const { family, bits } = parsed;
  const top = (count: number): bigint => bits >> BigInt((family === 4 ? 32 : 128) - count);
  if (bits === 0n) return [invalid(field, address, `may not be unspecified (${address})`)];
  if (family === 4 ? top(8) === 127n : bits === 1n) return [invalid(field, address, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (family === 4 ? top(16) === 0xa9fen : top(10) === 0x3fan) return [invalid(field, address, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
  if (family === 4 ? top(24) === 0xe00000n : top(8) === 0xffn && top(16) % 16n === 2n) return [invalid(field, address, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')];
  return [];
}
