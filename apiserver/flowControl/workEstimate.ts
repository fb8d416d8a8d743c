import { isTrue } from '../request/requestInfo.ts';
import type { RequestInfo } from '../types.ts';

/** What a request takes of its level. */
export interface WorkEstimate {
  /** Seats while it is worked on. */
  readonly initialSeats: number;
  /** Seats for `lingerMilliseconds` after its answer, for those who watch what it wrote. */
  readonly finalSeats: number;
  readonly lingerMilliseconds: number;
}

/** What there is of the resource that a request is about; asked only where it matters. */
export interface ResourceFigures {
  objects(info: RequestInfo): number;
  /** The mean size of an object in bytes. */
  objectBytes(info: RequestInfo): number;
  /** Watches that would hear of a change. */
  watches(info: RequestInfo): number;
}

const ONE: WorkEstimate = { initialSeats: 1, finalSeats: 0, lingerMilliseconds: 0 };
const BYTES_PER_SEAT = 100_000;
/** What is answered from memory in pieces never costs more than this, however much it is (`cacheWithStreamingMaxMemoryUsage`). */
const STREAMED_BYTES = 1_000_000;
const MOST_LIST_SEATS = 100;
const MOST_WRITE_SEATS = 10;
const WATCHES_PER_SEAT = 10;
/** How long the events of one write keep a seat busy (`eventAdditionalDuration`). */
const EVENT_MS = 5;
/** Part of a level's seats that one request may take (`priorityLevelMaxSeatsPercent`). */
const LARGEST_PART = 0.15;
const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete']);

/** The most that one request may take of a level with `nominal` seats; undefined where the level has no queues, which bounds nothing. */
export function mostSeats(nominal: number, handSize: number | undefined): number | undefined {
  return handSize === undefined ? undefined : Math.max(1, Math.min(Math.ceil(nominal * LARGEST_PART), Math.floor(nominal / handSize)));
}

/** The seats of a request (`NewWorkEstimator`): 1, and more for what loads many objects or is watched by many. `most` is the level's `mostSeats`. */
export function estimateWork(info: RequestInfo, query: URLSearchParams, most: number | undefined, figures: ResourceFigures): WorkEstimate {
  if (info.verb === 'list' || info.verb === 'watch') return { ...ONE, initialSeats: listSeats(info, query, Math.min(most ?? MOST_LIST_SEATS, MOST_LIST_SEATS), figures) };
  if (!WRITES.has(info.verb)) return ONE;
  // A token is no event of its account.
  if (info.resource === 'serviceaccounts' && info.subresource === 'token') return ONE;
  const watches = figures.watches(info);
  if (watches < WATCHES_PER_SEAT) return ONE;
  const seats = Math.ceil(watches / WATCHES_PER_SEAT);
  const finalSeats = Math.min(seats, most ?? MOST_WRITE_SEATS, MOST_WRITE_SEATS);
  return { initialSeats: 1, finalSeats, lingerMilliseconds: (seats * EVENT_MS) / finalSeats };
}

/** Seats that must be free for a request to begin. */
export const seatsOf = ({ initialSeats, finalSeats }: WorkEstimate): number => Math.max(initialSeats, finalSeats);

function listSeats(info: RequestInfo, query: URLSearchParams, most: number, figures: ResourceFigures): number {
  const { verb, name } = info;
  const asked = query.get('limit') ?? '0';
  // It will be refused for that.
  if (!isWhole(asked) || !isWhole(query.get('timeoutSeconds') ?? '0')) return most;
  if (verb === 'watch' && !isTrue(query.get('sendInitialEvents')) && !['', '0'].includes(query.get('resourceVersion') ?? '')) return 1;
  const stored = figures.objects(info);
  const limit = Number(asked);
  const limited = limit > 0 ? Math.min(limit, stored) : stored;
  const fromStorage = verb === 'list' && isOfStorage(query, limit);
  const selects = (query.get('fieldSelector') ?? '') !== '' || (query.get('labelSelector') ?? '') !== '';
  const loaded = name !== '' ? 1 : fromStorage && selects ? Math.max(limited, Math.floor(stored / 2)) : limited;
  const bytes = loaded * figures.objectBytes(info);
  return Math.min(most, Math.max(1, Math.ceil((fromStorage ? bytes : Math.min(bytes, STREAMED_BYTES)) / BYTES_PER_SEAT)));
}

const isWhole = (text: string): boolean => /^[+-]?\d+$/.test(text);

/** Lists of the past are read from etcd (`ShouldDelegateList`). */
function isOfStorage(query: URLSearchParams, limit: number): boolean {
  const match = query.get('resourceVersionMatch') ?? '';
  if (match !== '') return match !== 'NotOlderThan';
  const version = query.get('resourceVersion') ?? '';
  return (query.get('continue') ?? '') !== '' || (limit > 0 && version !== '' && version !== '0');
}
