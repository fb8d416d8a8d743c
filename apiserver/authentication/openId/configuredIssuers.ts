import type { ComponentContext } from '../../../process/component.ts';
import { JWT_ALGORITHMS } from '../../../process/jwt.ts';
import { ConfigFileError } from '../../configFile/readConfigFile.ts';
import { describeFaults } from '../../configFile/describeFaults.ts';
import { FollowedFile } from '../../configFile/followedFile.ts';
import type { EgressSelector } from '../../egress/egressSelector.ts';
import type { AnonymousRule } from '../authenticatorChain.ts';
import type { TokenAuthenticator, TokenReviewResult } from '../bearerToken.ts';
import { type AuthenticationConfiguration, type JwtConfiguration, readAuthenticationConfiguration } from './authenticationConfiguration.ts';
import type { ClaimLanguage } from './claimLanguage.ts';
import { claimMapping } from './claimMapping.ts';
import { DistributedClaims } from './distributedClaims.ts';
import { IssuerKeys } from './issuerKeys.ts';
import type { KeyFetches } from './keyFetches.ts';
import { JwtAuthenticator } from './jwtAuthenticator.ts';
import { jwtOfFlags, type OidcSettings } from './oidcSettings.ts';
import { validateAuthenticationConfiguration } from './validateAuthenticationConfiguration.ts';

export interface IssuerParts {
  readonly language: ClaimLanguage;
  /** The API server's own audiences. */
  readonly apiAudiences: readonly string[];
  /** Issuers that no configuration may name: the cluster's own. */
  readonly ownIssuers: readonly string[];
  /** How issuers are reached that name one of these ways. */
  readonly egress?: EgressSelector;
  /** Told of every fetch of keys. */
  readonly keyFetches: KeyFetches;
}

/** The issuers of the flags `--oidc-*`. Throws a ConfigFileError. */
export function issuersOfFlags(settings: OidcSettings, parts: IssuerParts, context: ComponentContext): TokenAuthenticator {
  const unknown = settings.signingAlgorithms.find((each) => !JWT_ALGORITHMS.some((known) => known === each));
  if (unknown !== undefined) throw new ConfigFileError(`oidc: unsupported signing alg: ${JSON.stringify(unknown)}`);
  const jwt = [jwtOfFlags(settings)];
  mustBeValid({ jwt }, parts);
  return new Issuers(jwt, settings.signingAlgorithms, parts, context);
}

/** The issuers of a configuration file, which change with it, and its rule about anonymous requests, which does not. */
export interface ConfiguredAuthentication {
  readonly authenticator: TokenAuthenticator;
  /** Undefined: it says nothing of them. */
  readonly anonymous: AnonymousRule | undefined;
}

/** Follows the file of `--authentication-config`. Throws a ConfigFileError where it cannot be used at first. */
export function issuersOfFile(path: string, parts: IssuerParts, context: ComponentContext): ConfiguredAuthentication {
  const file = new FollowedFile<{ readonly configuration: AuthenticationConfiguration; readonly issuers: Issuers }>(
    path,
    (text, previous) => {
      const configuration = readAuthenticationConfiguration(text);
      mustBeValid(configuration, parts);
      const issuers = new Issuers(configuration.jwt ?? [], JWT_ALGORITHMS, parts, context);
      previous?.issuers.close();
      parts.keyFetches.keepOnly((configuration.jwt ?? []).map(({ issuer }) => issuer.url ?? ''));
      return { configuration, issuers };
    },
    context,
  );
  const { anonymous } = file.value.configuration;
  const paths = anonymous?.conditions?.map(({ path: each = '' }) => each);
  return {
    authenticator: { authenticateToken: (token, audiences) => file.value.issuers.authenticateToken(token, audiences) },
    anonymous: anonymous && { enabled: anonymous.enabled ?? false, ...(paths?.length ? { paths } : {}) },
  };
}

function mustBeValid(configuration: AuthenticationConfiguration, { language, ownIssuers }: IssuerParts): void {
  const errors = validateAuthenticationConfiguration(configuration, language, ownIssuers);
  if (errors.length > 0) throw new ConfigFileError(describeFaults(errors));
}

class Issuers implements TokenAuthenticator {
  readonly #members: readonly JwtAuthenticator[];

  constructor(jwt: readonly JwtConfiguration[], algorithms: readonly string[], { language, apiAudiences, egress, keyFetches }: IssuerParts, { clock }: ComponentContext) {
    this.#members = jwt.map((each) => {
      const { url = '', discoveryURL, certificateAuthority, audiences = [], egressSelectorType = '' } = each.issuer;
      const dial = egressSelectorType === 'controlplane' || egressSelectorType === 'cluster' ? egress?.[egressSelectorType] : undefined;
      const keys = new IssuerKeys({ url, ...(discoveryURL ? { discoveryUrl: discoveryURL } : {}), ...(certificateAuthority ? { authority: certificateAuthority } : {}), ...(dial ? { dial } : {}) }, clock, keyFetches.of(url));
      const claim = each.claimMappings.groups?.claim ?? '';
      const distributed = claim === '' ? undefined : new DistributedClaims({ claim, audiences, algorithms, authority: certificateAuthority || undefined, dial }, clock);
      return new JwtAuthenticator({ issuer: url, audiences, algorithms, mapping: claimMapping(each, language), distributed, apiAudiences }, keys, clock);
    });
  }

  async authenticateToken(token: string, audiences?: readonly string[]): Promise<TokenReviewResult | undefined> {
    for (const member of this.#members) {
      const found = await member.authenticateToken(token, audiences);
      if (found) return found;
    }
    return undefined;
  }

  close(): void {
    for (const member of this.#members) member.close();
  }
}
