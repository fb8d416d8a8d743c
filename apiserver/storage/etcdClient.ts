import type { Clock } from '../../process/clock.ts';
import type { Dial } from '../../process/dial.ts';
import { decodeRange, decodeTxn, decodeWatch, encodeCompaction, encodeLeaseGrant, encodeRange, encodeTxn, encodeWatchCreate } from './etcdMessages.ts';
import type { RangeRequest, RangeResponse, TxnRequest, TxnResponse, WatchResponse } from './etcdMessages.ts';
import { EndpointPool } from './endpointPool.ts';
import { GrpcCode, GrpcConnection, GrpcError, type EtcdTlsMaterial } from './grpcConnection.ts';
import { decodeMemberList, encodeMemberList, memberUrls } from './memberUrls.ts';

export interface EtcdClientConfig {
  /** `https://host:port`, or http without `tls`. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTlsMaterial;
  /** How members are reached, unless directly. */
  readonly dial?: Dial;
  /** How long one operation may take, all attempts together. Default 5000. */
  readonly requestTimeoutMilliseconds?: number;
  /** Told whenever a member was left because it failed. */
  readonly onFailure?: () => void;
}

const DEFAULT_TIMEOUT_MS = 5_000;
/** With other members to turn to, one that does not answer is given up sooner. */
const ATTEMPT_MS = 2_000;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 400;

/** A watch that is open; `cancel` ends it. */
export interface OpenWatch {
  cancel(): void;
}

/**
 * etcd's calls over one connection to one member at a time; a member that fails is left for the next one.
 * 1. A read is tried on other members until its time is over.
 * 2. A write is sent again only if it can not have been sent before; else its caller learns of it (`GrpcError.sent`) and settles it.
 * 3. No answer of another etcd cluster than the first one's is ever given out: where one was restored from a snapshot in its place, `replaced`
 *    is aborted, and every call fails.
 */
export class EtcdClient {
  readonly #clock: Clock;
  readonly #pool: EndpointPool;
  /** By endpoint, made when it is first turned to. */
  readonly #connections = new Map<string, GrpcConnection>();
  readonly #config: EtcdClientConfig;
  readonly #timeout: number;
  readonly #replaced = new AbortController();
  #clusterId: number | undefined;
  #closed = false;

  /** `first` is the index of the endpoint to begin with. */
  constructor(config: EtcdClientConfig, clock: Clock, first = 0) {
    this.#clock = clock;
    this.#config = config;
    this.#pool = new EndpointPool(config.endpoints, first);
    this.#timeout = config.requestTimeoutMilliseconds ?? DEFAULT_TIMEOUT_MS;
  }

  /** Aborted when another etcd cluster answers. */
  get replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  /** The time (monotonic) until which an operation that begins now may last. */
  deadline(): number {
    return this.#clock.monotonic() + this.#timeout;
  }

  isOver(deadline: number): boolean {
    return this.#clock.monotonic() >= deadline;
  }

  /** Linearizable. */
  async range(request: RangeRequest, deadline = this.deadline()): Promise<RangeResponse> {
    return this.#checked(decodeRange(await this.#call('/etcdserverpb.KV/Range', encodeRange(request).finish(), deadline, true)));
  }

  async txn(request: TxnRequest, deadline = this.deadline()): Promise<TxnResponse> {
    return this.#checked(decodeTxn(await this.#call('/etcdserverpb.KV/Txn', encodeTxn(request).finish(), deadline, false)));
  }

  /** A second grant of the same id is refused by etcd, so it may be tried again freely with another. */
  async grantLease(id: number, seconds: number): Promise<void> {
    await this.#call('/etcdserverpb.Lease/LeaseGrant', encodeLeaseGrant(id, seconds).finish(), this.deadline(), false);
  }

  async compact(revision: number): Promise<void> {
    await this.#call('/etcdserverpb.KV/Compact', encodeCompaction(revision).finish(), this.deadline(), false);
  }

  /** Where the members of the cluster can be reached from here, by what the cluster says. */
  async members(): Promise<readonly string[]> {
    return memberUrls(this.#config.endpoints, decodeMemberList(await this.#call('/etcdserverpb.Cluster/MemberList', encodeMemberList(), this.deadline(), true)));
  }

  /** Turns to these members from now on; connections to others are given up. */
  useMembers(members: readonly string[]): void {
    this.#pool.learn(members);
    const known = new Set(this.#pool.all);
    for (const [endpoint, connection] of this.#connections) {
      if (known.has(endpoint)) continue;
      this.#connections.delete(endpoint);
      connection.close();
    }
  }

  /** Watches `[key, end)` from a revision on, on the present member. `ended` is called once, also after `cancel`. */
  watch(key: string, end: string, startRevision: number, response: (response: WatchResponse) => Promise<void> | void, ended: (error: GrpcError) => void): OpenWatch {
    const connection = this.#connection();
    return connection.stream('/etcdserverpb.Watch/Watch', encodeWatchCreate(key, end, startRevision).finish(), false, {
      message: (message) => response(decodeWatch(message)),
      end: ended,
    });
  }

  /** Leaves the present member for the next one. */
  turnToNextMember(): void {
    this.#leave(this.#connection());
  }

  /** Drops the present connection: what waits on it fails. */
  resetConnection(): void {
    this.#connection().reset();
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.values()) connection.close();
  }

  /** Revisions of two clusters mean nothing to each other. */
  #checked<T extends { readonly clusterId: number }>(response: T): T {
    this.#clusterId ??= response.clusterId;
    if (response.clusterId !== this.#clusterId) {
      this.#replaced.abort();
      throw new GrpcError(GrpcCode.unavailable, 'another etcd cluster has taken the place of the one that this server began with', true);
    }
    return response;
  }

  async #call(path: string, message: Uint8Array, deadline: number, repeatable: boolean): Promise<Buffer> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const connection = this.#connection();
      const left = deadline - this.#clock.monotonic();
      try {
        const answer = await connection.call(path, message, Math.max(1, this.#pool.hasOthers ? Math.min(ATTEMPT_MS, left) : left));
        this.#pool.answered();
        return answer;
      } catch (error) {
        if (!(error instanceof GrpcError) || !isOutage(error)) throw error;
        this.#leave(connection);
        if ((error.sent && !repeatable) || this.#clock.monotonic() + pause >= deadline) throw error;
      }
      await this.#clock.sleep(pause);
    }
  }

  #connection(): GrpcConnection {
    const endpoint = this.#pool.present;
    let connection = this.#connections.get(endpoint);
    if (!connection) {
      connection = new GrpcConnection(endpoint, this.#config.tls, this.#clock, this.#config.dial);
      // One that is asked for too late is of no use to anybody.
      if (this.#closed) connection.close();
      this.#connections.set(endpoint, connection);
    }
    return connection;
  }

  /** Another call may have turned away from it already. The connection is dropped: it may be the thing that hangs. */
  #leave(connection: GrpcConnection): void {
    if (this.#pool.present !== connection.endpoint) return;
    connection.reset();
    this.#pool.failed(connection.endpoint);
    this.#config.onFailure?.();
  }
}

/** Whether another member, or the same one later, may answer: nothing is wrong with the request itself. */
export function isOutage(error: GrpcError): boolean {
  const outages: readonly number[] = [GrpcCode.cancelled, GrpcCode.unknown, GrpcCode.deadlineExceeded, GrpcCode.internal, GrpcCode.unavailable];
  return outages.includes(error.code);
}
