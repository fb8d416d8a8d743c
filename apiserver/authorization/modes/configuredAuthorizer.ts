import type { ComponentContext } from '../../../process/component.ts';
import { ConfigFileError } from '../../configFile/readConfigFile.ts';
import { describeFaults } from '../../configFile/describeFaults.ts';
import { FollowedFile } from '../../configFile/followedFile.ts';
import type { ReadRemoteConfig } from '../../remote/remoteConfig.ts';
import { WebhookClient } from '../../remote/webhookClient.ts';
import type { AuthorizationAttributes, Authorizer, Decision, UserInfo } from '../../types.ts';
import { AuthorizerUnion } from '../authorizerUnion.ts';
import type { ResolvedRules, RuleResolver } from '../ruleResolver.ts';
import { AbacAuthorizer } from './abacAuthorizer.ts';
import { type AuthorizerConfiguration, readAuthorizationConfiguration, type WebhookConfiguration } from './authorizationConfiguration.ts';
import { type AuthorizationSettings, authorizersOfFlags } from './authorizationSettings.ts';
import { AlwaysAllow, AlwaysDeny, PrivilegedGroup } from './fixedAuthorizers.ts';
import type { ConditionLanguage } from './matchConditions.ts';
import { validateAuthorizationConfiguration } from './validateAuthorizationConfiguration.ts';
import { WebhookAuthorizer } from './webhookAuthorizer.ts';

/** What authorizers are made of. */
export interface AuthorizerParts {
  readonly node: Authorizer;
  readonly rbac: Authorizer;
  readonly readKubeconfig: ReadRemoteConfig;
  readonly language: ConditionLanguage;
}

/** The types that may not come or go while the server runs, as their informers cannot. */
const FIXED_TYPES = ['Node', 'RBAC'];

/** The authorizers that were asked for, in their order; those of a file change with it. Throws where the settings cannot be used. */
export function configuredAuthorizer(settings: AuthorizationSettings, parts: AuthorizerParts, context: ComponentContext): Authorizer & RuleResolver {
  if (settings.configFile === undefined) return build(authorizersOfFlags(settings), settings, parts, context).union;
  return new ReloadedAuthorizer(settings.configFile, (text, previous) => {
    const configured = readAuthorizationConfiguration(text);
    const errors = validateAuthorizationConfiguration(configured, parts.language.fault);
    if (errors.length > 0) throw new ConfigFileError(describeFaults(errors));
    if (previous) mustKeepTypes(previous.configured, configured);
    const built = build(configured, settings, parts, context);
    previous?.close();
    return built;
  }, context);
}

interface Built {
  readonly configured: readonly AuthorizerConfiguration[];
  readonly union: AuthorizerUnion;
  close(): void;
}

class ReloadedAuthorizer implements Authorizer, RuleResolver {
  readonly #file: FollowedFile<Built>;

  constructor(path: string, read: (text: string, previous: Built | undefined) => Built, context: ComponentContext) {
    this.#file = new FollowedFile(path, read, context);
  }

  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
    return this.#file.value.union.authorize(attributes);
  }

  rulesFor(user: UserInfo, namespace: string): ResolvedRules {
    return this.#file.value.union.rulesFor(user, namespace);
  }
}

function mustKeepTypes(before: readonly AuthorizerConfiguration[], now: readonly AuthorizerConfiguration[]): void {
  for (const type of FIXED_TYPES) {
    const had = before.some((each) => each.type === type);
    if (had !== now.some((each) => each.type === type)) throw new ConfigFileError(`authorizer of type ${type} cannot be ${had ? 'removed' : 'added'} by reloading: the server has to be restarted`);
  }
}

function build(configured: readonly AuthorizerConfiguration[], settings: AuthorizationSettings, parts: AuthorizerParts, context: ComponentContext): Built {
  const clients: WebhookClient[] = [];
  const make = ({ type = '', name = '', webhook }: AuthorizerConfiguration): Authorizer => {
    switch (type) {
      case 'Node':
        return parts.node;
      case 'RBAC':
        return parts.rbac;
      case 'AlwaysAllow':
        return new AlwaysAllow();
      case 'AlwaysDeny':
        return new AlwaysDeny();
      case 'ABAC':
        return new AbacAuthorizer(settings.policy ?? '');
      default: {
        const file = webhook?.connectionInfo?.kubeConfigFile;
        if (!webhook || file === undefined) throw new ConfigFileError(`authorizer ${JSON.stringify(name)}: connection type ${JSON.stringify(webhook?.connectionInfo?.type ?? '')} is not allowed for kube-apiserver`);
        const client = new WebhookClient(parts.readKubeconfig(file), { clock: context.clock, timeoutMilliseconds: webhook.timeout ?? 0 });
        clients.push(client);
        return new WebhookAuthorizer(webhookSettings(name, webhook, parts.language), client, context.clock, context.logger);
      }
    }
  };
  return { configured, union: new AuthorizerUnion([new PrivilegedGroup(), ...configured.map(make)]), close: () => clients.forEach((client) => client.close()) };
}

function webhookSettings(name: string, webhook: WebhookConfiguration, language: ConditionLanguage): ConstructorParameters<typeof WebhookAuthorizer>[0] {
  const { authorizedTTL = 0, unauthorizedTTL = 0, cacheAuthorizedRequests = true, cacheUnauthorizedRequests = true, matchConditions = [] } = webhook;
  return {
    name,
    version: webhook.subjectAccessReviewVersion ?? 'v1',
    authorizedTTL: cacheAuthorizedRequests ? authorizedTTL : 0,
    unauthorizedTTL: cacheUnauthorizedRequests ? unauthorizedTTL : 0,
    denyOnError: webhook.failurePolicy === 'Deny',
    ...(matchConditions.length === 0 ? {} : { conditions: language.conditions(matchConditions.map(({ expression = '' }) => expression)) }),
  };
}
