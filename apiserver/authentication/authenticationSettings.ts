import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { OidcSettings } from './openId/oidcSettings.ts';
import type { RequestHeaderSettings } from './requestHeader/requestHeaderAuthenticator.ts';

/** The flags about who clients are; files that change are given by their paths. */
export interface AuthenticationSettings {
  /** PEM of the private key that signs ServiceAccount tokens (`--service-account-signing-key-file`); absent: there are none. */
  readonly serviceAccountKey?: string;
  /** Contents of `--service-account-key-file`: keys by whose tokens accounts are known, too. */
  readonly serviceAccountKeys?: readonly string[];
  /** `--service-account-issuer`: the first one issues. */
  readonly serviceAccountIssuer?: string | readonly string[];
  /** `--api-audiences`; the first issuer unless given. */
  readonly apiAudiences?: readonly string[];
  /** `--service-account-max-token-expiration`, in seconds. */
  readonly serviceAccountMaximumSeconds?: number;
  /** `--service-account-extend-token-expiration`; true unless given. */
  readonly serviceAccountExtend?: boolean;
  /** `--service-account-lookup`; true unless given. */
  readonly serviceAccountLookup?: boolean;
  /** `--service-account-jwks-uri`. */
  readonly serviceAccountKeysUri?: string;
  /** `--anonymous-auth`; true unless given. */
  readonly anonymousAuth?: boolean;
  /** Content of `--token-auth-file`: lines of `token,user,uid,"group1,group2"`. */
  readonly tokenAuthFile?: string;
  /** `--enable-bootstrap-token-auth`; true unless given: nodes join by these tokens. */
  readonly bootstrapTokens?: boolean;
  /** `--oidc-*`. */
  readonly oidc?: OidcSettings;
  /** Path of `--authentication-config`; excludes `oidc`. */
  readonly authenticationConfigFile?: string;
  /** `--authentication-token-webhook-*`; the file is a kubeconfig, the time in milliseconds. */
  readonly tokenWebhook?: { readonly configFile: string; readonly version: string; readonly cacheTTL: number };
  /** PEM bundle of the authorities of authenticating proxies (`--requestheader-client-ca-file`); read anew when certificates change. */
  readonly requestHeaderAuthority?: string | undefined;
  /** What such a proxy may say (the other `--requestheader-*`); absent: nothing. */
  readonly requestHeader?: RequestHeaderSettings;
}

/** Settings that do not go together; the message is what the user reads. */
export class AuthenticationSettingsError extends Error {}

const PEM = /-----BEGIN ([A-Z ]*(?:PRIVATE KEY|PUBLIC KEY))-----[\s\S]+?-----END \1-----/g;

/** All keys of a file, private or public. Throws where there is none. */
export function readKeys(pem: string): readonly KeyObject[] {
  const keys = [...pem.matchAll(PEM)].map(([block, kind = '']) => (kind.endsWith('PRIVATE KEY') ? createPublicKey(createPrivateKey(block)) : createPublicKey(block)));
  if (keys.length === 0) throw new AuthenticationSettingsError('data does not contain any valid RSA or ECDSA public keys');
  return keys;
}
