import { objectKey } from '../../client/objectKey.ts';
import { Secrets } from '../../client/resources.ts';
import type { Controller } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { millisecondsLeft, TOKEN_SECRETS } from './bootstrapToken.ts';

/** A timer cannot wait much longer; then it is looked at again. */
const LONGEST_WAIT_MILLISECONDS = 86_400_000;

/** Deletes bootstrap tokens whose time is over. Key: the Secret. */
export const tokenCleanerController: Controller = {
  name: 'token-cleaner-controller',
  serviceAccount: 'token-cleaner',
  workers: 1,
  setup({ client, informers, clock, logger }, queue) {
    const secrets = informers.informer(Secrets, TOKEN_SECRETS);
    secrets.addHandler({ added: (secret) => queue.add(objectKey(secret)), updated: (_, secret) => queue.add(objectKey(secret)) });

    return async (key) => {
      const secret = secrets.get(key);
      if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return undefined;
      const left = millisecondsLeft(secret, clock.now());
      if (left === Infinity) return undefined;
      if (left > 0) return { requeueAfterMilliseconds: Math.min(left, LONGEST_WAIT_MILLISECONDS) };
      logger.info('deleting an expired bootstrap token', { secret: key });
      const { name, namespace, uid, resourceVersion } = secret.metadata;
      await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(Secrets, name, namespace, { preconditions: { uid, resourceVersion } }));
      return undefined;
    };
  },
};
