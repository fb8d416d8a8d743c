import type { AuditEvent } from './auditEvent.ts';

export interface TruncateLimits {
  /** Bytes of all events of a batch together. */
  readonly maxBatchSize: number;
  /** Bytes of one event. */
  readonly maxEventSize: number;
}

export const DEFAULT_LIMITS: TruncateLimits = { maxBatchSize: 10 * 1024 * 1024, maxEventSize: 100 * 1024 };

/** Takes the objects out of events that are too large, leaves those out that are too large even so, and cuts batches that are too large. */
export function truncateEvents(events: readonly AuditEvent[], { maxBatchSize, maxEventSize }: TruncateLimits): AuditEvent[][] {
  const batches: AuditEvent[][] = [];
  let batch: AuditEvent[] = [];
  let size = 0;
  for (const event of events) {
    const [kept, bytes] = fitting(event, maxEventSize);
    if (!kept) continue;
    if (batch.length > 0 && size + bytes > maxBatchSize) {
      batches.push(batch);
      batch = [];
      size = 0;
    }
    batch.push(kept);
    size += bytes;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}

function fitting(event: AuditEvent, limit: number): [AuditEvent | undefined, number] {
  const size = sizeOf(event);
  if (size <= limit) return [event, size];
  const { requestObject: _request, responseObject: _response, ...rest } = event;
  const cut: AuditEvent = { ...rest, annotations: { ...event.annotations, 'audit.k8s.io/truncated': 'true' } };
  const left = sizeOf(cut);
  return left <= limit ? [cut, left] : [undefined, 0];
}

const sizeOf = (event: AuditEvent): number => Buffer.byteLength(JSON.stringify(event));
