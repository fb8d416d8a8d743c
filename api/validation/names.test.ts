import { isCidr, isIPAddress } from './ipText.ts';
import { validateCIdentifier, validateConfigMapKey, validateDns1035Label, validateDns1123Label, validateDns1123Subdomain, validateEnvVarName, validateLabelValue, validatePathSegmentName, validatePortName, validatePortNumber, validateQualifiedName } from './names.ts';

describe('names', () => {
  it('takes what is valid', () => {
    expect(validateDns1123Subdomain('a.b-c.9')).toEqual([]);
    expect(validateDns1123Label('9-a')).toEqual([]);
    expect(validateDns1035Label('a-9')).toEqual([]);
    expect(validateQualifiedName('example.com/My_Name.x')).toEqual([]);
    expect(validateLabelValue('')).toEqual([]);
    expect(validateConfigMapKey('a_b.C')).toEqual([]);
    expect(validateEnvVarName('a b-c')).toEqual([]);
    expect(validatePortName('http-2')).toEqual([]);
    expect(validateCIdentifier('_a9')).toEqual([]);
    expect(validatePathSegmentName('system:node')).toEqual([]);
  });

  it("says what is wrong in Kubernetes' words", () => {
    expect(validateDns1123Subdomain('A')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ]);
    expect(validateDns1123Label('a.b')).toEqual(['must not contain dots']);
    expect(validateDns1123Label('A')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(validateDns1123Label('a'.repeat(64))).toEqual(['must be no more than 63 characters']);
    expect(validateQualifiedName('/x')).toEqual(['prefix part must be non-empty']);
    expect(validateQualifiedName('a/b/c')[0]).toMatch(/^a valid label key must consist of .* with an optional DNS subdomain prefix and '\/' \(e\.g\. 'example\.com\/MyName'\)$/);
    expect(validateQualifiedName('')).toHaveLength(2);
    expect(validateConfigMapKey('..x')).toEqual(["must not start with '..'"]);
    expect(validateEnvVarName('a=b')).toEqual(["a valid environment variable name must consist only of printable ASCII characters other than '='"]);
    expect(validatePortName('80')).toEqual(['must contain at least one letter (a-z)']);
    expect(validatePortNumber(0)).toEqual(['must be between 1 and 65535, inclusive']);
    expect(validatePathSegmentName('a/b')).toEqual(["may not contain '/'"]);
  });

  it('knows addresses and ranges', () => {
    expect(isIPAddress('10.0.0.1')).toBe(true);
    expect(isIPAddress('010.0.0.1')).toBe(false);
    expect(isIPAddress('fe80::1%eth0')).toBe(false);
    expect(isCidr('10.0.0.0/8')).toBe(true);
    expect(isCidr('10.0.0.0/33')).toBe(false);
    expect(isCidr('2001:db8::/64')).toBe(true);
    expect(isCidr('10.0.0.0')).toBe(false);
  });
});
