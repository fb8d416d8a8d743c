import { FeatureGates } from '../../apiserver/features/featureGates.ts';
import { parseFlags } from '../../process/flags.ts';
import { authenticationFlags, authenticationSettings } from './authenticationFlags.ts';
import { authorizationFlags, authorizationSettings } from './authorizationFlags.ts';

/** Kubernetes' own refusals (`BuiltInAuthenticationOptions.Validate`). */
test.each<[readonly string[], string]>([
  [['--oidc-issuer-url=https://a'], 'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set'],
  [['--oidc-groups-claim=g'], 'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set'],
  [['--oidc-signing-algs=ES256'], 'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set'],
  [['--service-account-issuer='], 'service-account-issuer should not be an empty string'],
  [['--service-account-issuer=http://a', '--service-account-issuer=http://a'], 'service-account-issuer "http://a" is already specified'],
  [['--service-account-issuer=http://[::1]:namedport'], 'service-account-issuer "http://[::1]:namedport" contained a \':\' but was not a valid URL: parse "http://[::1]:namedport": invalid port ":namedport" after host'],
  [['--service-account-jwks-uri=https://host:port'], 'service-account-jwks-uri must be a valid URL: parse "https://host:port": invalid port ":port" after host'],
  [['--service-account-jwks-uri=http://baz.com'], 'service-account-jwks-uri requires https scheme, parsed as: http://baz.com'],
  [['--service-account-max-token-expiration=59m'], 'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds'],
])('%j', (words, message) => expect(() => authenticationSettings(parseFlags(authenticationFlags, words).values, 'https://own', FeatureGates.defaults)).toThrow(new Error(message)));

test('the defaults go together', () => {
  expect(authenticationSettings(parseFlags(authenticationFlags, []).values, 'https://own', FeatureGates.defaults)).toMatchObject({ serviceAccountIssuer: ['https://own'] });
});

test.each(['--authorization-mode=RBAC', '--authorization-policy-file=p', '--authorization-webhook-config-file=w'])('%s excludes a configuration', (word) => {
  expect(() => authorizationSettings(parseFlags(authorizationFlags, ['--authorization-config=c', word]).values)).toThrow(
    '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
  );
});
