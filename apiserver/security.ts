import { createPrivateKey } from 'node:crypto';
import type { ComponentContext } from '../process/component.ts';
import type { V1Secret } from '../api/generated/types.ts';
import { LAST_USED_LABEL } from '../process/serviceAccountSecrets.ts';
import { type AuthenticationSettings, AuthenticationSettingsError, readKeys } from './authentication/authenticationSettings.ts';
import { type AnonymousRule, AuthenticatorChain } from './authentication/authenticatorChain.ts';
import { BearerTokenAuthenticator, type TokenAuthenticator } from './authentication/bearerToken.ts';
import { claimLanguage } from './authentication/openId/celClaims.ts';
import { ClientCertificateAuthenticator } from './authentication/clientCertificate.ts';
import { ImpersonatingAuthenticator } from './authentication/impersonation/impersonatingAuthenticator.ts';
import { issuersOfFile, issuersOfFlags } from './authentication/openId/configuredIssuers.ts';
import { KeyFetches } from './authentication/openId/keyFetches.ts';
import { openIdHandlers } from './authentication/openId/openIdDocuments.ts';
import { RequestHeaderAuthenticator } from './authentication/requestHeader/requestHeaderAuthenticator.ts';
import { BoundTokenAuthenticator } from './authentication/serviceAccounts/boundTokens.ts';
import { type MarkUsed, SecretTokenAuthenticator } from './authentication/serviceAccounts/secretTokens.ts';
import { ServiceAccountTokens } from './authentication/serviceAccounts/serviceAccountTokens.ts';
import { TokenWebhook } from './authentication/tokenWebhook/tokenWebhook.ts';
import { StaticTokenAuthenticator } from './authentication/tokenFile.ts';
import { BootstrapTokenAuthenticator, forOwnAudiences } from './authentication/tokenSorts.ts';
import { conditionLanguage } from './authorization/modes/celConditions.ts';
import type { AuthorizationSettings } from './authorization/modes/authorizationSettings.ts';
import { configuredAuthorizer } from './authorization/modes/configuredAuthorizer.ts';
import { NodeAuthorizer } from './authorization/node/nodeAuthorizer.ts';
import { NodeGraph } from './authorization/node/nodeGraph.ts';
import { RbacAuthorizer } from './authorization/rbacAuthorizer.ts';
import { RbacIndex } from './authorization/rbacIndex.ts';
import type { RuleResolver } from './authorization/ruleResolver.ts';
import { nodeRules } from './bootstrap/roles/componentRoles.ts';
import type { EgressSelector } from './egress/egressSelector.ts';
import type { ReadRemoteConfig } from './remote/remoteConfig.ts';
import { WebhookClient } from './remote/webhookClient.ts';
import { objectKey, type Storage, type WatchCache } from './storage/types.ts';
import type { Authenticator, Authorizer, PathHandler } from './types.ts';

export interface SecurityConfig extends AuthenticationSettings {
  /** `--authorization-*`; nodes, then roles, unless given. */
  readonly authorization?: AuthorizationSettings;
  /** Reads the kubeconfigs of webhooks. */
  readonly readKubeconfig?: ReadRemoteConfig;
  /** How connections are opened (`--egress-selector-config-file`); absent: directly. */
  readonly egress?: EgressSelector;
}

/** Who clients are and what they may do. */
export interface Security {
  readonly authenticator: Authenticator;
  /** The whole: nodes, then roles, unless another order is configured. */
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  /** What the whole authorizer can tell of somebody's rights beforehand. */
  readonly rules: RuleResolver;
  readonly tokenSorts: readonly TokenAuthenticator[];
  readonly tokens: ServiceAccountTokens | undefined;
  /** The documents by which others verify ServiceAccount tokens. */
  readonly pathHandlers: readonly PathHandler[];
  /** How fetching the keys of issuers went. */
  readonly keyFetches: KeyFetches;
}

const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local';
/** A token webhook is given this long. */
const WEBHOOK_TIMEOUT = 30_000;

/**
 * Everything that tells who clients are (certificates, proxies, tokens of all sorts, impersonation) and what they may do, over the watch
 * cache, until the signal. `advertised` is `host:port`; with `storage`, uses of tokens in Secrets are noted down.
 */
export function createSecurity(config: SecurityConfig, cache: WatchCache, advertised: string, context: ComponentContext, signal: AbortSignal, storage?: Storage): Security {
  const { clock, logger } = context;
  const readKubeconfig = reaching(config.readKubeconfig ?? noKubeconfig, config.egress);
  const issuers = [config.serviceAccountIssuer ?? DEFAULT_ISSUER].flat();
  const audiences = config.apiAudiences?.length ? config.apiAudiences : issuers.slice(0, 1);
  const tokens = serviceAccountTokens(config, issuers, audiences, context);
  const keyFetches = new KeyFetches(clock);
  const configured = jwtAuthenticator(config, { apiAudiences: audiences, ownIssuers: issuers, keyFetches }, { ...context, signal });
  const tokenSorts: TokenAuthenticator[] = [
    ...(config.tokenAuthFile === undefined ? [] : [forOwnAudiences(new StaticTokenAuthenticator(config.tokenAuthFile), audiences)]),
    ...(tokens ? [new SecretTokenAuthenticator(tokens, cache, clock, markUsed(storage), config.serviceAccountLookup), new BoundTokenAuthenticator(tokens, cache, clock)] : []),
    ...((config.bootstrapTokens ?? true) ? [forOwnAudiences(new BootstrapTokenAuthenticator(cache, clock), audiences)] : []),
    ...(configured ? [configured.authenticator] : []),
    ...tokenWebhook(config, audiences, readKubeconfig, context),
  ];
  const rbac = new RbacAuthorizer(RbacIndex.following(cache, signal));
  const node = new NodeAuthorizer(NodeGraph.following(cache, signal), nodeRules);
  const authorizer = configuredAuthorizer(config.authorization ?? {}, { node, rbac, readKubeconfig, language: conditionLanguage }, { ...context, signal });
  const chain = new AuthenticatorChain(
    [...(config.requestHeader ? [new RequestHeaderAuthenticator(config.requestHeader)] : []), new ClientCertificateAuthenticator(), new BearerTokenAuthenticator(tokenSorts, logger)],
    configured?.anonymous ?? { enabled: config.anonymousAuth ?? true },
  );
  return {
    authenticator: new ImpersonatingAuthenticator(chain, authorizer),
    authorizer,
    rbac,
    rules: authorizer,
    tokenSorts,
    tokens,
    pathHandlers: tokens ? openIdHandlers(issuers[0] ?? '', `https://${advertised}`, tokens.keys, config.serviceAccountKeysUri) : [],
    keyFetches,
  };
}

/** Webhooks that decide about requests are part of the control plane. */
function reaching(read: ReadRemoteConfig, { controlplane }: EgressSelector = {}): ReadRemoteConfig {
  return controlplane ? (file) => ({ ...read(file), dial: controlplane }) : read;
}

function noKubeconfig(file: string): never {
  throw new AuthenticationSettingsError(`${file}: kubeconfigs of webhooks cannot be read here`);
}

function serviceAccountTokens(config: SecurityConfig, issuers: readonly string[], audiences: readonly string[], { clock }: ComponentContext): ServiceAccountTokens | undefined {
  const { serviceAccountKey, serviceAccountKeys = [], serviceAccountMaximumSeconds: maximumSeconds, serviceAccountExtend: extend } = config;
  if (serviceAccountKey === undefined) return undefined;
  return new ServiceAccountTokens(
    {
      issuers,
      audiences,
      privateKey: createPrivateKey(serviceAccountKey),
      furtherKeys: serviceAccountKeys.flatMap(readKeys),
      ...(maximumSeconds === undefined ? {} : { maximumSeconds }),
      ...(extend === undefined ? {} : { extend }),
    },
    clock,
  );
}

function jwtAuthenticator(
  { oidc, authenticationConfigFile, anonymousAuth, egress }: SecurityConfig,
  own: { readonly apiAudiences: readonly string[]; readonly ownIssuers: readonly string[]; readonly keyFetches: KeyFetches },
  context: ComponentContext,
): { readonly authenticator: TokenAuthenticator; readonly anonymous?: AnonymousRule | undefined } | undefined {
  const parts = { ...own, language: claimLanguage, ...(egress ? { egress } : {}) };
  if (oidc && authenticationConfigFile !== undefined) throw new AuthenticationSettingsError('authentication-config file and oidc-* flags are mutually exclusive');
  if (oidc) return { authenticator: issuersOfFlags(oidc, parts, context) };
  if (authenticationConfigFile === undefined) return undefined;
  const configured = issuersOfFile(authenticationConfigFile, parts, context);
  if (configured.anonymous && anonymousAuth !== undefined) throw new AuthenticationSettingsError('--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file');
  return configured;
}

function tokenWebhook({ tokenWebhook: settings }: SecurityConfig, audiences: readonly string[], readKubeconfig: ReadRemoteConfig, { clock, logger }: ComponentContext): readonly TokenAuthenticator[] {
  if (!settings) return [];
  const { configFile, version, cacheTTL } = settings;
  if (version !== 'v1' && version !== 'v1beta1') throw new AuthenticationSettingsError(`unsupported authentication webhook version ${JSON.stringify(version)}, supported versions are "v1", "v1beta1"`);
  const client = new WebhookClient(readKubeconfig(configFile), { clock, timeoutMilliseconds: WEBHOOK_TIMEOUT });
  return [new TokenWebhook({ version, cacheTTL, audiences }, client, clock, logger)];
}

/** A use is written down where the Secret is still as it was seen; else the next one will be. */
function markUsed(storage: Storage | undefined): MarkUsed {
  return async (secret: V1Secret, day) => {
    if (!storage) return;
    const { metadata } = secret;
    const key = objectKey({ group: '', resource: 'secrets' }, metadata.namespace, metadata.name);
    const object = { ...secret, metadata: { ...metadata, labels: { ...metadata.labels, [LAST_USED_LABEL]: day } } };
    await storage.transact([{ key, revision: storage.fromResourceVersion(metadata.resourceVersion) }], [{ kind: 'put', key, object }]);
  };
}
