import type { V1EndpointSlice, V1Node, V1Taint } from '../../api/generated/types.ts';
import { dnsEndpoints } from './nodeDns.ts';
import { ObservedTime } from './observedTime.ts';
import { awaitsEviction, wantedTaints } from './taints.ts';
import { EvictionPacer, zoneState } from './zones.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const RATES = { nodeEvictionRate: 0.1, secondaryNodeEvictionRate: 0.01, unhealthyZoneThreshold: 0.55, largeClusterSizeThreshold: 50 };
const node = (name: string, ready: string, zone = '', taints: V1Taint[] = []): V1Node => ({
  apiVersion: 'v1', kind: 'Node',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...(zone === '' ? {} : { labels: { 'topology.kubernetes.io/zone': zone } }) },
  spec: { taints }, status: { conditions: [{ type: 'Ready', status: ready }] },
});
const nodes = (ready: number, lost: number, zone = ''): V1Node[] => [
  ...Array.from({ length: ready }, (_, at) => node(`${zone}r${at}`, 'True', zone)),
  ...Array.from({ length: lost }, (_, at) => node(`${zone}l${at}`, 'Unknown', zone)),
];

describe('observed time', () => {
  test('goes on while the API server answers', () => {
    const time = new ObservedTime(1000, 10_000);
    time.seen(6000);
    time.seen(11_000);
    expect(time.at(12_000)).toBe(11_000);
  });

  test('stands still through an outage, however long, and never runs backwards', () => {
    const time = new ObservedTime(0, 10_000);
    time.seen(5000);
    expect(time.at(600_000)).toBe(15_000);
    time.seen(600_000);
    expect(time.at(600_000)).toBe(15_000);
    expect(time.at(601_000)).toBe(16_000);
  });
});

describe('zones', () => {
  test('states are as Kubernetes computes them', () => {
    expect(zoneState(0, 1, 0.55)).toBe('fullDisruption');
    expect(zoneState(1, 2, 0.55)).toBe('normal');
    expect(zoneState(2, 3, 0.55)).toBe('partialDisruption');
    expect(zoneState(3, 3, 0.55)).toBe('normal');
  });

  test('nodes that are lost one by one are given up at the rate', () => {
    const pacer = new EvictionPacer(RATES);
    pacer.assess(nodes(5, 2));
    expect([pacer.take('', 0), pacer.take('', 0), pacer.take('', 4000), pacer.take('', 10_000)]).toEqual([0, 10_000, 6000, 0]);
  });

  test('a small zone of which much is lost is left alone, a large one goes slower', () => {
    const small = new EvictionPacer(RATES);
    small.assess(nodes(2, 3));
    expect(small.take('', 0)).toBe(Infinity);
    const large = new EvictionPacer(RATES);
    large.assess(nodes(20, 40));
    expect([large.take('', 0), large.take('', 0)]).toEqual([0, 100_000]);
  });

  test('a zone that is wholly lost is emptied as long as another one lives', () => {
    const pacer = new EvictionPacer(RATES);
    pacer.assess([...nodes(0, 4, 'a'), ...nodes(2, 0, 'b')]);
    expect(pacer.fullyDisrupted).toBe(false);
    expect(pacer.take(':\x00:a', 0)).toBe(0);
  });

  test('when no node is ready nothing is given up, and it is said when that changes', () => {
    const pacer = new EvictionPacer(RATES);
    expect(pacer.assess([])).toBe(false);
    expect(pacer.assess(nodes(0, 1))).toBe(true);
    expect([pacer.fullyDisrupted, pacer.take('', 0)]).toEqual([true, Infinity]);
    expect(pacer.assess(nodes(0, 2))).toBe(false);
    expect(pacer.assess(nodes(1, 1))).toBe(true);
    expect([pacer.fullyDisrupted, pacer.take('', 0)]).toEqual([false, 0]);
  });
});

describe('the DNS of a node', () => {
  const slice = (ready: boolean): V1EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4',
    metadata: { name: 'kube-dns-l0', namespace: 'kube-system', uid: 's', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    endpoints: [{ addresses: ['10.0.0.9'], nodeName: 'l0', conditions: { ready, serving: ready, terminating: false } }],
  });

  test('is as ready as its node is heard of', () => {
    expect(dnsEndpoints(slice(true), nodes(2, 1))?.endpoints?.[0]?.conditions).toEqual({ ready: false, serving: false, terminating: false });
    expect(dnsEndpoints(slice(false), nodes(2, 1))).toBeUndefined();
    expect(dnsEndpoints(slice(false), [...nodes(2, 0), node('l0', 'False')])?.endpoints?.[0]?.conditions?.ready).toBe(true);
    expect(dnsEndpoints(slice(true), [...nodes(2, 0), node('l0', 'True')])).toBeUndefined();
  });

  test('stays when no node is heard of', () => {
    expect(dnsEndpoints(slice(true), nodes(0, 3))).toBeUndefined();
  });
});

describe('taints', () => {
  const keys = (taints: V1Taint[] | undefined): string[] | undefined => taints?.map((taint) => `${taint.key}:${taint.effect}`);
  const unreachable: V1Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' };

  test('a lost node takes no new pods at once, and is emptied when it may be', () => {
    const lost = node('n', 'Unknown');
    expect(awaitsEviction(lost)).toBe(true);
    expect(keys(wantedTaints(lost, NOW, 'held'))).toEqual(['node.kubernetes.io/unreachable:NoSchedule']);
    expect(keys(wantedTaints(lost, NOW, 'allowed'))).toEqual(['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']);
  });

  test('the reason of one that was given up follows its condition without waiting', () => {
    const given = node('n', 'False', '', [unreachable]);
    expect(awaitsEviction(given)).toBe(false);
    expect(keys(wantedTaints(given, NOW, 'held'))).toEqual(['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute']);
  });

  test('while no node is ready, none is to be emptied', () => {
    expect(keys(wantedTaints(node('n', 'Unknown', '', [unreachable]), NOW, 'withdrawn'))).toEqual(['node.kubernetes.io/unreachable:NoSchedule']);
  });

  test('a node that has never said anything is not given up', () => {
    expect(awaitsEviction({ ...node('n', 'True'), status: {} })).toBe(false);
  });
});
