import type { V1Service, V1ServicePort } from '../../../generated/types.ts';
import type { TableColumn } from '../../../resourceDefinition.ts';
import { validateDns1035Label } from '../../../validation/names.ts';
import { formatLabels } from '../../../values/labelSelector.ts';
import { ageColumn, listOrNone, orNone, textColumn } from '../../columns.ts';
import { defineKind } from '../../defineKind.ts';
import { carryAllocations, setServiceDefaults } from './serviceDefaults.ts';
import { serviceWarnings } from './serviceWarnings.ts';
import { validateService, validateServiceStatus } from './validateService.ts';
import { validateServiceUpdate } from './validateServiceUpdate.ts';

const columns: readonly TableColumn<V1Service>[] = [
  textColumn('Type', 'How the service is exposed.', ({ spec }) => spec?.type ?? ''),
  textColumn('Cluster-IP', 'The address of the service inside the cluster.', ({ spec }) => orNone(spec?.clusterIPs?.[0] ?? spec?.clusterIP)),
  textColumn('External-IP', 'Addresses by which the service is reached from outside.', externalAddresses),
  textColumn('Port(s)', 'The ports that the service exposes.', ({ spec }) => listOrNone(spec?.ports?.map(formatPort))),
  ageColumn,
  textColumn('Selector', 'Which pods the traffic goes to.', ({ spec }) => formatLabels(spec?.selector), 1),
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
  validateName: validateDns1035Label,
  setDefaults: setServiceDefaults,
  prepareForUpdate: carryAllocations,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,
  columns,
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec?.clusterIP ?? '', 'spec.type': spec?.type ?? '' }),
});

function formatPort({ port, nodePort, protocol }: V1ServicePort): string {
  return `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`;
}

function externalAddresses({ spec, status }: V1Service): string {
  const external = spec?.externalIPs ?? [];
  if (spec?.type === 'ExternalName') return spec.externalName ?? '';
  if (spec?.type !== 'LoadBalancer') return listOrNone(external);
  const balancers = (status?.loadBalancer?.ingress ?? []).flatMap((each) => each.ip ?? each.hostname ?? []);
  const all = [...balancers, ...external];
  return all.length > 0 ? all.join(',') : '<pending>';
}
