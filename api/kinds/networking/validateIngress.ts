import type { V1HTTPIngressPath, V1Ingress, V1IngressBackend, V1IngressTLS, V1TypedLocalObjectReference } from '../../generated/types.ts';
import { append, type FieldError, invalid, notSupported, ofEach, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { isLooseIPAddress, validateIPAddress } from '../../validation/ipText.ts';
import { validateDns1123Label, validateDns1123Subdomain, validatePathSegmentName, validatePortName, validatePortNumber, validateWildcardDns1123Subdomain } from '../../validation/names.ts';

/** What named the class before there was a field for it. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const NO_ADDRESS_MESSAGE = 'must be a DNS name, not an IP address';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
/** Proxies read these in ways of their own, so that a path with one might reach what it should not. */
const FORBIDDEN_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const FORBIDDEN_ENDS = ['/..', '/.'];

/** `ValidateIngress`. */
export function validateIngress({ spec = {} }: IncomingObject<V1Ingress>): FieldError[] {
  const { rules = [], defaultBackend, ingressClassName, tls = [] } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) errors.push(invalid('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  if (defaultBackend) append(errors, validateBackend('spec.defaultBackend', defaultBackend));
  for (const [index, { host = '', http }] of rules.entries()) {
    const path = `spec.rules[${index}]`;
    if (isLooseIPAddress(host)) errors.push(invalid(`${path}.host`, host, NO_ADDRESS_MESSAGE));
    if (host !== '') append(errors, invalidEach(`${path}.host`, host, validateHost(host)));
    if (!http) continue;
    if (!http.paths?.length) errors.push(required(`${path}.http.paths`));
    append(errors, ofEach(`${path}.http.paths`, http.paths, validatePath));
  }
  append(errors, ofEach('spec.tls', tls, validateTls));
  return ingressClassName === undefined ? errors : [...errors, ...invalidEach('spec.ingressClassName', ingressClassName, validateDns1123Subdomain(ingressClassName))];
}

/** The class has one name; what was created in another way before stays valid. */
export function validateIngressCreate({ metadata, spec }: IncomingObject<V1Ingress>): FieldError[] {
  const old = metadata.annotations?.[CLASS_ANNOTATION];
  const name = spec?.ingressClassName;
  return old !== undefined && name !== undefined && old !== name ? [invalid(`annotations.${CLASS_ANNOTATION}`, old, 'must match `ingressClassName` when both are specified')] : [];
}

/** `ValidateIngressLoadBalancerStatus`. */
export function validateIngressStatus({ status }: IncomingObject<V1Ingress>): FieldError[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, index) => {
    const path = `status.loadBalancer.ingress[${index}]`;
    return [
      ...(ip ? invalidEach(`${path}.ip`, ip, validateIPAddress(ip)) : []),
      ...(hostname ? invalidEach(`${path}.hostname`, hostname, validateDns1123Subdomain(hostname)) : []),
      ...(hostname && isLooseIPAddress(hostname) ? [invalid(`${path}.hostname`, hostname, NO_ADDRESS_MESSAGE)] : []),
    ];
  });
}

/** Of a new one that names its class in the way of old. */
export function ingressWarnings({ metadata }: IncomingObject<V1Ingress>, previous?: V1Ingress): string[] {
  const isOld = !previous && metadata.annotations?.[CLASS_ANNOTATION] !== undefined;
  return isOld ? [`annotation ${JSON.stringify(CLASS_ANNOTATION)} is deprecated, please use 'spec.ingressClassName' instead`] : [];
}

const validateHost = (host: string): readonly string[] => (host.includes('*') ? validateWildcardDns1123Subdomain(host) : validateDns1123Subdomain(host));

function validatePath(field: string, { path = '', pathType, backend }: V1HTTPIngressPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!pathType) return [required(`${field}.pathType`, 'pathType must be specified')];
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) errors.push(invalid(`${field}.path`, path, 'must be an absolute path'));
    for (const each of FORBIDDEN_SEQUENCES) if (path.includes(each)) errors.push(invalid(`${field}.path`, path, `must not contain '${each}'`));
    for (const each of FORBIDDEN_ENDS) if (path.endsWith(each)) errors.push(invalid(`${field}.path`, path, `cannot end with '${each}'`));
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) errors.push(invalid(`${field}.path`, path, 'must be an absolute path'));
  } else {
    errors.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES));
  }
  return [...errors, ...validateBackend(`${field}.backend`, backend)];
}

function validateTls(field: string, { hosts = [], secretName }: V1IngressTLS): FieldError[] {
  const errors = hosts.flatMap((host, index) => invalidEach(`${field}.hosts[${index}]`, host, validateHost(host)));
  return secretName ? [...errors, ...invalidEach(`${field}.secretName`, secretName, validateDns1123Subdomain(secretName))] : errors;
}

function validateBackend(field: string, backend: V1IngressBackend | undefined): FieldError[] {
  const { service, resource } = backend ?? {};
  if (service && resource) return [invalid(field, '', 'cannot set both resource and service backends')];
  if (resource) return validateTypedReference(`${field}.resource`, resource);
  if (!service) return [invalid(field, '', 'resource or service backend is required')];
  const errors = service.name ? invalidEach(`${field}.service.name`, service.name, validateDns1123Label(service.name)) : [required(`${field}.service.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalid(field, '', 'cannot set both port name & port number'));
  else if (name) append(errors, invalidEach(`${field}.service.port.name`, name, validatePortName(name)));
  else if (number) append(errors, invalidEach(`${field}.service.port.number`, number, validatePortNumber(number)));
  else errors.push(required(field, 'port name or number is required'));
  return errors;
}

/** An object of any kind, in the same namespace or of the cluster. */
export function validateTypedReference(field: string, { apiGroup, kind, name }: V1TypedLocalObjectReference): FieldError[] {
  const errors = apiGroup === undefined ? [] : invalidEach(`${field}.apiGroup`, apiGroup, validateDns1123Subdomain(apiGroup));
  const segment = (part: string, value: string): FieldError[] => (value === '' ? [required(`${field}.${part}`, `${part} is required`)] : invalidEach(`${field}.${part}`, value, validatePathSegmentName(value)));
  return [...errors, ...segment('kind', kind ?? ''), ...segment('name', name ?? '')];
}
