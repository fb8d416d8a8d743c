import type { V1EndpointSlice } from '../../generated/types.ts';
import { invalid, required, tooMany, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, invalidEach, oneOf } from '../../validation/fields.ts';
import { validateDns1123Label, validateDns1123Subdomain, validateIPAddress } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const endpointSlice = defineKind<V1EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  model: 'V1EndpointSlice',
  hasGeneration: true,
  setDefaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ||= 'TCP';
    }
  },
  validate,
  validateUpdate: (object, previous) => immutable('addressType', object.addressType, previous.addressType),
  columns: [
    textColumn('AddressType', 'What kind of addresses it holds.', ({ addressType }) => addressType),
    textColumn('Ports', 'The ports of the endpoints.', ({ ports }) => firstOf((ports ?? []).map(({ port }) => (port === undefined ? '*' : String(port))))),
    textColumn('Endpoints', 'The first addresses.', ({ endpoints }) => firstOf((endpoints ?? []).flatMap(({ addresses }) => addresses ?? []))),
    ageColumn,
  ],
});

const SHOWN = 3;
const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;

function firstOf(texts: readonly string[]): string {
  if (texts.length === 0) return '<unset>';
  const shown = texts.slice(0, SHOWN).join(',');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}

function validate({ addressType, endpoints = [], ports = [] }: IncomingObject<V1EndpointSlice>): FieldError[] {
  const errors = oneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']);
  if (endpoints.length > MAX_ENDPOINTS) errors.push(tooMany('endpoints', endpoints.length, MAX_ENDPOINTS));
  for (const [index, { addresses = [], hostname }] of endpoints.entries()) {
    const path = `endpoints[${index}]`;
    if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'));
    if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(`${path}.addresses`, addresses.length, MAX_ADDRESSES));
    for (const [at, address] of addresses.entries()) errors.push(...validateAddress(`${path}.addresses[${at}]`, address, addressType));
    if (hostname !== undefined) errors.push(...invalidEach(`${path}.hostname`, hostname, validateDns1123Label(hostname)));
  }
  if (ports.length > MAX_PORTS) errors.push(tooMany('ports', ports.length, MAX_PORTS));
  const names = new Set<string>();
  for (const [index, { name = '', protocol }] of ports.entries()) {
    if (name !== '') errors.push(...invalidEach(`ports[${index}].name`, name, validateDns1123Label(name)));
    if (names.has(name)) errors.push({ type: 'FieldValueDuplicate', field: `ports[${index}].name`, message: `Duplicate value: ${JSON.stringify(name)}` });
    names.add(name);
    errors.push(...oneOf(`ports[${index}].protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
  }
  return errors;
}

function validateAddress(field: string, address: string, type: string): FieldError[] {
  if (type === 'FQDN') return invalidEach(field, address, validateDns1123Subdomain(address.replace(/\.$/, '')));
  const messages = validateIPAddress(address);
  if (messages.length > 0) return invalidEach(field, address, messages);
  const isV6 = address.includes(':');
  return isV6 === (type === 'IPv6') ? [] : [invalid(field, address, `must be an ${type} address`)];
}
