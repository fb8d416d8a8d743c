/** What the order of the queue depends on. */
export interface Queued {
  readonly info: { readonly priority: number };
  /** When the pod came into the queue (monotonic). */
  readonly timestamp: number;
}

/** The queue's order: higher priority first, then who came first. */
export function prioritySort(left: Queued, right: Queued): boolean {
  const by = left.info.priority - right.info.priority;
  return by > 0 || (by === 0 && left.timestamp < right.timestamp);
}
