import type { V1Service, V1ServicePort, V1ServiceSpec } from '../../../generated/types.ts';
import { duplicate, forbidden, invalid, required, type FieldError } from '../../../fieldError.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { invalidEach, oneOf, oneOfIfSet } from '../../../validation/fields.ts';
import { validateLabels } from '../../../validation/labels.ts';
import { validateCidr, validateDns1123Label, validateDns1123Subdomain, validateIPAddress, validatePortNumber, validateQualifiedName } from '../../../validation/names.ts';
import { validatePort } from '../pod/validateProbes.ts';
import { isExternallyAccessible } from './serviceDefaults.ts';

const KUBELET_PORT = 10_250;
/** A day, in seconds. */
const MAX_AFFINITY_TIMEOUT = 86_400;
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

export function validateService(service: IncomingObject<V1Service>): FieldError[] {
  const spec: V1ServiceSpec = service.spec ?? {};
  const { type, ports = [], clusterIP, clusterIPs = [] } = spec;
  const isHeadless = clusterIP === 'None';
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless && type !== 'ExternalName') errors.push(required('spec.ports'));
  if (type === 'LoadBalancer') {
    for (const [index, { port }] of ports.entries()) {
      if (port === KUBELET_PORT) errors.push(invalid(`spec.ports[${index}]`, port, `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`));
    }
  }
  if (isHeadless && (type === 'LoadBalancer' || type === 'NodePort')) errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  if (type === 'ExternalName') errors.push(...validateExternalName(spec));
  errors.push(
    ...validatePorts(spec, ports),
    ...validateLabels('spec.selector', spec.selector),
    ...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    ...validateAffinityTimeout(spec),
    ...oneOf('spec.type', type, TYPES),
  );
  for (const [index, address] of clusterIPs.entries()) if (address !== 'None') errors.push(...invalidEach(`spec.clusterIPs[${index}]`, address, validateIPAddress(address)));
  if (clusterIP && clusterIP !== 'None' && clusterIPs.length === 0) errors.push(...invalidEach('spec.clusterIPs[0]', clusterIP, validateIPAddress(clusterIP)));
  for (const [index, address] of (spec.externalIPs ?? []).entries()) errors.push(...validateExternalIP(`spec.externalIPs[${index}]`, address));
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) errors.push(...invalidEach(`spec.loadBalancerSourceRanges[${index}]`, range, validateCidr(range.trim())));
  if (spec.loadBalancerSourceRanges?.length && type !== 'LoadBalancer') errors.push(forbidden('spec.loadBalancerSourceRanges', 'may only be used when `type` is \'LoadBalancer\''));
  return [...errors, ...validateTrafficPolicies(spec), ...oneOfIfSet('spec.ipFamilyPolicy', spec.ipFamilyPolicy, ['SingleStack', 'PreferDualStack', 'RequireDualStack'])];
}

function validateExternalName({ externalName, clusterIP }: V1ServiceSpec): FieldError[] {
  const errors = externalName ? invalidEach('spec.externalName', externalName, validateDns1123Subdomain(externalName.replace(/\.$/, ''))) : [required('spec.externalName')];
  if (clusterIP) errors.push(forbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
  return errors;
}

function validatePorts(spec: V1ServiceSpec, ports: readonly V1ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = `spec.ports[${index}]`;
    const { name = '', protocol, nodePort, appProtocol } = port;
    if (name === '') {
      if (ports.length > 1) errors.push(required(`${path}.name`));
    } else {
      errors.push(...invalidEach(`${path}.name`, name, validateDns1123Label(name)));
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    errors.push(...invalidEach(`${path}.port`, port.port ?? 0, validatePortNumber(port.port ?? 0)), ...oneOf(`${path}.protocol`, protocol, PROTOCOLS), ...validatePort(`${path}.targetPort`, port.targetPort));
    if (appProtocol) errors.push(...invalidEach(`${path}.appProtocol`, appProtocol, validateQualifiedName(appProtocol)));
    if (nodePort) {
      const key = `${protocol}/${nodePort}`;
      if (spec.type === 'ClusterIP' || spec.type === 'ExternalName') errors.push(forbidden(`${path}.nodePort`, `may not be used when \`type\` is '${spec.type}'`));
      if (nodePorts.has(key)) errors.push(duplicate(`${path}.nodePort`, nodePort));
      nodePorts.add(key);
    }
    const number = `${protocol}/${port.port}`;
    if (numbers.has(number)) errors.push(duplicate(path, { protocol, port: port.port, targetPort: 0 }));
    numbers.add(number);
  }
  return errors;
}

function validateAffinityTimeout({ sessionAffinity, sessionAffinityConfig }: V1ServiceSpec): FieldError[] {
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinity !== 'ClientIP' || seconds === undefined || (seconds > 0 && seconds <= MAX_AFFINITY_TIMEOUT)) return [];
  return [invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, `must be greater than 0 and less than ${MAX_AFFINITY_TIMEOUT}`)];
}

function validateExternalIP(field: string, address: string): FieldError[] {
  const messages = validateIPAddress(address);
  if (messages.length > 0) return invalidEach(field, address, messages);
  if (address === '0.0.0.0' || address === '::') return [invalid(field, address, `may not be unspecified (${address})`)];
  if (address.startsWith('127.') || address === '::1') return [invalid(field, address, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (/^169\.254\.|^fe[89ab]/i.test(address)) return [invalid(field, address, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
  if (/^224\.0\.0\.|^ff02:/i.test(address)) return [invalid(field, address, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')];
  return [];
}

function validateTrafficPolicies(spec: V1ServiceSpec): FieldError[] {
  const { externalTrafficPolicy, internalTrafficPolicy, type, healthCheckNodePort } = spec;
  const errors: FieldError[] = [];
  if (isExternallyAccessible(spec)) errors.push(...oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, ['Cluster', 'Local']));
  else if (externalTrafficPolicy) errors.push(invalid('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services'));
  if (type !== 'ExternalName') errors.push(...oneOf('spec.internalTrafficPolicy', internalTrafficPolicy, ['Cluster', 'Local']));
  if (healthCheckNodePort && !(type === 'LoadBalancer' && externalTrafficPolicy === 'Local')) {
    errors.push(invalid('spec.healthCheckNodePort', healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  }
  return errors;
}

/** A cluster address stays with its Service, unless the Service stops being one with an address. */
export function validateServiceUpdate({ spec }: IncomingObject<V1Service>, previous: V1Service): FieldError[] {
  const before = previous.spec;
  if (!spec || !before || spec.type === 'ExternalName' || before.type === 'ExternalName') return [];
  const first = spec.clusterIPs?.[0] ?? spec.clusterIP ?? '';
  const old = before.clusterIPs?.[0] ?? before.clusterIP ?? '';
  return old !== '' && first !== old ? [invalid('spec.clusterIPs[0]', spec.clusterIPs ?? [first], 'may not change once set')] : [];
}
