import type { V1Pod, V1Secret, V1ServiceAccount } from '../../api/generated/types.ts';
import { podReferences } from '../../api/kinds/core/pod/podReferences.ts';
import { ConfigMaps, Pods, Secrets, ServiceAccounts } from '../../client/resources.ts';
import { INVALID_SINCE_LABEL, LAST_USED_LABEL, SECRET_TOKEN_TYPE, TRACKING_CONFIG_MAP, TRACKING_SINCE_KEY } from '../../process/serviceAccountSecrets.ts';
import type { Controller } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { accountKeyOf, isOfAccount } from './tokenSecret.ts';

const DAY = 86_400_000;
const ROUND = 'round';
const DATE = /^\d{4}-\d\d-\d\d$/;

/** Takes away tokens in Secrets that were made by themselves, as Kubernetes once did, and that nobody has used for long (the legacy token cleaner). One key: the round. */
export const secretTokenCleanerController: Controller = {
  name: 'legacy-serviceaccount-token-cleaner-controller',
  serviceAccount: 'legacy-service-account-token-cleaner',
  workers: 1,
  setup({ client, informers, clock, logger, settings }, queue) {
    const secrets = informers.informer(Secrets, { fieldSelector: `type=${SECRET_TOKEN_TYPE}` });
    const accounts = informers.informer(ServiceAccounts);
    const pods = informers.informer(Pods);
    queue.add(ROUND);
    return async () => {
      const map = await ignoreReasons(['NotFound'], () => client.get(ConfigMaps, TRACKING_CONFIG_MAP, 'kube-system'));
      const since = map?.data?.[TRACKING_SINCE_KEY] ?? '';
      for (const secret of isTrackedLongEnough(since, settings.legacyTokenCleanUpPeriod, clock.now()) ? secrets.list() : []) {
        const account = accounts.get(accountKeyOf(secret) ?? '');
        const step = cleaningStep(secret, account, pods.inNamespace(secret.metadata.namespace), settings.legacyTokenCleanUpPeriod, clock.now());
        const { name, namespace, uid, resourceVersion } = secret.metadata;
        if (step !== 'keep') logger.info(step === 'delete' ? 'deleting a service account token that was made by itself' : 'marking a service account token that was made by itself as invalid', { secret: `${namespace}/${name}` });
        if (step === 'mark') await ignoreReasons(['NotFound', 'Conflict'], () => client.patch(Secrets, name, namespace, 'application/merge-patch+json', { metadata: { uid, labels: { [INVALID_SINCE_LABEL]: dayOf(clock.now()) } } }));
        if (step === 'delete') await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(Secrets, name, namespace, { preconditions: { resourceVersion } }));
      }
      return { requeueAfterMilliseconds: DAY };
    };
  },
};

const dayOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/** Whether uses have been noted down for so long that one that is missing means something. `period` and `now` are milliseconds. */
export function isTrackedLongEnough(since: string, period: number, now: number): boolean {
  return DATE.test(since) && now >= Date.parse(since) + DAY + period;
}

/** What becomes of one token: one that is unused for the period is marked, and after another one deleted (`evaluateSATokens`). */
export function cleaningStep(secret: V1Secret, account: V1ServiceAccount | undefined, pods: readonly V1Pod[], period: number, now: number): 'keep' | 'mark' | 'delete' {
  const { creationTimestamp, deletionTimestamp, labels = {}, name } = secret.metadata;
  const limit = dayOf(now - period);
  const lastUsed = labels[LAST_USED_LABEL];
  if (deletionTimestamp !== undefined || Date.parse(creationTimestamp) >= now - period) return 'keep';
  if (lastUsed !== undefined && (!DATE.test(lastUsed) || lastUsed >= limit)) return 'keep';
  // Only one that its account names was made by itself.
  if (!isOfAccount(secret, account) || !account.secrets?.some((each) => each.name === name)) return 'keep';
  if (pods.some((pod) => podReferences(pod).some(([kind, referenced]) => kind === 'secrets' && referenced === name))) return 'keep';
  const invalidSince = labels[INVALID_SINCE_LABEL] ?? '';
  if (!DATE.test(invalidSince)) return 'mark';
  return invalidSince >= limit ? 'keep' : 'delete';
}
