import type { V1Service, V1ServicePort, V1ServiceSpec } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, ofEach, required } from '../../../fieldError.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { invalidEach, oneOf, oneOfIfSet, repeats } from '../../../validation/fields.ts';
import { validateLabels } from '../../../validation/labels.ts';
import { isLooseIPAddress, validateCidr, validateIPAddress } from '../../../validation/ipText.ts';
import { validateDns1123Label, validateDns1123Subdomain, validatePortNumber, validateQualifiedName } from '../../../validation/names.ts';
import { validateOrdinaryAddress } from '../../../validation/addresses.ts';
import { internalForm } from '../../internalForm.ts';
import { validatePort } from '../pod/validateProbes.ts';
import { isExternallyAccessible } from './serviceDefaults.ts';
import { validateClusterIPs } from './validateClusterIPs.ts';

const KUBELET_PORT = 10_250;
/** A day, in seconds. */
const MAX_AFFINITY_TIMEOUT = 86_400;
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ONLY_FOR_BALANCERS = "may only be used when `type` is 'LoadBalancer'";
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

export const isHeadless = ({ clusterIPs, clusterIP }: V1ServiceSpec): boolean => (clusterIPs?.length ? clusterIPs.length === 1 && clusterIPs[0] === 'None' : clusterIP === 'None');

/** `ValidateService`. */
export function validateService({ metadata, spec = {} }: IncomingObject<V1Service>): FieldError[] {
  const { type, ports = [] } = spec;
  const annotations = metadata.annotations ?? {};
  const errors: FieldError[] = [];
  const [mode, hints] = [annotations[TOPOLOGY_MODE], annotations[TOPOLOGY_HINTS]];
  if (mode !== undefined && hints !== undefined && mode !== hints) errors.push(invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, `must match annotations[${TOPOLOGY_HINTS}] when both are specified`));
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') errors.push(required('spec.ports'));
  for (const [index, { port }] of ports.entries()) {
    if (type === 'LoadBalancer' && port === KUBELET_PORT) errors.push(invalid(`spec.ports[${index}]`, port, `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`));
  }
  if (isHeadless(spec) && (type === 'LoadBalancer' || type === 'NodePort')) errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  if (type === 'ExternalName') append(errors, validateExternalName(spec));
  append(
    errors,
    validatePorts(ports),
    validateLabels('spec.selector', spec.selector),
    oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    validateAffinityConfig(spec),
    validateClusterIPs(spec),
    ofEach('spec.externalIPs', spec.externalIPs, validateExternalIP),
    oneOf('spec.type', type, TYPES),
    validateNumbers(spec, ports),
    validateSourceRanges(spec, annotations[SOURCE_RANGES]),
  );
  if (spec.allocateLoadBalancerNodePorts !== undefined && type !== 'LoadBalancer') errors.push(forbidden('spec.allocateLoadBalancerNodePorts', ONLY_FOR_BALANCERS));
  if (spec.loadBalancerClass !== undefined) {
    append(errors, (type === 'LoadBalancer' ? invalidEach('spec.loadBalancerClass', spec.loadBalancerClass, validateQualifiedName(spec.loadBalancerClass)) : [forbidden('spec.loadBalancerClass', ONLY_FOR_BALANCERS)]));
  }
  return [...errors, ...validateTrafficPolicies(spec), ...oneOfIfSet('spec.trafficDistribution', spec.trafficDistribution, ['PreferClose', 'PreferSameNode', 'PreferSameZone'])];
}

function validateExternalName({ externalName = '', clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy }: V1ServiceSpec): FieldError[] {
  const message = 'may not be set for ExternalName services';
  const errors: FieldError[] = [];
  if (clusterIP || clusterIPs?.length) errors.push(forbidden('spec.clusterIPs', message));
  if (ipFamilies?.length) errors.push(forbidden('spec.ipFamilies', message));
  if (ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', message));
  const name = externalName.replace(/\.$/, '');
  return [...errors, ...(name === '' ? [required('spec.externalName')] : invalidEach('spec.externalName', name, validateDns1123Subdomain(name)))];
}

function validatePorts(ports: readonly V1ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, { name = '', port = 0, protocol, targetPort, appProtocol }] of ports.entries()) {
    const path = `spec.ports[${index}]`;
    if (name === '') {
      if (ports.length > 1) errors.push(required(`${path}.name`));
    } else {
      append(errors, invalidEach(`${path}.name`, name, validateDns1123Label(name)));
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    append(errors, invalidEach(`${path}.port`, port, validatePortNumber(port)), oneOf(`${path}.protocol`, protocol, PROTOCOLS), validatePort(`${path}.targetPort`, targetPort));
    if (appProtocol !== undefined) append(errors, invalidEach(`${path}.appProtocol`, appProtocol, validateQualifiedName(appProtocol)));
  }
  return errors;
}

/** Ports of nodes only where the type has them, and no port twice. */
function validateNumbers({ type }: V1ServiceSpec, ports: readonly V1ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  const [sameNodePort, sameNumber] = [repeats(), repeats()];
  if (type === 'ClusterIP') for (const [index, { nodePort }] of ports.entries()) if (nodePort) errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
  for (const [index, { protocol, nodePort }] of ports.entries()) if (nodePort && sameNodePort(`${protocol}/${nodePort}`)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
  for (const [index, { protocol, port }] of ports.entries()) if (sameNumber(`${protocol}/${port}`)) errors.push(duplicate(`spec.ports[${index}]`, internalForm('ServicePort', { protocol, port })));
  return errors;
}

function validateAffinityConfig({ sessionAffinity, sessionAffinityConfig: config }: V1ServiceSpec): FieldError[] {
  const field = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None') return config ? [forbidden(field, 'must not be set when session affinity is None')] : [];
  if (sessionAffinity !== 'ClientIP') return [];
  const missing = 'when session affinity type is ClientIP';
  if (!config) return [required(field, missing)];
  if (!config.clientIP) return [required(`${field}.clientIP`, missing)];
  const { timeoutSeconds: seconds } = config.clientIP;
  if (seconds === undefined) return [required(`${field}.clientIP.timeoutSeconds`, missing)];
  return seconds > 0 && seconds <= MAX_AFFINITY_TIMEOUT ? [] : [invalid(`${field}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_TIMEOUT}`)];
}

function validateExternalIP(field: string, address: string): FieldError[] {
  const messages = validateIPAddress(address);
  return messages.length > 0 ? invalidEach(field, address, messages) : validateOrdinaryAddress(field, address);
}

/** The field's path begins with a capital, for historical reasons. */
function validateSourceRanges({ type, loadBalancerSourceRanges: ranges = [] }: V1ServiceSpec, annotation: string | undefined): FieldError[] {
  if (ranges.length > 0) {
    const field = 'spec.LoadBalancerSourceRanges';
    return [...(type === 'LoadBalancer' ? [] : [forbidden(field, ONLY_FOR_BALANCERS)]), ...ranges.flatMap((range, index) => invalidEach(`${field}[${index}]`, range.trim(), validateCidr(range.trim())))];
  }
  if (annotation === undefined) return [];
  const field = `metadata.annotations[${SOURCE_RANGES}]`;
  const texts = annotation.trim() === '' ? [] : annotation.split(',').map((each) => each.trim());
  return [...(type === 'LoadBalancer' ? [] : [forbidden(field, ONLY_FOR_BALANCERS)]), ...texts.flatMap((range) => invalidEach(field, range, validateCidr(range)))];
}

function validateTrafficPolicies(spec: V1ServiceSpec): FieldError[] {
  const { externalTrafficPolicy, internalTrafficPolicy, type, healthCheckNodePort } = spec;
  const errors: FieldError[] = [];
  if (isExternallyAccessible(spec)) append(errors, oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, ['Cluster', 'Local']));
  else if (externalTrafficPolicy) errors.push(invalid('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services'));
  if (!needsHealthCheck(spec)) {
    if (healthCheckNodePort) errors.push(invalid('spec.healthCheckNodePort', healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  } else if (healthCheckNodePort) {
    append(errors, invalidEach('spec.healthCheckNodePort', healthCheckNodePort, validatePortNumber(healthCheckNodePort)));
  }
  if (internalTrafficPolicy === undefined) return type === 'ExternalName' ? errors : [...errors, required('spec.internalTrafficPolicy')];
  return [...errors, ...oneOfIfSet('spec.internalTrafficPolicy', internalTrafficPolicy, ['Cluster', 'Local'])];
}

export const needsHealthCheck = ({ type, externalTrafficPolicy }: V1ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** `ValidateLoadBalancerStatus`. */
export function validateServiceStatus({ spec, status }: IncomingObject<V1Service>): FieldError[] {
  const field = 'status.loadBalancer.ingress';
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (spec?.type !== 'LoadBalancer' && ingress.length > 0) return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")];
  return ingress.flatMap(({ ip, ipMode, hostname }, index) => {
    const path = `${field}[${index}]`;
    const errors = ip ? invalidEach(`${path}.ip`, ip, validateIPAddress(ip)) : [];
    if (ipMode === undefined) {
      if (ip) errors.push(required(`${path}.ipMode`, 'must be specified when `ip` is set'));
    } else if (!ip) {
      errors.push(forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set'));
    } else {
      append(errors, oneOfIfSet(`${path}.ipMode`, ipMode, ['Proxy', 'VIP']));
    }
    if (!hostname) return errors;
    append(errors, invalidEach(`${path}.hostname`, hostname, validateDns1123Subdomain(hostname)));
    return isLooseIPAddress(hostname) ? [...errors, invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address')] : errors;
  });
}
