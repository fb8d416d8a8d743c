import type { V1EndpointSlice } from '../../generated/types.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable } from '../../validation/fields.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { endpointSliceWarnings, validateEndpointSlice } from './validateEndpointSlice.ts';

export const endpointSlice = defineKind<V1EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  model: 'V1EndpointSlice',
  hasGeneration: true,
  generationCounts: 'labels',
  setDefaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ||= 'TCP';
    }
  },
  prepareForCreate: dropTopology,
  prepareForUpdate: (object, previous) => {
    if (!semanticEqual(object.endpoints, previous.endpoints)) dropTopology(object);
  },
  validate: validateEndpointSlice,
  warnings: endpointSliceWarnings,
  validateUpdate: (object, previous) => immutable('addressType', object.addressType, previous.addressType),
  columns: [
    textColumn('AddressType', { of: 'V1EndpointSlice.addressType' }, ({ addressType }) => addressType),
    textColumn('Ports', { of: 'V1EndpointSlice.ports' }, ({ ports }) => firstOf((ports ?? []).map(({ port, name }) => String(port ?? name ?? '*')))),
    textColumn('Endpoints', { of: 'V1EndpointSlice.endpoints' }, ({ endpoints }) => firstOf((endpoints ?? []).flatMap(({ addresses }) => addresses ?? []))),
    ageColumn,
  ],
});

/** A field of the beta version, which this one only shows. */
function dropTopology({ endpoints }: IncomingObject<V1EndpointSlice>): void {
  for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology;
}

const SHOWN = 3;

function firstOf(texts: readonly string[]): string {
  if (texts.length === 0) return '<unset>';
  const shown = texts.slice(0, SHOWN).join(',');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}
