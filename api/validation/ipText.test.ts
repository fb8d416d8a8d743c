import { validateCanonicalCidr, validateCanonicalIPAddress, validateCidr, validateInterfaceAddress, validateIPAddress } from './ipText.ts';

const NO_ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const NO_RANGE = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const ZEROS = 'must not have leading 0s in IP or prefix length';

test.each([
  ['10.0.0.1'], ['0.0.0.0'], ['fe80::1'], ['FE80:0:0:0:0:0:0:0abc'], ['::'],
  ['010.0.0.1', 'must not have leading 0s'], ['10.0.0.01', 'must not have leading 0s'], ['::ffff:010.0.0.1', 'must not have leading 0s'],
  ['::ffff:10.0.0.1', 'must not be an IPv4-mapped IPv6 address'], ['::ffff:a00:1', 'must not be an IPv4-mapped IPv6 address'],
  ['10.0.0', NO_ADDRESS], ['', NO_ADDRESS], ['10.0.0.256', NO_ADDRESS], ['fe80::1%eth0', NO_ADDRESS], ['x010.0.0.1', NO_ADDRESS],
])('address %s', (value, ...messages) => {
  expect(validateIPAddress(value)).toEqual(messages);
});

test.each([
  ['10.0.0.0/8'], ['0.0.0.0/0'], ['::/0'], ['2001:db8::/64'], ['2001:DB8:0::/64'], ['10.0.0.1/32'],
  ['10.0.0.1/8', 'must not have bits set beyond the prefix length'], ['2001:db8::1/64', 'must not have bits set beyond the prefix length'],
  ['010.0.0.0/8', ZEROS], ['10.0.0.0/08', ZEROS], ['::ffff:10.0.0.0/104', 'must not have an IPv4-mapped IPv6 address'],
  ['10.0.0.0', NO_RANGE], ['10.0.0.0/33', NO_RANGE], ['10.0.0.0/8/8', NO_RANGE], ['/8', NO_RANGE], ['10.0.0.0/', NO_RANGE], ['10.0.0.0/-1', NO_RANGE],
])('range %s', (value, ...messages) => {
  expect(validateCidr(value)).toEqual(messages);
});

test('what has one right form only', () => {
  expect(validateCanonicalIPAddress('fe80::abc')).toEqual([]);
  expect(validateCanonicalIPAddress('FE80::0abc')).toEqual(['must be in canonical form ("fe80::abc")']);
  expect(validateCanonicalIPAddress('x')).toEqual([NO_ADDRESS]);
  expect(validateCanonicalCidr('2001:db8::/64')).toEqual([]);
  expect(validateCanonicalCidr('2001:DB8:0::/64')).toEqual(['must be in canonical form ("2001:db8::/64")']);
});

test.each([
  ['10.9.8.7/24'], ['2001:db8::1/64'],
  ['10.9.8.7', 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'], ['10.9.8.007/024', 'must be in canonical form ("10.9.8.7/24")'],
  ['2001:DB8::1/64', 'must be in canonical form ("2001:db8::1/64")'], ['::ffff:192.168.0.1/120', 'must be in canonical form ("192.168.0.1/24")'],
])('address of an interface %s', (value, ...messages) => {
  expect(validateInterfaceAddress(value)).toEqual(messages);
});
