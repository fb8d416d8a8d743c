import type { V1Ingress, V1IngressBackend } from '../../generated/types.ts';
import { invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { isIPAddress, validateDns1035Label, validateDns1123Subdomain, validateWildcardDns1123Subdomain } from '../../validation/names.ts';
import { ageColumn, orNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

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
  validate,
  columns: [
    textColumn('Class', 'Which controller serves it.', ({ metadata, spec }) => orNone(spec?.ingressClassName ?? metadata.annotations?.['kubernetes.io/ingress.class'])),
    textColumn('Hosts', 'The hosts that it answers for.', formatHosts),
    textColumn('Address', 'Where it is reached.', ({ status }) => (status?.loadBalancer?.ingress ?? []).map((each) => each.ip ?? each.hostname ?? '').join(',')),
    textColumn('Ports', 'The ports of the load balancer.', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
});

const SHOWN = 3;
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function formatHosts({ spec }: V1Ingress): string {
  const hosts = (spec?.rules ?? []).flatMap(({ host }) => host ?? []);
  if (hosts.length === 0) return '*';
  const shown = hosts.slice(0, SHOWN).join(',');
  return hosts.length > SHOWN ? `${shown} + ${hosts.length - SHOWN} more...` : shown;
}

function validate({ spec = {} }: IncomingObject<V1Ingress>): FieldError[] {
  const { rules = [], defaultBackend, ingressClassName } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) errors.push(invalid('spec', rules, 'either `defaultBackend` or `rules` must be specified'));
  if (defaultBackend) errors.push(...validateBackend('spec.defaultBackend', defaultBackend));
  if (ingressClassName !== undefined) errors.push(...invalidEach('spec.ingressClassName', ingressClassName, validateDns1123Subdomain(ingressClassName)));
  for (const [index, { host = '', http }] of rules.entries()) {
    const path = `spec.rules[${index}]`;
    if (host !== '') {
      if (isIPAddress(host)) errors.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'));
      else errors.push(...invalidEach(`${path}.host`, host, host.includes('*') ? validateWildcardDns1123Subdomain(host) : validateDns1123Subdomain(host)));
    }
    if (!http) continue;
    if (!http.paths?.length) errors.push(required(`${path}.http.paths`));
    for (const [at, { path: route = '', pathType, backend }] of (http.paths ?? []).entries()) {
      const field = `${path}.http.paths[${at}]`;
      if (!pathType) errors.push(required(`${field}.pathType`, 'pathType must be specified'));
      else if (!PATH_TYPES.includes(pathType)) errors.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES));
      if (!route.startsWith('/') && (route !== '' || pathType !== 'ImplementationSpecific')) errors.push(invalid(`${field}.path`, route, 'must be an absolute path'));
      errors.push(...validateBackend(`${field}.backend`, backend));
    }
  }
  return errors;
}

function validateBackend(field: string, backend: V1IngressBackend | undefined): FieldError[] {
  const { service, resource } = backend ?? {};
  if (service && resource) return [invalid(field, '', 'cannot set both resource and service backends')];
  if (resource) return [];
  if (!service) return [required(field, 'resource or service backend is required')];
  const errors = service.name ? invalidEach(`${field}.service.name`, service.name, validateDns1035Label(service.name)) : [required(`${field}.service.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalid(field, '', 'cannot set both port name & port number'));
  if (!name && !number) errors.push(required(field, 'port name or number is required'));
  return errors;
}
