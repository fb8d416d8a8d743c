import type { V1Ingress } from '../../generated/types.ts';
import { balancerWarnings } from '../../validation/addressWarnings.ts';
import { ageColumn, balancerAddresses, orNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { ingressWarnings, validateIngress, validateIngressCreate, validateIngressStatus } from './validateIngress.ts';

export const ingress = defineKind<V1Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  model: 'V1Ingress',
  hasStatus: true,
  hasGeneration: true,
  validate: validateIngress,
  validateCreate: validateIngressCreate,
  validateStatusUpdate: validateIngressStatus,
  warnings: ingressWarnings,
  statusWarnings: balancerWarnings,
  columns: [
    textColumn('Class', 'The name of the IngressClass resource that should be used for additional configuration', ({ spec }) => orNone(spec?.ingressClassName)),
    textColumn('Hosts', 'Hosts that incoming requests are matched against before the ingress rule', formatHosts),
    textColumn('Address', 'Address is a list containing ingress points for the load-balancer', ({ status }) => balancerAddresses(status?.loadBalancer?.ingress).join(',')),
    textColumn('Ports', 'Ports of TLS configurations that open', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
});

const SHOWN = 3;

function formatHosts({ spec }: V1Ingress): string {
  const rules = spec?.rules ?? [];
  const hosts = rules.flatMap(({ host }, index) => (host ? { host, index } : []));
  if (hosts.length === 0) return '*';
  const shown = hosts.slice(0, SHOWN);
  const text = shown.map(({ host }) => host).join(',');
  // Every rule behind the last that is shown counts, one without a host, too.
  const isCut = shown.length === SHOWN && shown[SHOWN - 1]!.index < rules.length - 1;
  return isCut ? `${text} + ${rules.length - SHOWN} more...` : text;
}
