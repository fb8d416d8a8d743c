import { invalid, type FieldError } from '../fieldError.ts';

/** Addresses that mean "here" or "this wire" would lead each node to itself (`ValidateNonSpecialIP`); of an address that is valid otherwise. */
export function validateOrdinaryAddress(field: string, address: string): FieldError[] {
  if (address === '0.0.0.0' || address === '::') return [invalid(field, address, `may not be unspecified (${address})`)];
  if (address.startsWith('127.') || address === '::1') return [invalid(field, address, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (/^169\.254\.|^fe[89ab]/i.test(address)) return [invalid(field, address, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
  if (/^224\.0\.0\.|^ff02:/i.test(address)) return [invalid(field, address, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')];
  return [];
}
