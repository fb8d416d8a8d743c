import type { V1Endpoint, V1EndpointSlice, V1Service } from '../../api/generated/types.ts';
import { withoutHints } from './endpoints.ts';
import type { SliceChanges } from './sliceChanges.ts';

/** What is told of a Service's hints, in Kubernetes' words. */
export interface HintsEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'TopologyAwareHintsEnabled' | 'TopologyAwareHintsDisabled';
  readonly message: string;
}

export interface HintedChanges {
  readonly changes: SliceChanges;
  readonly event?: HintsEvent;
}

interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}

type Allocations = ReadonlyMap<string, Allocation>;
type Slice = Pick<V1EndpointSlice, 'endpoints'>;

/** How much more than its share an endpoint may get. */
const OVERLOAD = 0.2;
const ANNOTATIONS = ['service.kubernetes.io/topology-aware-hints', 'service.kubernetes.io/topology-mode'];

/** Said when a Service that had such hints asks for them no more. */
export const HINTS_DISABLED: HintsEvent = { type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: 'Topology Aware Hints has been disabled, addressType: IPv4' };

/** Whether the Service asks for hints by the zones' capacity (topology-mode: Auto). */
export function wantsTopologyHints({ metadata }: V1Service): boolean {
  const value = ANNOTATIONS.map((name) => metadata.annotations?.[name]).find((each) => each !== undefined);
  return value === 'Auto' || value === 'auto';
}

const hasHints = (slices: readonly Slice[]): boolean => slices.some(({ endpoints }) => (endpoints ?? []).some(({ hints }) => hints !== undefined));

/**
 * Topology aware routing (KEP-2433): each zone gets endpoints in proportion to its CPU, from other zones where it has too few of its
 * own. `changes` were found without regard to hints; slices that stay unchanged keep their hints as long as those are allowed. Where it cannot be
 * done, no endpoint has a hint. `ratios` are the zones' shares of all CPU.
 */
export function withTopologyHints(changes: SliceChanges, ratios: ReadonlyMap<string, number> | undefined, hadHints: boolean): HintedChanges {
  const all: readonly Slice[] = [...changes.create, ...changes.update, ...changes.unchanged];
  const ready = all.flatMap(({ endpoints }) => endpoints ?? []).filter(isReady);
  const allocations = allocate(ready.length, ratios);
  if (typeof allocations === 'string') return disabled(changes, allocations);

  const byZone = new Map<string, number>();
  const unchanged: V1EndpointSlice[] = [];
  const update = [...changes.update];
  for (const slice of changes.unchanged) {
    const counted = countHints(slice, byZone, allocations);
    if (counted === undefined) update.push(slice);
    else {
      unchanged.push(slice);
      for (const [zone, count] of counted) byZone.set(zone, (byZone.get(zone) ?? 0) + count);
    }
  }
  // Of slices that are written anyway, endpoints begin in their own zones.
  const writable = [...changes.create, ...update].flatMap(({ endpoints }) => endpoints ?? []);
  if (writable.some((endpoint) => isReady(endpoint) && !endpoint.zone)) return disabled(changes, 'One or more endpoints do not have a zone specified');
  for (const endpoint of writable) if (isReady(endpoint)) byZone.set(endpoint.zone!, (byZone.get(endpoint.zone!) ?? 0) + 1);
  if (byZone.size === 0) return disabled(changes, 'No hints allocated for zones');
  const zones = redistribute(writable, transfers(allocations, byZone));
  const hint = <T extends Slice>(slice: T): T => ({ ...slice, endpoints: (slice.endpoints ?? []).map((endpoint) => withZone(endpoint, zones.get(endpoint))) });
  const event: HintsEvent = { type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: 'Topology Aware Hints has been enabled, addressType: IPv4' };
  return { changes: { create: changes.create.map(hint), update: update.map(hint), delete: changes.delete, unchanged }, ...(hadHints ? {} : { event }) };
}

/** The share of each zone, or why there is none. */
function allocate(endpoints: number, ratios: ReadonlyMap<string, number> | undefined): Allocations | string {
  if (ratios === undefined) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  const counts = `(${endpoints} endpoints, ${ratios.size} zones)`;
  if (ratios.size > endpoints) return `Insufficient number of endpoints ${counts}`;
  const shares = [...ratios].map(([zone, ratio]) => {
    const exact = ratio * endpoints;
    const minimum = Math.ceil(exact * (1 / (1 + OVERLOAD)));
    return { zone, minimum, desired: Math.max(exact, minimum) };
  });
  const spare = endpoints - shares.reduce((sum, { minimum }) => sum + minimum, 0);
  if (spare < 0) return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${counts}`;
  return new Map(shares.map(({ zone, minimum, desired }) => [zone, { minimum, desired, maximum: minimum + spare }]));
}

/** The hints of a slice by zone; undefined where they are not allowed (any more). */
function countHints({ endpoints }: V1EndpointSlice, already: ReadonlyMap<string, number>, allocations: Allocations): ReadonlyMap<string, number> | undefined {
  const counted = new Map<string, number>();
  for (const endpoint of (endpoints ?? []).filter(isReady)) {
    const zones = endpoint.hints?.forZones ?? [];
    if (zones.length === 0 || zones.some(({ name }) => !allocations.has(name))) return undefined;
    for (const { name } of zones) counted.set(name, (counted.get(name) ?? 0) + 1);
  }
  for (const [zone, count] of counted) if (count + (already.get(zone) ?? 0) > allocations.get(zone)!.maximum) return undefined;
  return counted;
}

interface Transfers {
  /** How many endpoints a zone gives away. */
  readonly giving: Map<string, number>;
  readonly receiving: Map<string, number>;
}

/** Whole endpoints go from the zone with the most too many to the one with the most too few, as long as that brings both nearer. */
function transfers(allocations: Allocations, byZone: ReadonlyMap<string, number>): Transfers {
  const surplus = new Map<string, number>();
  for (const [zone, { desired }] of allocations) surplus.set(zone, (byZone.get(zone) ?? 0) - desired);
  const found: Transfers = { giving: new Map(), receiving: new Map() };
  for (;;) {
    const ordered = [...surplus].sort(([, left], [, right]) => right - left);
    const [giver, much] = ordered[0]!;
    const [taker, lack] = ordered.at(-1)!;
    const few = -lack;
    if ((much < 1 && few < 1) || much < 0.5 || few < 0.5) return found;
    for (const [map, zone, change] of [[found.giving, giver, -1], [found.receiving, taker, 1]] as const) {
      map.set(zone, (map.get(zone) ?? 0) + 1);
      surplus.set(zone, surplus.get(zone)! + change);
    }
  }
}

/** For which zone each ready endpoint is. */
function redistribute(endpoints: readonly V1Endpoint[], { giving, receiving }: Transfers): ReadonlyMap<V1Endpoint, string> {
  const zones = new Map<V1Endpoint, string>();
  for (const endpoint of endpoints.filter(isReady)) {
    const own = endpoint.zone!;
    const taker = (giving.get(own) ?? 0) > 0 ? [...receiving].find(([, count]) => count > 0)?.[0] : undefined;
    if (taker !== undefined) {
      giving.set(own, giving.get(own)! - 1);
      receiving.set(taker, receiving.get(taker)! - 1);
    }
    zones.set(endpoint, taker ?? own);
  }
  return zones;
}

function disabled(changes: SliceChanges, reason: string): HintedChanges {
  return { changes: changesWithoutHints(changes), event: { type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: `${reason}, addressType: IPv4` } };
}

/** No endpoint has a hint; slices that are otherwise unchanged are written where they have one. */
function changesWithoutHints(changes: SliceChanges): SliceChanges {
  const bare = <T extends Slice>(slice: T): T => ({ ...slice, endpoints: (slice.endpoints ?? []).map((endpoint) => withZone(endpoint, undefined)) });
  const { hinted = [], plain = [] } = Object.groupBy(changes.unchanged, (slice) => (hasHints([slice]) ? 'hinted' : 'plain'));
  return { create: changes.create.map(bare), update: [...changes.update, ...hinted].map(bare), delete: changes.delete, unchanged: plain };
}

function withZone(endpoint: V1Endpoint, zone: string | undefined): V1Endpoint {
  const bare = withoutHints(endpoint);
  return zone === undefined ? bare : { ...bare, hints: { forZones: [{ name: zone }] } };
}

const isReady = ({ conditions }: V1Endpoint): boolean => conditions?.ready === true;
