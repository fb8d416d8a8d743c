import type { ConfigShape } from '../../configFile/configShape.ts';
import { readConfigFile } from '../../configFile/readConfigFile.ts';

/** `AuthenticationConfiguration` (apiserver.config.k8s.io), the file of `--authentication-config`. */
export interface AuthenticationConfiguration {
  readonly jwt?: readonly JwtConfiguration[];
  readonly anonymous?: { readonly enabled?: boolean; readonly conditions?: readonly { readonly path?: string }[] };
}

/** One issuer of tokens, and what becomes of its claims. */
export interface JwtConfiguration {
  readonly issuer: IssuerConfiguration;
  readonly claimValidationRules?: readonly ClaimValidationRule[];
  readonly claimMappings: ClaimMappings;
  readonly userValidationRules?: readonly UserValidationRule[];
}

export interface IssuerConfiguration {
  readonly url?: string;
  readonly discoveryURL?: string;
  /** PEM; none: the machine's authorities. */
  readonly certificateAuthority?: string;
  readonly audiences?: readonly string[];
  readonly audienceMatchPolicy?: string;
  readonly egressSelectorType?: string;
}

export interface ClaimValidationRule {
  readonly claim?: string;
  readonly requiredValue?: string;
  readonly expression?: string;
  readonly message?: string;
}

export interface PrefixedClaim {
  readonly claim?: string;
  readonly prefix?: string;
  readonly expression?: string;
}

export interface ClaimMappings {
  readonly username: PrefixedClaim;
  readonly groups?: PrefixedClaim;
  readonly uid?: { readonly claim?: string; readonly expression?: string };
  readonly extra?: readonly { readonly key?: string; readonly valueExpression?: string }[];
}

export interface UserValidationRule {
  readonly expression?: string;
  readonly message?: string;
}

const PREFIXED: ConfigShape = { struct: 'PrefixedClaimOrExpression', fields: { claim: 'string', prefix: 'string', expression: 'string' } };
const ISSUER: ConfigShape = {
  struct: 'Issuer',
  fields: { url: 'string', discoveryURL: 'string', certificateAuthority: 'string', audiences: { list: 'string' }, audienceMatchPolicy: { text: 'AudienceMatchPolicyType' }, egressSelectorType: { text: 'EgressSelectorType' } },
};
const MAPPINGS: ConfigShape = {
  struct: 'ClaimMappings',
  fields: { username: PREFIXED, groups: PREFIXED, uid: { struct: 'ClaimOrExpression', fields: { claim: 'string', expression: 'string' } }, extra: { list: { struct: 'ExtraMapping', fields: { key: 'string', valueExpression: 'string' } } } },
};
const JWT: ConfigShape = {
  struct: 'JWTAuthenticator',
  fields: {
    issuer: ISSUER,
    claimValidationRules: { list: { struct: 'ClaimValidationRule', fields: { claim: 'string', requiredValue: 'string', expression: 'string', message: 'string' } } },
    claimMappings: MAPPINGS,
    userValidationRules: { list: { struct: 'UserValidationRule', fields: { expression: 'string', message: 'string' } } },
  },
};
const FIELDS: Readonly<Record<string, ConfigShape>> = {
  jwt: { list: JWT },
  anonymous: { struct: 'AnonymousAuthConfig', fields: { enabled: 'boolean', conditions: { list: { struct: 'AnonymousAuthCondition', fields: { path: 'string' } } } } },
};

const KIND = { versions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`), kind: 'AuthenticationConfiguration' };

/** Reads the file. Throws a ConfigFileError. */
export function readAuthenticationConfiguration(text: string): AuthenticationConfiguration {
  const { jwt, ...rest } = readConfigFile(text, KIND, FIELDS) as Omit<AuthenticationConfiguration, 'jwt'> & { readonly jwt?: readonly Partial<JwtConfiguration>[] };
  const complete = jwt?.map((each): JwtConfiguration => ({ ...each, issuer: each.issuer ?? {}, claimMappings: { ...each.claimMappings, username: each.claimMappings?.username ?? {} } }));
  return complete ? { ...rest, jwt: complete } : rest;
}
