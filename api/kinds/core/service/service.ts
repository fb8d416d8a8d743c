import type { V1Service, V1ServicePort } from '../../../generated/types.ts';
import type { TableColumn } from '../../../resourceDefinition.ts';
import { validateDns1123Label } from '../../../validation/names.ts';
import { formatLabels } from '../../../values/labelSelector.ts';
import { ageColumn, balancerAddresses, listOrNone, orNone, textColumn } from '../../columns.ts';
import { defineKind } from '../../defineKind.ts';
import { carryAllocations, setServiceDefaults, startClusterIPs } from './serviceDefaults.ts';
import { balancerWarnings } from '../../../validation/addressWarnings.ts';
import { serviceWarnings } from './serviceWarnings.ts';
import { validateService, validateServiceStatus } from './validateService.ts';
import { validateServiceUpdate } from './validateServiceUpdate.ts';

const columns: readonly TableColumn<V1Service>[] = [
  textColumn('Type', { of: 'V1ServiceSpec.type' }, ({ spec }) => spec?.type ?? ''),
  textColumn('Cluster-IP', { of: 'V1ServiceSpec.clusterIP' }, ({ spec }) => orNone(spec?.clusterIPs?.[0] ?? spec?.clusterIP)),
  textColumn('External-IP', { of: 'V1ServiceSpec.externalIPs' }, externalAddresses),
  textColumn('Port(s)', { of: 'V1ServiceSpec.ports' }, ({ spec }) => listOrNone(spec?.ports?.map(formatPort))),
  ageColumn,
  textColumn('Selector', { of: 'V1ServiceSpec.selector' }, ({ spec }) => formatLabels(spec?.selector), 1),
];

export const service = defineKind<V1Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Service',
  hasStatus: true,
  createOnUpdate: true,
  // May begin with a digit since KEP-5311.
  validateName: validateDns1123Label,
  setDefaults: setServiceDefaults,
  prepareForCreate: startClusterIPs,
  prepareForUpdate: carryAllocations,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,
  statusWarnings: balancerWarnings,
  columns,
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec?.clusterIP ?? '', 'spec.type': spec?.type ?? '' }),
});

function formatPort({ port, nodePort, protocol }: V1ServicePort): string {
  return `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`;
}

function externalAddresses({ spec, status }: V1Service): string {
  const external = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer':
      return [...balancerAddresses(status?.loadBalancer?.ingress), ...external].join(',') || '<pending>';
    case 'ClusterIP':
    case 'NodePort':
      return listOrNone(external);
    default:
      return '<unknown>';
  }
}
