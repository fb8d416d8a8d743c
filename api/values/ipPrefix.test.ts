import { containsPrefix, offersAddress, parseIp, parsePrefix } from './ipPrefix.ts';

const contains = (outer: string, inner: string): boolean => containsPrefix(parsePrefix(outer)!, parsePrefix(inner)!);
const offers = (prefix: string, address: string): boolean => offersAddress(parsePrefix(prefix)!, parseIp(address)!);

test('networks contain networks of their family', () => {
  expect([contains('10.0.0.0/8', '10.1.0.0/16'), contains('10.0.0.0/8', '10.0.0.0/8'), contains('10.1.0.0/16', '10.0.0.0/8'), contains('10.0.0.0/8', '11.0.0.0/16')]).toEqual([true, true, false, false]);
  expect([contains('2001:db8::/32', '2001:db8:1::/64'), contains('0.0.0.0/0', '2001:db8:1::/64')]).toEqual([true, false]);
});

test('neither the address of the network nor that of its broadcasts is given out', () => {
  expect(['10.0.0.0', '10.0.0.1', '10.0.0.254', '10.0.0.255', '10.0.1.1'].map((each) => offers('10.0.0.0/24', each))).toEqual([false, true, true, false, false]);
  expect(['2001:db8::', '2001:db8::1', '2001:db8::ffff:ffff:ffff:ffff'].map((each) => offers('2001:db8::/64', each))).toEqual([false, true, true]);
});

test('what is no network is none', () => {
  expect(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0/8', '::/129', '/8', ''].map(parsePrefix)).toEqual(Array.from({ length: 7 }, () => undefined));
});
