import { cidrWarnings, ipWarnings } from './addressWarnings.ts';

test.each<[string, string[]]>([
  ['10.0.0.0/8', []],
  ['0.0.0.0/0', []],
  ['10.0.0.1/32', []],
  ['fd00::/8', []],
  ['fd00::1/128', []],
  ['::/0', []],
  ['no range', []],
  ['10.1.2.3/20', ['f: CIDR value "10.1.2.3/20" is ambiguous in this context (should be "10.1.0.0/20" or "10.1.2.3/32"?)']],
  ['fd00:0:0:7::1/60', ['f: CIDR value "fd00:0:0:7::1/60" is ambiguous in this context (should be "fd00::/60" or "fd00:0:0:7::1/128"?)']],
  ['FD00::/8', ['f: IPv6 CIDR value "FD00::/8" should be in RFC 5952 canonical format ("fd00::/8")']],
])('range %s', (range, warnings) => {
  expect(cidrWarnings('f', range)).toEqual(warnings);
});

test('an address of IPv6 has one form', () => {
  expect(ipWarnings('f', 'fd00::1')).toEqual([]);
  expect(ipWarnings('f', 'FD00:0::1')).toEqual(['f: IPv6 address "FD00:0::1" should be in RFC 5952 canonical format ("fd00::1")']);
});
