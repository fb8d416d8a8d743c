import { type ApiError, failure, internalError, requestTooLarge, serviceUnavailable } from '../../api/apiError.ts';
import { decodeStored, encodeObject } from './encodedObject.ts';
import { isOutage, type EtcdClient } from './etcdClient.ts';
import { Fence } from './fence.ts';
import type { KeyValue, RequestOperation, TxnResponse } from './etcdMessages.ts';
import { GrpcCode, GrpcError } from './grpcConnection.ts';
import { OWN_PREFIX, TICK_KEY } from './keys.ts';
import { RecentObjects } from './recentObjects.ts';
import { chooseWitness, isGuarded, isLateProof, judge, type Witness } from './settle.ts';
import type { SharedLeases } from './sharedLeases.ts';
import type { Check, Operation, Storage, StoredObject, TransactionResult } from './types.ts';

/** How far back in a key's history a lost answer is looked for. */
const HISTORY_STEPS = 16;

/** Objects per read of a list at an old revision. */
const LIST_PAGE = 500;

type Put = Extract<RequestOperation, { kind: 'put' }>;

/** `Storage` on etcd. */
export class EtcdStorage implements Storage {
  readonly #client: EtcdClient;
  readonly #leases: SharedLeases;
  readonly #offset: number;
  readonly #fence: Fence;
  readonly #recent = new RecentObjects();
  readonly #encrypts: boolean;

  /** `offset` is what a resourceVersion is ahead of etcd's revision; `encrypts`: the client encrypts. */
  constructor(client: EtcdClient, leases: SharedLeases, offset: number, encrypts = false) {
    this.#client = client;
    this.#encrypts = encrypts;
    this.#leases = leases;
    this.#offset = offset;
    this.#fence = new Fence(client);
  }

  toResourceVersion(revision: number): string {
    return String(revision + this.#offset);
  }

  fromResourceVersion(resourceVersion: string): number {
    return Number(resourceVersion) - this.#offset;
  }

  /** An etcd value as the object that readers get. */
  decode(kv: KeyValue): StoredObject {
    if (kv.trouble) throw kv.trouble;
    return decodeStored(kv.key, kv.value, kv.modRevision, this.toResourceVersion(kv.modRevision));
  }

  /** As `decode`, for an event: the object is the one that the writer was given, where this server wrote it. */
  decodeEvent(kv: KeyValue): StoredObject {
    return kv.trouble || kv.key.startsWith(OWN_PREFIX) ? this.decode(kv) : this.#recent.once(kv.key, kv.modRevision, () => this.decode(kv));
  }

  async get(key: string): Promise<StoredObject | undefined> {
    const { kvs } = await this.#client.range({ key }).catch(refuse);
    return kvs[0] && this.decode(kvs[0]);
  }

  async isStale(key: string): Promise<boolean> {
    if (!this.#encrypts) return false;
    const { kvs } = await this.#client.range({ key }).catch(refuse);
    return kvs[0]?.stale === true;
  }

  async currentRevision(): Promise<number> {
    const { revision } = await this.#client.range({ key: TICK_KEY, countOnly: true }).catch(refuse);
    return revision;
  }

  async listAt(prefix: string, revision: number): Promise<readonly StoredObject[] | undefined> {
    // From before a restore of etcd; to etcd itself it would mean the present.
    if (revision <= 0) return undefined;
    const found: StoredObject[] = [];
    // `0` is the character behind `/`, with which a prefix ends.
    const end = `${prefix.slice(0, -1)}0`;
    for (let key = prefix; ; ) {
      let page;
      try {
        page = await this.#client.range({ key, end, limit: LIST_PAGE, revision });
      } catch (error) {
        if (error instanceof GrpcError && error.code === GrpcCode.outOfRange) return undefined;
        return refuse(error);
      }
      for (const kv of page.kvs) found.push(this.decode(kv));
      const last = page.kvs.at(-1);
      if (!page.more || !last) return found;
      key = `${last.key}\0`;
    }
  }

  async transact(checks: readonly Check[], operations: readonly Operation[]): Promise<TransactionResult> {
    const deadline = this.#client.deadline();
    let writes = await this.#encode(operations).catch(refuse);
    const changes = writes.flatMap(toWrite);
    const isRepeatable = isGuarded(checks, changes);
    const isFenced = isRepeatable && !isLateProof(checks, changes);
    let lost = false;
    for (;;) {
      const fence = isFenced ? this.#fence.compare : undefined;
      try {
        const compare = [...checks.map(toCompare), ...(fence ? [fence] : [])];
        const response = await this.#client.txn({ compare, success: writes, failure: [...checks.map(toRead), ...(fence ? [this.#fence.read] : [])] }, deadline);
        if (response.succeeded) return this.#committed(response.revision, operations, writes);
        if (fence && this.#fence.learn(fence, response.responses[checks.length]) && holds(checks, response)) continue;
        // The comparison may have failed because an earlier sending, whose answer was lost, had succeeded.
        const applied = lost ? await this.#appliedAt(checks, writes, deadline) : undefined;
        return applied === undefined ? this.#refused(checks, response) : this.#committed(applied, operations, writes);
      } catch (error) {
        if (error instanceof GrpcError && error.code === GrpcCode.notFound && error.message.includes('lease')) {
          this.#leases.forget();
          writes = await this.#encode(operations).catch(refuse);
          continue;
        }
        if (!(error instanceof GrpcError) || !isOutage(error) || !error.sent) return refuse(error);
        lost = true;
        if (fence) await this.#fence.raise(fence, deadline).catch(() => refuse(error));
        const applied = await this.#appliedAt(checks, writes, deadline).catch(() => refuse(error));
        if (applied !== undefined) return this.#committed(applied, operations, writes);
        if (!isRepeatable) return refuse(error);
      }
    }
  }

  #committed(revision: number, operations: readonly Operation[], writes: readonly RequestOperation[]): TransactionResult {
    const resourceVersion = this.toResourceVersion(revision);
    const stored = writes
      .filter((write, index): write is Put => write.kind === 'put' && operations[index]?.kind === 'put')
      .map(({ key, value }) => this.#recent.once(key, revision, () => decodeStored(key, value, revision, resourceVersion)));
    return { committed: true, revision, stored };
  }

  #refused(checks: readonly Check[], response: TxnResponse): TransactionResult {
    const current = new Map<string, StoredObject | undefined>();
    for (const [index, { key }] of checks.entries()) {
      const kv = response.responses[index]?.kvs[0];
      current.set(key, kv && this.decode(kv));
    }
    return { committed: false, current };
  }

  /** The revision at which a transaction whose answer was lost was applied; undefined: it was not. */
  async #appliedAt(checks: readonly Check[], writes: readonly RequestOperation[], deadline: number): Promise<number | undefined> {
    const witness = chooseWitness(checks, writes.flatMap(toWrite));
    if (!witness) return undefined;
    return this.#search(witness, deadline);
  }

  async #search(witness: Witness, deadline: number): Promise<number | undefined> {
    let asOf: number | undefined;
    for (let step = 0; step < HISTORY_STEPS; step += 1) {
      const { kvs, revision } = await this.#client.range({ key: witness.key, ...(asOf === undefined ? {} : { revision: asOf }) }, deadline);
      const verdict = judge(witness, kvs[0], asOf ?? revision);
      if (verdict.kind !== 'older') return verdict.kind === 'applied' ? verdict.revision : undefined;
      asOf = verdict.asOf;
    }
    return undefined;
  }

  #encode(operations: readonly Operation[]): Promise<readonly RequestOperation[]> {
    return Promise.all(operations.map((operation) => this.#encodeOne(operation)));
  }

  async #encodeOne(operation: Operation): Promise<RequestOperation> {
    if (operation.kind === 'delete') return { kind: 'delete', key: operation.key };
    if (operation.kind === 'putValue') return { kind: 'put', key: operation.key, value: Buffer.from(JSON.stringify(operation.value)) };
    const lease = operation.leaseSeconds === undefined ? {} : { lease: await this.#leases.lease(operation.leaseSeconds) };
    return { kind: 'put', key: operation.key, value: encodeObject(operation.object), ...lease };
  }
}

function toCompare(check: Check): { key: string; modRevision: number } {
  return { key: check.key, modRevision: check.revision };
}

function toRead({ key }: Check): RequestOperation {
  return { kind: 'range', range: { key } };
}

/** Whether each comparison would have been true; the answer tells the present state of each key. */
function holds(checks: readonly Check[], { responses }: TxnResponse): boolean {
  return checks.every(({ revision }, index) => (responses[index]?.kvs[0]?.modRevision ?? 0) === revision);
}

function toWrite(operation: RequestOperation): { key: string; value: Buffer | undefined }[] {
  if (operation.kind === 'range') return [];
  return [{ key: operation.key, value: operation.kind === 'put' ? operation.value : undefined }];
}

/** Turns etcd's refusal into what a client is told. */
export function refuse(error: unknown): never {
  if (!(error instanceof GrpcError)) throw error;
  if (isOutage(error)) throw unavailable(error.message);
  if (error.message.includes('request is too large') || error.message.includes('larger than max')) throw requestTooLarge(error.message);
  if (error.message.includes('database space exceeded')) throw failure(500, 'InternalError', error.message);
  throw internalError(error.message);
}

/** etcd does not answer: 503, try again. */
export function unavailable(cause: string): ApiError {
  return serviceUnavailable(`etcd does not answer: ${cause}`);
}

