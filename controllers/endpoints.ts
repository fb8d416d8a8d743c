import type { CoreV1EndpointPort, V1EndpointAddress, V1Endpoints, V1EndpointSubset, V1Pod, V1Service } from '../api/generated/types.ts';
import { deepEqual } from '../api/values/deepEqual.ts';
import { objectKey } from '../client/objectKey.ts';
import { Endpoints, Pods, Services } from '../client/resources.ts';
import { type Controller, seen, splitKey } from './controller.ts';
import { hasEndpoint, targetPort } from './endpointSlice/endpoints.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { memberHandler, membersOf } from './serviceMembers.ts';
import { isReady } from './podConditions.ts';

const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
/** More addresses than these are cut off; EndpointSlices carry them all (Kubernetes' maxCapacity). */
const MAXIMUM = 1000;

/** Keeps the legacy Endpoints object of every Service with a selector. Key: the Service's. */
export const endpointsController: Controller = {
  name: 'endpoints-controller',
  eventSource: 'endpoint-controller',
  serviceAccount: 'endpoint-controller',
  workers: 5,
  setup({ client, informers }, queue) {
    const services = informers.informer(Services);
    const pods = informers.informer(Pods);
    const endpoints = informers.informer(Endpoints);
    const onService = (service: V1Service): void => queue.add(objectKey(service));
    services.addHandler({ added: onService, updated: (_, service) => onService(service), deleted: onService });
    endpoints.addHandler({ deleted: (each) => queue.add(objectKey(each)), updated: (_, each) => queue.add(objectKey(each)) });
    pods.addHandler(memberHandler(queue, services));

    return async (key) => {
      const { namespace, name } = splitKey(key);
      const service = services.get(key);
      const standing = endpoints.get(key);
      if (service === undefined) {
        if (standing?.metadata.labels?.[MANAGED_BY_LABEL] === MANAGER) await ignoreReasons(['NotFound'], () => client.delete(Endpoints, name, namespace));
        return;
      }
      const members = membersOf(service, pods);
      if (members === undefined) return;
      const subsets = endpointSubsets(service, members);
      const labels = { ...service.metadata.labels, [MANAGED_BY_LABEL]: MANAGER, ...(service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}) };
      const written = await write(service, standing, subsets, labels);
      if (written) await seen(endpoints, [written]);
    };

    async function write(service: V1Service, standing: V1Endpoints | undefined, subsets: V1EndpointSubset[], labels: Record<string, string>): Promise<V1Endpoints | undefined> {
      const { namespace, name } = service.metadata;
      if (standing === undefined) {
        return ignoreReasons(['NotFound', 'Forbidden', 'AlreadyExists'], () => client.create(Endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace, labels }, subsets }, namespace));
      }
      if (deepEqual(standing.subsets ?? [], subsets) && deepEqual(standing.metadata.labels ?? {}, labels)) return undefined;
      return client.update(Endpoints, { ...standing, metadata: { ...standing.metadata, labels }, subsets });
    }
  },
};

/** Addresses grouped by their ports, ready ones apart from the others; in the order of the addresses. */
export function endpointSubsets(service: V1Service, pods: readonly V1Pod[]): V1EndpointSubset[] {
  const groups = new Map<string, { ports: CoreV1EndpointPort[]; ready: V1EndpointAddress[]; unready: V1EndpointAddress[] }>();
  const usable = pods.filter((pod) => hasEndpoint(pod) && pod.metadata.deletionTimestamp === undefined);
  for (const pod of usable.slice(0, MAXIMUM)) {
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, ready: [], unready: [] };
    groups.set(key, group);
    (isReady(pod) || service.spec?.publishNotReadyAddresses ? group.ready : group.unready).push(addressOf(service, pod));
  }
  return [...groups.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { ports, ready, unready }]) => ({
      ...(ready.length > 0 ? { addresses: ready.sort(byAddress) } : {}),
      ...(unready.length > 0 ? { notReadyAddresses: unready.sort(byAddress) } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    }));
}

function addressOf(service: V1Service, pod: V1Pod): V1EndpointAddress {
  const hostname = pod.spec?.subdomain === service.metadata.name ? pod.spec.hostname : undefined;
  return {
    ip: pod.status?.podIP ?? '',
    ...(hostname ? { hostname } : {}),
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  };
}

function portsOf(service: V1Service, pod: V1Pod): CoreV1EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod);
    return number === undefined ? [] : [{ ...(port.name ? { name: port.name } : {}), port: number, protocol: port.protocol ?? 'TCP', ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) }];
  });
}

const byAddress = (left: V1EndpointAddress, right: V1EndpointAddress): number => (left.ip < right.ip ? -1 : left.ip > right.ip ? 1 : 0);
