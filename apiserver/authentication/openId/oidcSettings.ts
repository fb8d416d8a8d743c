import type { JwtConfiguration } from './authenticationConfiguration.ts';

/** The flags `--oidc-*`. */
export interface OidcSettings {
  readonly issuerUrl: string;
  readonly clientId: string;
  /** PEM (`--oidc-ca-file`). */
  readonly certificateAuthority?: string;
  readonly usernameClaim: string;
  /** `''`: the issuer's URL and `#`, but not before an address; `-`: none. */
  readonly usernamePrefix: string;
  readonly groupsClaim: string;
  readonly groupsPrefix: string;
  readonly signingAlgorithms: readonly string[];
  readonly requiredClaims: Readonly<Record<string, string>>;
}

/** What the flags ask for, in the form of the configuration file (`ToAuthenticationConfig`). */
export function jwtOfFlags(settings: OidcSettings): JwtConfiguration {
  const { issuerUrl, clientId, certificateAuthority, usernameClaim, groupsClaim, groupsPrefix, requiredClaims } = settings;
  return {
    issuer: { url: issuerUrl, audiences: [clientId], ...(certificateAuthority === undefined ? {} : { certificateAuthority }) },
    claimMappings: { username: { claim: usernameClaim, prefix: prefixOf(settings) }, ...(groupsClaim === '' ? {} : { groups: { claim: groupsClaim, prefix: groupsPrefix } }) },
    claimValidationRules: Object.entries(requiredClaims).map(([claim, requiredValue]) => ({ claim, requiredValue })),
  };
}

function prefixOf({ usernamePrefix, usernameClaim, issuerUrl }: OidcSettings): string {
  if (usernamePrefix === '-') return '';
  if (usernamePrefix !== '') return usernamePrefix;
  return usernameClaim === 'email' ? '' : `${issuerUrl}#`;
}
