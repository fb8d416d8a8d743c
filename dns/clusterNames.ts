import type { V1EndpointSlice, V1Service } from '../api/generated/types.ts';
import { EndpointSlices, Namespaces, Services } from '../client/resources.ts';
import type { InformerFactory } from '../client/types.ts';
import type { ClusterNames } from './records.ts';

const BY_ADDRESS = 'address';
const BY_SERVICE = 'service';

/** The names of the cluster from informers, by indexes: an answer costs the same in a large cluster. */
export function clusterNames(informers: InformerFactory): ClusterNames {
  const services = informers.informer(Services);
  const slices = informers.informer(EndpointSlices);
  const namespaces = informers.informer(Namespaces);
  services.addIndex(BY_ADDRESS, addressesOf);
  slices.addIndex(BY_SERVICE, (slice) => [`${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`]);
  slices.addIndex(BY_ADDRESS, listedAddresses);
  return {
    service: (namespace, name) => services.get(`${namespace}/${name}`),
    slices: (namespace, service) => slices.byIndex(BY_SERVICE, `${namespace}/${service}`),
    hasNamespace: (name) => namespaces.get(name) !== undefined,
    servicesAt: (address) => services.byIndex(BY_ADDRESS, address),
    slicesAt: (address) => slices.byIndex(BY_ADDRESS, address),
  };
}

function addressesOf(service: V1Service): readonly string[] {
  const address = service.spec?.clusterIP ?? '';
  return address === '' || address === 'None' ? [] : [address];
}

function listedAddresses(slice: V1EndpointSlice): readonly string[] {
  return (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
}
