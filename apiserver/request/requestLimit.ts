import type { RequestInfo, UserInfo } from '../types.ts';

/** A request that is being worked on. */
export interface Ticket {
  /** It is done; call once. */
  leave(): void;
}

/** Where a request belongs. */
export interface RequestFlow {
  /** What the answer says of it, whatever becomes of the request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Lets the request in at once, or when it is its turn; throws, or rejects with, `tooManyRequests`. */
  enter(signal: AbortSignal): Ticket | Promise<Ticket>;
  /** Of a watch: counts it among those that are told of changes, until what comes back is called. */
  watching?(): () => void;
}

/** Bounds how much is worked on at a time. */
export interface RequestLimit {
  classify(info: RequestInfo, user: UserInfo, query: URLSearchParams): RequestFlow;
}
