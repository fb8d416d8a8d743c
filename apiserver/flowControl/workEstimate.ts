import type { RequestInfo } from '../types.ts';

const OBJECTS_PER_SEAT = 100;
/** What is answered from memory in pieces never costs more than this, however much it is (`cacheWithStreamingMaxMemoryUsage` / `bytesPerSeat`). */
const MOST_SEATS = 10;
/** Part of a level's seats that one request may take. */
const LARGEST_PART = 0.15;

/**
 * How many seats a request takes: 1, and for lists and the present state of a watch one for each hundred objects (of about 1 KB).
 * `count` is the number of objects that there are; `nominal` the seats of the level.
 */
export function seatsOf({ verb, name }: RequestInfo, query: URLSearchParams, nominal: number, count: () => number): number {
  if (verb !== 'list' && !(verb === 'watch' && query.get('sendInitialEvents') === 'true')) return 1;
  if (name !== '') return 1;
  const limit = Number(query.get('limit') ?? 0);
  const objects = limit > 0 ? Math.min(limit, count()) : count();
  const most = Math.max(1, Math.min(MOST_SEATS, Math.ceil(nominal * LARGEST_PART)));
  return Math.min(most, Math.max(1, Math.ceil(objects / OBJECTS_PER_SEAT)));
}
