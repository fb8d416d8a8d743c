import type { AuthorizerConfiguration } from './authorizationConfiguration.ts';
import { MODES } from './validateAuthorizationConfiguration.ts';

/** The flags `--authorization-*`; times in milliseconds. */
export interface AuthorizationSettings {
  /** `--authorization-mode`; Node and RBAC unless given. */
  readonly modes?: readonly string[];
  /** `--authorization-config`: a path; excludes the others. */
  readonly configFile?: string;
  /** `--authorization-policy-file`: its content. */
  readonly policy?: string;
  readonly webhook?: {
    /** `--authorization-webhook-config-file`: a path. */
    readonly configFile: string;
    /** `--authorization-webhook-version`. */
    readonly version: string;
    readonly authorizedTTL: number;
    readonly unauthorizedTTL: number;
  };
}

/** Flags that do not go together; the message is what the user reads. */
export class AuthorizationSettingsError extends Error {}

const DEFAULT_MODES = ['Node', 'RBAC'];
/** The webhook of the flags is given this long. */
const FLAG_TIMEOUT = 30_000;

/** What the flags ask for, in the form of the configuration file. Throws an AuthorizationSettingsError. */
export function authorizersOfFlags({ modes = [], policy, webhook }: AuthorizationSettings): readonly AuthorizerConfiguration[] {
  const fail = (message: string): never => {
    throw new AuthorizationSettingsError(message);
  };
  const wanted = modes.length > 0 ? modes : DEFAULT_MODES;
  for (const mode of wanted) if (!MODES.includes(mode)) fail(`authorization-mode ${JSON.stringify(mode)} is not a valid mode`);
  if (new Set(wanted).size < wanted.length) fail(`authorization-mode [${wanted.map((mode) => JSON.stringify(mode)).join(' ')}] has mode specified more than once`);
  if (wanted.includes('ABAC') && policy === undefined) fail("authorization-mode ABAC's authorization policy file not passed");
  if (!wanted.includes('ABAC') && policy !== undefined) fail('cannot specify --authorization-policy-file without mode ABAC');
  if (wanted.includes('Webhook') && webhook === undefined) fail("authorization-mode Webhook's authorization config file not passed");
  if (!wanted.includes('Webhook') && webhook !== undefined) fail('cannot specify --authorization-webhook-config-file without mode Webhook');
  return wanted.map((type) => {
    if (type !== 'Webhook' || !webhook) return { type, name: type.toLowerCase() };
    const { configFile, version, authorizedTTL, unauthorizedTTL } = webhook;
    if (version !== 'v1' && version !== 'v1beta1') fail(`unsupported webhook authorizer version ${JSON.stringify(version)}, supported versions are "v1", "v1beta1"`);
    const connectionInfo = { type: 'KubeConfigFile', kubeConfigFile: configFile };
    return { type, name: 'default', webhook: { timeout: FLAG_TIMEOUT, authorizedTTL, unauthorizedTTL, subjectAccessReviewVersion: version, failurePolicy: 'NoOpinion', connectionInfo } };
  });
}
