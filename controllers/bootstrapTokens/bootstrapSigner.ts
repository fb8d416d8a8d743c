import { NAMESPACE_PUBLIC } from '../../api/wellKnown.ts';
import { ConfigMaps, Secrets } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { signingToken, TOKEN_SECRETS } from './bootstrapToken.ts';
import { signedData } from './clusterInfo.ts';

const CLUSTER_INFO = 'cluster-info';

/** Signs kube-public/cluster-info with every bootstrap token, so that who joins with one can trust it. One key: the ConfigMap. */
export const bootstrapSignerController: Controller = {
  name: 'bootstrap-signer-controller',
  serviceAccount: 'bootstrap-signer',
  workers: 1,
  setup({ client, informers, clock }, queue) {
    const configMaps = informers.informer(ConfigMaps, { namespace: NAMESPACE_PUBLIC, fieldSelector: `metadata.name=${CLUSTER_INFO}` });
    const secrets = informers.informer(Secrets, TOKEN_SECRETS);
    const onChange = (): void => queue.add(CLUSTER_INFO);
    configMaps.addHandler({ added: onChange, updated: onChange });
    secrets.addHandler({ added: onChange, updated: onChange, deleted: onChange });

    return async () => {
      const current = configMaps.get(`${NAMESPACE_PUBLIC}/${CLUSTER_INFO}`);
      const tokens = secrets.list().flatMap((secret) => signingToken(secret, clock.now()) ?? []);
      const data = current && signedData(current.data ?? {}, tokens);
      if (!current || !data) return;
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(ConfigMaps, { ...current, data }));
      if (written) await seen(configMaps, [written]);
    };
  },
};
