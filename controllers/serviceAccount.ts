import type { V1Namespace, V1ServiceAccount } from '../api/generated/types.ts';
import { ServiceAccounts, Namespaces } from '../client/resources.ts';
import { type Controller, seen } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';

const DEFAULT_NAME = 'default';

/** Keeps a ServiceAccount `default` in every namespace that is not going away. Key: the namespace. */
export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  serviceAccount: 'service-account-controller',
  workers: 2,
  setup({ client, informers }, queue) {
    const namespaces = informers.informer(Namespaces);
    const accounts = informers.informer(ServiceAccounts);
    namespaces.addHandler({ added: (namespace) => queue.add(namespace.metadata.name), updated: (_, namespace) => queue.add(namespace.metadata.name) });
    accounts.addHandler({ deleted: (account) => queue.add(account.metadata.namespace) });

    return async (name) => {
      if (!lacksDefaultAccount(namespaces.get(name), accounts.get(`${name}/${DEFAULT_NAME}`))) return;
      const created = await ignoreReasons(['AlreadyExists', 'NotFound', 'Forbidden'], () =>
        client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: DEFAULT_NAME, namespace: name } }, name),
      );
      if (created) await seen(accounts, [created]);
    };
  },
};

export function lacksDefaultAccount(namespace: V1Namespace | undefined, account: V1ServiceAccount | undefined): boolean {
  return namespace !== undefined && namespace.status?.phase !== 'Terminating' && namespace.metadata.deletionTimestamp === undefined && account === undefined;
}
