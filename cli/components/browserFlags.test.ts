import { browserConfig } from './browserFlags.ts';

const origins = (...patterns: string[]) => () => browserConfig({ 'cors-allowed-origins': patterns, 'strict-transport-security-directives': [] });

test.each(['//example\\.com(:|$)', '^https://web$'])('%s is a pattern of origins', (pattern) => expect(origins(pattern)).not.toThrow());

test.each([
  ['example.com', '--cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header'],
  ['//a(', '--cors-allowed-origins has an invalid regular expression: error parsing regexp: missing closing ): `//a(`'],
])('%s is none: %s', (pattern, why) => expect(origins(pattern)).toThrow(why));

test('directives are those of RFC 6797', () => {
  const directives = (...texts: string[]) => browserConfig({ 'cors-allowed-origins': [], 'strict-transport-security-directives': texts });
  expect(directives('max-age=1', 'preload').transportSecurity).toEqual(['max-age=1', 'preload']);
  expect(() => directives('maxage=1')).toThrow('--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload');
});
