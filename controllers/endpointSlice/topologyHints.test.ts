import type { V1Endpoint, V1EndpointSlice, V1Node, V1Service } from '../../api/generated/types.ts';
import type { SliceChanges } from './sliceChanges.ts';
import { wantsTopologyHints, withTopologyHints } from './topologyHints.ts';
import { preferenceOf, withPreference } from './trafficDistribution.ts';
import { zoneRatios } from './zoneRatios.ts';

const endpoint = (zone: string | undefined, at: number, ready = true): V1Endpoint => ({ addresses: [`10.244.0.${at}`], nodeName: `n${at}`, conditions: { ready }, ...(zone === undefined ? {} : { zone }) });
const meta = { name: 'web', namespace: 'default', uid: 'web', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const slice = (endpoints: V1Endpoint[]): V1EndpointSlice => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: meta, addressType: 'IPv4', endpoints });
const creating = (...zones: (string | undefined)[]): SliceChanges => ({ create: [slice(zones.map((zone, at) => endpoint(zone, at)))], update: [], delete: [], unchanged: [] });
const zonesOf = (slices: readonly Pick<V1EndpointSlice, 'endpoints'>[]): (string | undefined)[] => slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ hints }) => hints?.forZones?.[0]?.name));
const halves = new Map([['a', 0.5], ['b', 0.5]]);

describe('topology-mode: Auto', () => {
  const hinted = (changes: SliceChanges, ratios: ReadonlyMap<string, number> | undefined = halves, had = false) => withTopologyHints(changes, ratios, had);

  test('every zone has its own endpoints where they are enough, and it is told once', () => {
    const { changes, event } = hinted(creating('a', 'b', 'a', 'b'));
    expect(zonesOf(changes.create)).toEqual(['a', 'b', 'a', 'b']);
    expect(event).toEqual({ type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: 'Topology Aware Hints has been enabled, addressType: IPv4' });
    expect(hinted(creating('a', 'b', 'a', 'b'), halves, true).event).toBeUndefined();
  });

  test('a zone with too few gets some of another’s', () => {
    expect(zonesOf(hinted(creating('a', 'a', 'a', 'a')).changes.create)).toEqual(['b', 'b', 'a', 'a']);
  });

  test.each([
    [creating('a', 'b'), undefined, 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'],
    [creating('a'), halves, 'Insufficient number of endpoints (1 endpoints, 2 zones)'],
    [creating('a', undefined), halves, 'One or more endpoints do not have a zone specified'],
    [creating('a', 'b', 'a'), halves, 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)'],
  ])('%# it is left, and said why', (changes, ratios, reason) => {
    const result = hinted(changes, ratios === undefined ? undefined : ratios);
    const own = ratios === undefined ? withTopologyHints(changes, undefined, false) : result;
    expect(own.event).toEqual({ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: `${reason}, addressType: IPv4` });
    expect(zonesOf(own.changes.create).every((zone) => zone === undefined)).toBe(true);
  });

  test('a slice whose hints are still right is not written; one with wrong hints is', () => {
    const right = slice([{ ...endpoint('a', 1), hints: { forZones: [{ name: 'a' }] } }, { ...endpoint('b', 2), hints: { forZones: [{ name: 'b' }] } }]);
    const wrong = slice([{ ...endpoint('a', 1), hints: { forZones: [{ name: 'gone' }] } }, endpoint('b', 2)]);
    const unchanged = (each: V1EndpointSlice): SliceChanges => ({ create: [], update: [], delete: [], unchanged: [each] });
    expect(hinted(unchanged(right), halves, true).changes).toMatchObject({ update: [], unchanged: [right] });
    expect(zonesOf(hinted(unchanged(wrong), halves, true).changes.update)).toEqual(['a', 'b']);
    expect(zonesOf(withTopologyHints(unchanged(right), undefined, true).changes.update)).toEqual([undefined, undefined]);
  });

  test('both annotations ask for it', () => {
    const service = (annotations: Record<string, string>): V1Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { ...meta, annotations } });
    expect(wantsTopologyHints(service({ 'service.kubernetes.io/topology-mode': 'Auto' }))).toBe(true);
    expect(wantsTopologyHints(service({ 'service.kubernetes.io/topology-aware-hints': 'auto' }))).toBe(true);
    expect(wantsTopologyHints(service({ 'service.kubernetes.io/topology-aware-hints': 'Disabled', 'service.kubernetes.io/topology-mode': 'Auto' }))).toBe(false);
    expect(wantsTopologyHints(service({}))).toBe(false);
  });
});

test('zones count by the CPU of their ready workers', () => {
  const node = (zone: string | undefined, cpu: string, { ready = true, labels = {} }: { readonly ready?: boolean; readonly labels?: Record<string, string> } = {}): V1Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...meta, labels: { ...labels, ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }) } },
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
  expect(zoneRatios([node('a', '3'), node('b', '500m'), node('b', '500m')])).toEqual(new Map([['a', 0.75], ['b', 0.25]]));
  expect(zoneRatios([node('a', '1'), node('b', '1'), node(undefined, '1', { ready: false }), node('c', '1', { labels: { 'node-role.kubernetes.io/control-plane': '' } })])).toEqual(halves);
  expect(zoneRatios([node('a', '1'), node('b', '1'), node(undefined, '1')])).toBeUndefined();
  expect(zoneRatios([node('a', '1'), node('a', '1')])).toBeUndefined();
});

test('trafficDistribution hints every ready endpoint for its own place', () => {
  const preference = (trafficDistribution: string) => preferenceOf({ apiVersion: 'v1', kind: 'Service', metadata: meta, spec: { trafficDistribution } });
  expect(['PreferClose', 'PreferSameZone', 'PreferSameNode', 'Other'].map(preference)).toEqual(['zone', 'zone', 'node', undefined]);
  const groups = [{ ports: [], endpoints: [endpoint('a', 1), endpoint(undefined, 2), endpoint('b', 3, false)] }];
  expect(withPreference(groups, 'zone')[0]!.endpoints.map(({ hints }) => hints)).toEqual([{ forZones: [{ name: 'a' }] }, undefined, undefined]);
  expect(withPreference(groups, 'node')[0]!.endpoints.map(({ hints }) => hints)).toEqual([{ forZones: [{ name: 'a' }], forNodes: [{ name: 'n1' }] }, { forNodes: [{ name: 'n2' }] }, undefined]);
});
