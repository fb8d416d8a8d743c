import type { ServerSessionOptions } from 'node:http2';

/** What can be chosen of HTTP/2. */
export interface Http2Config {
  /** `--http2-max-streams-per-connection`; 0: as many as clients open before they are told (100), as in Kubernetes. */
  readonly maxStreamsPerConnection?: number;
  /** After how long a connection without requests is closed, in milliseconds; 90 s unless given. */
  readonly idleMilliseconds?: number;
}

/** Go's `initialMaxConcurrentStreams`, which Kubernetes takes where the flag is 0. */
const DEFAULT_STREAMS = 100;
/** Kubernetes' `resourceBody99Percentile`: nearly every object fits into one frame and a stream's window. */
export const STREAM_BUFFER_BYTES = 256 * 1024;
/** As on HTTP/1.1: Go's `DefaultMaxHeaderBytes`, and Node's number of headers. */
const MAX_HEADER_BYTES = 1024 * 1024;
const MAX_HEADERS = 2_000;
const LARGEST_WINDOW = 2 ** 31 - 1;
const MEGABYTE = 1_000_000;

/** How sessions are opened, and how many bytes of bodies a client may send on one before some have been read (`MaxReceiveBufferPerConnection`). */
export function http2Options({ maxStreamsPerConnection = 0 }: Http2Config): { readonly session: ServerSessionOptions; readonly windowBytes: number } {
  const streams = maxStreamsPerConnection > 0 ? maxStreamsPerConnection : DEFAULT_STREAMS;
  const bytes = STREAM_BUFFER_BYTES * streams;
  return {
    session: {
      settings: { maxConcurrentStreams: streams, initialWindowSize: STREAM_BUFFER_BYTES, maxFrameSize: STREAM_BUFFER_BYTES, maxHeaderListSize: MAX_HEADER_BYTES },
      maxHeaderListPairs: MAX_HEADERS,
      // Beyond this no further streams are taken. All that wait with a slice to be sent are within it, and as much again of what Node keeps for them.
      maxSessionMemory: Math.ceil((2 * bytes) / MEGABYTE),
    },
    windowBytes: Math.min(bytes, LARGEST_WINDOW),
  };
}
