import { createPrivateKey } from 'node:crypto';
import type { V1Secret, V1ServiceAccount } from '../../api/generated/types.ts';
import { objectKey } from '../../client/objectKey.ts';
import { Secrets, ServiceAccounts } from '../../client/resources.ts';
import { SECRET_TOKEN_TYPE } from '../../process/serviceAccountSecrets.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { accountKeyOf, filledSecret, isOfAccount, withoutReference } from './tokenSecret.ts';

const BY_ACCOUNT = 'account';

/**
 * Fills Secrets of type kubernetes.io/service-account-token that people make, and deletes them when their account goes
 * (Kubernetes' tokens-controller). Acts with the manager's own rights, as there. Keys: `secret NS/NAME`, `account NS/NAME`
 * for all Secrets of an account, `gone NS/ACCOUNT/SECRET` for references to a Secret. Off where there is no key.
 */
export const serviceAccountTokenController: Controller = {
  name: 'serviceaccount-token-controller',
  workers: 5,
  setup({ client, informers, logger, clusterCA, serviceAccountKey }, queue) {
    if (serviceAccountKey === undefined) {
      logger.info('no key that signs the tokens of service accounts: Secrets for them stay empty');
      return async () => undefined;
    }
    const material = { key: createPrivateKey(serviceAccountKey), clusterCA };
    const secrets = informers.informer(Secrets, { fieldSelector: `type=${SECRET_TOKEN_TYPE}` });
    const accounts = informers.informer(ServiceAccounts);
    secrets.addIndex(BY_ACCOUNT, (secret) => [accountKeyOf(secret) ?? '']);
    const changed = (secret: V1Secret): void => queue.add(`secret ${objectKey(secret)}`);
    secrets.addHandler({
      added: changed,
      updated: (_, secret) => changed(secret),
      deleted: (secret) => {
        const account = accountKeyOf(secret);
        if (account !== undefined) queue.add(`gone ${account}/${secret.metadata.name}`);
      },
    });
    accounts.addHandler({ added: (account) => queue.add(`account ${objectKey(account)}`), deleted: (account) => queue.add(`account ${objectKey(account)}`) });

    return async (key) => {
      const [kind = '', subject = ''] = key.split(' ');
      if (kind === 'secret') await settle(secrets.get(subject));
      else if (kind === 'account') for (const secret of secrets.byIndex(BY_ACCOUNT, subject)) changed(secret);
      else await forget(subject.slice(0, subject.lastIndexOf('/')), subject.slice(subject.lastIndexOf('/') + 1));
      return undefined;
    };

    async function settle(secret: V1Secret | undefined): Promise<void> {
      const account = secret && accountKeyOf(secret);
      if (!secret || account === undefined || secret.metadata.deletionTimestamp !== undefined) return;
      const known = accounts.get(account);
      // Memory may lag behind: nothing is deleted on its word.
      const owner = isOfAccount(secret, known) ? known : await live(account);
      if (!isOfAccount(secret, owner)) {
        const { name, namespace, uid } = secret.metadata;
        await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(Secrets, name, namespace, { preconditions: { uid } }));
        return;
      }
      const filled = filledSecret(secret, owner, material);
      const written = filled && (await ignoreReasons(['NotFound', 'Conflict'], () => client.update(Secrets, filled)));
      if (written) await seen(secrets, [written]);
    }

    function live(account: string): Promise<V1ServiceAccount | undefined> {
      const [namespace = '', name = ''] = account.split('/');
      return ignoreReasons(['NotFound'], () => client.get(ServiceAccounts, name, namespace));
    }

    async function forget(account: string, secret: string): Promise<void> {
      const owner = accounts.get(account);
      const [namespace = ''] = account.split('/');
      const freed = owner && !secrets.get(`${namespace}/${secret}`) ? withoutReference(owner, secret) : undefined;
      const written = freed && (await ignoreReasons(['NotFound'], () => client.update(ServiceAccounts, freed)));
      if (written) await seen(accounts, [written]);
    }
  },
};
