import type { V1ConfigMap, V1Namespace } from '../api/generated/types.ts';
import { ConfigMaps, Namespaces } from '../client/resources.ts';
import { type Controller, seen } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';

export const ROOT_CA_CONFIG_MAP = 'kube-root-ca.crt';
const DESCRIPTION_ANNOTATION = 'kubernetes.io/description';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
  'No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Publishes the cluster's certificate authority as a ConfigMap in every namespace; pods mount it beside their token. Key: the namespace. */
export const rootCAPublisher: Controller = {
  name: 'root-ca-certificate-publisher-controller',
  serviceAccount: 'root-ca-cert-publisher',
  workers: 2,
  setup({ client, informers, clusterCA }, queue) {
    const namespaces = informers.informer(Namespaces);
    const configMaps = informers.informer(ConfigMaps, { fieldSelector: `metadata.name=${ROOT_CA_CONFIG_MAP}` });
    namespaces.addHandler({ added: (namespace) => queue.add(namespace.metadata.name), updated: (_, namespace) => queue.add(namespace.metadata.name) });
    configMaps.addHandler({ updated: (_, map) => queue.add(map.metadata.namespace), deleted: (map) => queue.add(map.metadata.namespace) });

    return async (name) => {
      const current = configMaps.get(`${name}/${ROOT_CA_CONFIG_MAP}`);
      const action = decide(namespaces.get(name), current, clusterCA);
      if (action === 'none') return;
      const written = await ignoreReasons(['AlreadyExists', 'NotFound', 'Forbidden'], () =>
        action === 'create'
          ? client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ROOT_CA_CONFIG_MAP, namespace: name, annotations: { [DESCRIPTION_ANNOTATION]: DESCRIPTION } }, data: { 'ca.crt': clusterCA } }, name)
          : client.update(ConfigMaps, withCA(current!, clusterCA)),
      );
      if (written) await seen(configMaps, [written]);
    };
  },
};

export function decide(namespace: V1Namespace | undefined, current: V1ConfigMap | undefined, clusterCA: string): 'none' | 'create' | 'update' {
  if (namespace === undefined || namespace.status?.phase === 'Terminating' || namespace.metadata.deletionTimestamp !== undefined) return 'none';
  if (current === undefined) return 'create';
  const same = current.data?.['ca.crt'] === clusterCA && Object.keys(current.data).length === 1;
  return same ? 'none' : 'update';
}

function withCA(current: V1ConfigMap, clusterCA: string): V1ConfigMap {
  const annotations = { ...current.metadata.annotations, [DESCRIPTION_ANNOTATION]: DESCRIPTION };
  return { ...current, metadata: { ...current.metadata, annotations }, data: { 'ca.crt': clusterCA } };
}
