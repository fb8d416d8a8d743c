import { createPrivateKey } from 'node:crypto';
import type { ComponentContext } from '../process/component.ts';
import { AuthenticatorChain } from './authentication/authenticatorChain.ts';
import { BearerTokenAuthenticator } from './authentication/bearerToken.ts';
import type { TokenAuthenticator } from './authentication/bearerToken.ts';
import { ClientCertificateAuthenticator } from './authentication/clientCertificate.ts';
import { ImpersonatingAuthenticator } from './authentication/impersonation.ts';
import { openIdHandlers } from './authentication/openIdDocuments.ts';
import { ServiceAccountTokens } from './authentication/serviceAccountTokens.ts';
import { BootstrapTokenAuthenticator, ServiceAccountTokenAuthenticator, StaticTokenAuthenticator } from './authentication/tokenSorts.ts';
import { AuthorizerUnion } from './authorization/authorizerUnion.ts';
import { NodeAuthorizer } from './authorization/node/nodeAuthorizer.ts';
import { NodeGraph } from './authorization/node/nodeGraph.ts';
import { RbacAuthorizer } from './authorization/rbacAuthorizer.ts';
import { RbacIndex } from './authorization/rbacIndex.ts';
import { nodeRules } from './bootstrap/roles/componentRoles.ts';
import type { WatchCache } from './storage/types.ts';
import type { Authenticator, Authorizer, PathHandler } from './types.ts';

export interface SecurityConfig {
  /** PEM of the private key that signs ServiceAccount tokens (`--service-account-signing-key-file`); absent: there are none. */
  readonly serviceAccountKey?: string;
  /** `--service-account-issuer`. */
  readonly serviceAccountIssuer?: string;
  /** `--anonymous-auth`; true unless given. */
  readonly anonymousAuth?: boolean;
  /** Content of `--token-auth-file`: lines of `token,user,uid,"group1,group2"`. */
  readonly tokenAuthFile?: string;
}

/** Who clients are and what they may do. */
export interface Security {
  readonly authenticator: Authenticator;
  /** The whole: nodes, then roles. */
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  readonly tokenSorts: readonly TokenAuthenticator[];
  readonly tokens: ServiceAccountTokens | undefined;
  /** The documents by which others verify ServiceAccount tokens. */
  readonly pathHandlers: readonly PathHandler[];
}

const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** Client certificates, ServiceAccount and bootstrap tokens, impersonation; the Node authorizer and RBAC over the watch cache, until the signal. `advertised` is `host:port`. */
export function createSecurity(config: SecurityConfig, cache: WatchCache, advertised: string, { clock }: ComponentContext, signal: AbortSignal): Security {
  const issuer = config.serviceAccountIssuer ?? DEFAULT_ISSUER;
  const tokens = config.serviceAccountKey === undefined ? undefined : new ServiceAccountTokens({ issuer, audiences: [issuer], privateKey: createPrivateKey(config.serviceAccountKey) }, cache, clock);
  const fixed = config.tokenAuthFile === undefined ? [] : [new StaticTokenAuthenticator(config.tokenAuthFile)];
  const tokenSorts: TokenAuthenticator[] = [...fixed, ...(tokens ? [new ServiceAccountTokenAuthenticator(tokens)] : []), new BootstrapTokenAuthenticator(cache, clock)];
  const rbac = new RbacAuthorizer(RbacIndex.following(cache, signal));
  const authorizer = new AuthorizerUnion([new NodeAuthorizer(NodeGraph.following(cache, signal), nodeRules), rbac]);
  const chain = new AuthenticatorChain([new ClientCertificateAuthenticator(), new BearerTokenAuthenticator(tokenSorts)], { anonymous: config.anonymousAuth ?? true });
  return {
    authenticator: new ImpersonatingAuthenticator(chain, authorizer),
    authorizer,
    rbac,
    tokenSorts,
    tokens,
    pathHandlers: tokens ? openIdHandlers(issuer, `https://${advertised}`, tokens.keys) : [],
  };
}
