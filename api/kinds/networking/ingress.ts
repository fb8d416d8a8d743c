import type { V1Ingress } from '../../generated/types.ts';
import { ageColumn, orNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateIngress, validateIngressCreate } from './validateIngress.ts';

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
  columns: [
    textColumn('Class', 'Which controller serves it.', ({ spec }) => orNone(spec?.ingressClassName)),
    textColumn('Hosts', 'The hosts that it answers for.', formatHosts),
    textColumn('Address', 'Where it is reached.', ({ status }) => (status?.loadBalancer?.ingress ?? []).map((each) => each.ip ?? each.hostname ?? '').join(',')),
    textColumn('Ports', 'The ports of the load balancer.', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
});

const SHOWN = 3;

function formatHosts({ spec }: V1Ingress): string {
  const hosts = (spec?.rules ?? []).flatMap(({ host }) => host ?? []);
  if (hosts.length === 0) return '*';
  const shown = hosts.slice(0, SHOWN).join(',');
  return hosts.length > SHOWN ? `${shown} + ${hosts.length - SHOWN} more...` : shown;
}
