import type { ConfigShape } from '../../configFile/configShape.ts';
import { readConfigFile } from '../../configFile/readConfigFile.ts';

/** One authorizer of `AuthorizationConfiguration` (apiserver.config.k8s.io). */
export interface AuthorizerConfiguration {
  readonly type?: string;
  readonly name?: string;
  readonly webhook?: WebhookConfiguration;
}

/** A webhook that is asked; times in milliseconds. */
export interface WebhookConfiguration {
  readonly authorizedTTL?: number;
  readonly cacheAuthorizedRequests?: boolean;
  readonly unauthorizedTTL?: number;
  readonly cacheUnauthorizedRequests?: boolean;
  readonly timeout?: number;
  readonly subjectAccessReviewVersion?: string;
  readonly matchConditionSubjectAccessReviewVersion?: string;
  readonly failurePolicy?: string;
  readonly connectionInfo?: { readonly type?: string; readonly kubeConfigFile?: string };
  readonly matchConditions?: readonly { readonly expression?: string }[];
}

const WEBHOOK: ConfigShape = {
  struct: 'WebhookConfiguration',
  fields: {
    authorizedTTL: 'duration',
    cacheAuthorizedRequests: 'boolean',
    unauthorizedTTL: 'duration',
    cacheUnauthorizedRequests: 'boolean',
    timeout: 'duration',
    subjectAccessReviewVersion: 'string',
    matchConditionSubjectAccessReviewVersion: 'string',
    failurePolicy: 'string',
    connectionInfo: { struct: 'WebhookConnectionInfo', fields: { type: 'string', kubeConfigFile: 'string' } },
    matchConditions: { list: { struct: 'WebhookMatchCondition', fields: { expression: 'string' } } },
  },
};
const FIELDS: Readonly<Record<string, ConfigShape>> = { authorizers: { list: { struct: 'AuthorizerConfiguration', fields: { type: 'string', name: 'string', webhook: WEBHOOK } } } };

const KIND = { versions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`), kind: 'AuthorizationConfiguration' };

const DEFAULTS = { authorizedTTL: 5 * 60_000, cacheAuthorizedRequests: true, unauthorizedTTL: 30_000, cacheUnauthorizedRequests: true } as const;

/** Reads the file of `--authorization-config`, with Kubernetes' defaults. Throws a ConfigFileError. */
export function readAuthorizationConfiguration(text: string): readonly AuthorizerConfiguration[] {
  const { authorizers = [] } = readConfigFile(text, KIND, FIELDS) as { readonly authorizers?: readonly AuthorizerConfiguration[] };
  return authorizers.map((each) => (each.webhook ? { ...each, webhook: withDefaults(each.webhook) } : each));
}

/** A time of zero is taken for none. */
function withDefaults(webhook: WebhookConfiguration): WebhookConfiguration {
  return { ...DEFAULTS, ...webhook, authorizedTTL: webhook.authorizedTTL || DEFAULTS.authorizedTTL, unauthorizedTTL: webhook.unauthorizedTTL || DEFAULTS.unauthorizedTTL };
}
