import type { V1EndpointSlice } from '../../generated/types.ts';
import { immutable } from '../../validation/fields.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateEndpointSlice } from './validateEndpointSlice.ts';

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
  validate: validateEndpointSlice,
  validateUpdate: (object, previous) => immutable('addressType', object.addressType, previous.addressType),
  columns: [
    textColumn('AddressType', 'What kind of addresses it holds.', ({ addressType }) => addressType),
    textColumn('Ports', 'The ports of the endpoints.', ({ ports }) => firstOf((ports ?? []).map(({ port, name }) => String(port ?? name ?? '*')))),
    textColumn('Endpoints', 'The first addresses.', ({ endpoints }) => firstOf((endpoints ?? []).flatMap(({ addresses }) => addresses ?? []))),
    ageColumn,
  ],
});

const SHOWN = 3;

function firstOf(texts: readonly string[]): string {
  if (texts.length === 0) return '<unset>';
  const shown = texts.slice(0, SHOWN).join(',');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}
