import type { DiscoveryV1EndpointPort, V1Endpoint, V1EndpointSlice } from '../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, required, tooMany } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { ipWarnings } from '../../validation/addressWarnings.ts';
import { validateOrdinaryAddress } from '../../validation/addresses.ts';
import { invalidEach, labelName, oneOf } from '../../validation/fields.ts';
import { validateIPAddress } from '../../validation/ipText.ts';
import { validateDns1123Label, validateDns1123Subdomain, validateLabelValue } from '../../validation/names.ts';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
/** Zones, or nodes, that an endpoint may be hinted for. */
const MAX_HINTS = 8;

/** `ValidateEndpointSlice`. */
export function validateEndpointSlice({ addressType, endpoints, ports }: IncomingObject<V1EndpointSlice>): FieldError[] {
  return [...oneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']), ...validateEndpoints(endpoints ?? [], addressType), ...validatePorts(ports ?? [])];
}

/** These write what programs gave them, which somebody else has to change. */
const MANAGERS: readonly (string | undefined)[] = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

/** Of addresses in a form that not every program takes for the same (`warnOnBadIPs`), and of names for addresses. */
export function endpointSliceWarnings({ metadata, addressType, endpoints }: IncomingObject<V1EndpointSlice>, previous?: V1EndpointSlice): string[] {
  if (addressType === 'FQDN') return previous ? [] : ['spec.addressType: FQDN endpoints are deprecated'];
  if (MANAGERS.includes(metadata.labels?.['endpointslice.kubernetes.io/managed-by'])) return [];
  return (endpoints ?? []).flatMap(({ addresses }, index) => (addresses ?? []).flatMap((address, at) => ipWarnings(`endpoints[${index}].addresses[${at}]`, address)));
}

function validateEndpoints(endpoints: readonly V1Endpoint[], type: string): FieldError[] {
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)];
  return endpoints.flatMap((endpoint, index) => validateEndpoint(`endpoints[${index}]`, endpoint, type));
}

function validateEndpoint(field: string, endpoint: V1Endpoint, type: string): FieldError[] {
  const { hostname, nodeName, deprecatedTopology, hints } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${field}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(`${field}.addresses`, addresses.length, MAX_ADDRESSES));
  for (const [index, address] of addresses.entries()) append(errors, validateAddress(`${field}.addresses[${index}]`, address, type));
  if (nodeName !== undefined) append(errors, invalidEach(`${field}.nodeName`, nodeName, validateDns1123Subdomain(nodeName)));
  for (const [key, value] of Object.entries(deprecatedTopology ?? {})) append(errors, labelName(`${field}.deprecatedTopology`, key), invalidEach(`${field}.deprecatedTopology`, value, validateLabelValue(value)));
  if (hostname !== undefined) append(errors, invalidEach(`${field}.hostname`, hostname, validateDns1123Label(hostname)));
  const { forZones = [], forNodes = [] } = hints ?? {};
  const zone = (name: string): readonly string[] => validateLabelValue(name);
  return [...errors, ...validateHints(`${field}.hints.forZones`, forZones, zone), ...validateHints(`${field}.hints.forNodes`, forNodes, validateDns1123Subdomain)];
}

function validateHints(field: string, hints: readonly { name: string }[], validateName: (name: string) => readonly string[]): FieldError[] {
  if (hints.length > MAX_HINTS) return [tooMany(field, hints.length, MAX_HINTS)];
  return hints.flatMap(({ name }, index) => {
    const path = `${field}[${index}].name`;
    if (!name) return [required(path)];
    if (hints.findIndex((each) => each.name === name) < index) return [duplicate(path, name)];
    return invalidEach(path, name, validateName(name));
  });
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[]): FieldError[] {
  if (ports.length > MAX_PORTS) return [tooMany('ports', ports.length, MAX_PORTS)];
  const names = new Set<string>();
  return ports.flatMap(({ name = '', protocol, appProtocol }, index) => {
    const path = `ports[${index}]`;
    const errors = name === '' ? [] : invalidEach(`${path}.name`, name, validateDns1123Label(name));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    append(errors, oneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
    return appProtocol === undefined ? errors : [...errors, ...labelName(`${path}.appProtocol`, appProtocol)];
  });
}

function validateAddress(field: string, address: string, type: string): FieldError[] {
  if (type === 'FQDN') return invalidEach(field, address, validateDns1123Subdomain(address.replace(/\.$/, '')));
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const messages = validateIPAddress(address);
  if (messages.length > 0) return invalidEach(field, address, messages);
  if (address.includes(':') !== (type === 'IPv6')) return [invalid(field, address, `must be an ${type} address`)];
  return validateOrdinaryAddress(field, address);
}
