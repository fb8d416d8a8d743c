import type { V1Endpoint, V1EndpointHints, V1Service } from '../../api/generated/types.ts';
import type { EndpointGroup } from './endpoints.ts';

/** What a Service's `trafficDistribution` prefers; PreferClose is the older name of PreferSameZone. */
export type Preference = 'zone' | 'node';

const PREFERENCES: Readonly<Record<string, Preference>> = { PreferClose: 'zone', PreferSameZone: 'zone', PreferSameNode: 'node' };

export const preferenceOf = ({ spec }: V1Service): Preference | undefined => PREFERENCES[spec?.trafficDistribution ?? ''];

/** The groups with a hint on every ready endpoint: for its own zone, and where nodes are preferred for its own node, too (KEP-3015). */
export function withPreference(groups: readonly EndpointGroup[], preference: Preference): readonly EndpointGroup[] {
  return groups.map((group) => ({ ...group, endpoints: group.endpoints.map((endpoint) => hinted(endpoint, preference)) }));
}

function hinted(endpoint: V1Endpoint, preference: Preference): V1Endpoint {
  const { zone, nodeName, conditions } = endpoint;
  if (conditions?.ready !== true) return endpoint;
  const hints: V1EndpointHints = {
    ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
    ...(nodeName === undefined || preference !== 'node' ? {} : { forNodes: [{ name: nodeName }] }),
  };
  return Object.keys(hints).length === 0 ? endpoint : { ...endpoint, hints };
}
