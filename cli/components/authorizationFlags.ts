import { readFileSync } from 'node:fs';
import type { AuthorizationSettings } from '../../apiserver/authorization/modes/authorizationSettings.ts';
import { durationFlag, FlagError, type FlagValues, listFlag, stringFlag } from '../../process/flags.ts';

/** How the API server decides what its clients may do; Kubernetes' own names. */
export const authorizationFlags = {
  'authorization-mode': listFlag([], 'who decides, in this order: Node, RBAC, ABAC, Webhook, AlwaysAllow, AlwaysDeny; unless given, Node,RBAC'),
  'authorization-config': stringFlag('', 'an AuthorizationConfiguration, in place of the other flags; read again when it changes'),
  'authorization-policy-file': stringFlag('', 'policies of ABAC, one JSON object in each line'),
  'authorization-webhook-config-file': stringFlag('', 'kubeconfig of a server that is asked'),
  'authorization-webhook-version': stringFlag('v1beta1', 'version of the SubjectAccessReview that it is sent'),
  'authorization-webhook-cache-authorized-ttl': durationFlag(300_000, 'how long it is remembered that it allowed something'),
  'authorization-webhook-cache-unauthorized-ttl': durationFlag(30_000, 'how long it is remembered that it did not'),
} as const;

/** Throws a FlagError for values that do not go together; the rest is for the API server to judge. */
export function authorizationSettings(values: FlagValues<typeof authorizationFlags>): AuthorizationSettings {
  const { 'authorization-mode': modes, 'authorization-config': configFile, 'authorization-policy-file': policy, 'authorization-webhook-config-file': webhook } = values;
  if (configFile !== '' && (modes.length > 0 || policy !== '' || webhook !== '')) throw new FlagError('--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined');
  return {
    ...(modes.length === 0 ? {} : { modes }),
    ...(configFile === '' ? {} : { configFile }),
    ...(policy === '' ? {} : { policy: readFileSync(policy, 'utf8') }),
    ...(webhook === ''
      ? {}
      : {
          webhook: {
            configFile: webhook,
            version: values['authorization-webhook-version'],
            authorizedTTL: values['authorization-webhook-cache-authorized-ttl'],
            unauthorizedTTL: values['authorization-webhook-cache-unauthorized-ttl'],
          },
        }),
  };
}
