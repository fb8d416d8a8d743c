import { browserFaults } from './browserFlags.ts';

const faults = (origins: readonly string[], directives: readonly string[] = []): string[] => browserFaults({ 'cors-allowed-origins': origins, 'strict-transport-security-directives': directives });

test.each(['//example\\.com(:|$)', '^https://web$'])('%s is a pattern of origins', (pattern) => expect(faults([pattern])).toEqual([]));

test.each([
  ['example.com', '--cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header, help: List of'],
  ['//a(', '--cors-allowed-origins has an invalid regular expression: error parsing regexp: missing closing ): `//a(`, help: List of'],
  ['', 'empty value in --cors-allowed-origins, help: List of'],
])('%s is none: %s', (pattern, why) => expect(faults([pattern])[0]?.startsWith(why)).toBe(true));

test('directives are those of RFC 6797', () => {
  expect(faults([], ['max-age=1', 'preload'])).toEqual([]);
  expect(faults([], ['maxage=1', ' '])).toEqual([expect.stringMatching(/^--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload/), 'empty value in strict-transport-security-directives']);
});
