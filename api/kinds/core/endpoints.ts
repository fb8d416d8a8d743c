import type { V1EndpointAddress, V1Endpoints } from '../../generated/types.ts';
import { append, type FieldError, invalid, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { validateOrdinaryAddress } from '../../validation/addresses.ts';
import { ipWarnings } from '../../validation/addressWarnings.ts';
import { invalidEach, oneOf } from '../../validation/fields.ts';
import { isLooseIPAddress, validateIPAddress } from '../../validation/ipText.ts';
import { validateDns1123Label, validateDns1123Subdomain, validatePortNumber, validateQualifiedName } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

const SHOWN = 3;

export const endpoints = defineKind<V1Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  model: 'V1Endpoints',
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  createOnUpdate: true,
  setDefaults({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
  },
  validate,
  warnings: ({ subsets = [] }) => subsets.flatMap((subset, index) => (['addresses', 'notReadyAddresses'] as const).flatMap((list) => (subset[list] ?? []).flatMap(({ ip }: Partial<V1EndpointAddress>, at) => ipWarnings(`subsets[${index}].${list}[${at}].ip`, ip ?? '')))),
  columns: [textColumn('Endpoints', { of: 'V1Endpoints.subsets' }, formatEndpoints), ageColumn],
});

function validate({ subsets = [] }: IncomingObject<V1Endpoints>): FieldError[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const path = `subsets[${index}]`;
    const errors: FieldError[] = addresses.length + notReadyAddresses.length === 0 ? [required(path, 'must specify `addresses` or `notReadyAddresses`')] : [];
    append(errors, validateAddresses(`${path}.addresses`, addresses), validateAddresses(`${path}.notReadyAddresses`, notReadyAddresses));
    for (const [at, { name, port, protocol, appProtocol }] of ports.entries()) {
      const field = `${path}.ports[${at}]`;
      if (!name && ports.length > 1) errors.push(required(`${field}.name`));
      else if (name) append(errors, invalidEach(`${field}.name`, name, validateDns1123Label(name)));
      append(errors, invalidEach(`${field}.port`, port, validatePortNumber(port)), oneOf(`${field}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
      if (appProtocol !== undefined) append(errors, invalidEach(`${field}.appProtocol`, appProtocol, validateQualifiedName(appProtocol)));
    }
    return errors;
  });
}

function validateAddresses(field: string, addresses: readonly V1EndpointAddress[]): FieldError[] {
  return addresses.flatMap(({ ip, hostname, nodeName }, index) => {
    const path = `${field}[${index}]`;
    const isAddress = isLooseIPAddress(ip ?? '');
    return [
      ...invalidEach(`${path}.ip`, ip ?? '', validateIPAddress(ip ?? '')),
      ...(hostname ? invalidEach(`${path}.hostname`, hostname, validateDns1123Label(hostname)) : []),
      ...(nodeName === undefined ? [] : invalidEach(`${path}.nodeName`, nodeName, validateDns1123Subdomain(nodeName))),
      ...(isAddress ? validateOrdinaryAddress(`${path}.ip`, ip) : [invalid(`${path}.ip`, ip ?? '', 'must be a valid IP address')]),
    ];
  });
}

/** `10.0.0.1:80,10.0.0.2:80 + 3 more...` */
function formatEndpoints({ subsets = [] }: V1Endpoints): string {
  if (subsets.length === 0) return '<none>';
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map(({ ip }) => ip) : ports.flatMap(({ port }) => addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`))));
  const shown = all.slice(0, SHOWN).join(',');
  return all.length > SHOWN ? `${shown} + ${all.length - SHOWN} more...` : shown;
}
