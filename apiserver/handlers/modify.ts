import { ApiError, conflict, OBJECT_MODIFIED } from '../../api/apiError.ts';
import type { GroupResource } from '../../api/apiError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { Check, Operation, StoredObject } from '../storage/types.ts';
import type { Engine } from './call.ts';

/** Below the 60 s that a request may take. */
const LONGEST_MS = 30_000;

/** What a decision wants done with the state that it was shown. */
export type Change =
  | { readonly kind: 'put'; readonly object: KubeObject; readonly leaseSeconds?: number; readonly along?: Along; readonly undo?: Undo; /** Rather than refuse an object that etcd finds too large, store it without the owners of its fields. */ readonly ownersMayGo?: boolean }
  | { readonly kind: 'delete'; /** The last state, which is not stored any more. */ readonly shown?: KubeObject; readonly along?: Along; readonly undo?: Undo }
  /** Nothing is written; the state that was shown is the answer. */
  | { readonly kind: 'keep' }
  /** Nothing is written, and this is the answer (dry run). */
  | { readonly kind: 'pretend'; readonly object: KubeObject | undefined; readonly undo?: Undo };

/** Further parts of the transaction. */
export interface Along {
  readonly checks: readonly Check[];
  readonly operations: readonly Operation[];
}

/** Gives back what admission charged, when the write is not made. */
export type Undo = () => Promise<void>;

export type Outcome =
  | { readonly kind: 'stored'; readonly stored: StoredObject; readonly created: boolean }
  | { readonly kind: 'deleted'; readonly last: StoredObject; readonly shown?: KubeObject; readonly revision: number }
  | { readonly kind: 'kept'; readonly stored: StoredObject | undefined }
  | { readonly kind: 'pretended'; readonly object: KubeObject | undefined; readonly created: boolean };

export interface Target {
  readonly key: string;
  readonly resource: GroupResource;
  readonly name: string;
}

/**
 * Changes one key by a transaction.
 * 1. `decide` begins with the object in memory; when the transaction fails it is called again with what its failure branch returned.
 * 2. A refusal, and a decision to write nothing, never rest on memory: the key is read live first, and if it differs, decided anew.
 * 3. What admission charged for an attempt that was not committed is given back.
 * Ends with a conflict only when the client has gone, or when others were faster for half a minute.
 */
export async function modify(
  engine: Engine,
  target: Target,
  signal: AbortSignal,
  decide: (current: StoredObject | undefined, attempt: number) => Promise<Change>,
  start?: { readonly current: StoredObject | undefined },
): Promise<Outcome> {
  let current = start ? start.current : engine.cache.get(target.key);
  let live = start !== undefined;
  const end = engine.clock.monotonic() + LONGEST_MS;
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted || engine.clock.monotonic() > end) throw conflict(target.resource, target.name, OBJECT_MODIFIED);
    let change: Change;
    try {
      change = await decide(current, attempt);
    } catch (error) {
      if (live || !(error instanceof ApiError)) throw error;
      const fresh = await engine.storage.get(target.key);
      live = true;
      if (fresh?.revision === current?.revision) throw error;
      current = fresh;
      continue;
    }
    if (change.kind === 'keep' || change.kind === 'pretend') {
      if (!live) {
        const fresh = await engine.storage.get(target.key);
        live = true;
        if (fresh?.revision !== current?.revision) {
          await giveBack(change);
          current = fresh;
          continue;
        }
      }
      await giveBack(change);
      if (change.kind === 'keep') return { kind: 'kept', stored: current };
      return { kind: 'pretended', object: change.object, created: current === undefined };
    }
    const outcome = await write(engine, target, current, change);
    if (outcome.kind !== 'lost') return outcome;
    current = outcome.current;
    live = true;
  }
}

type Lost = { readonly kind: 'lost'; readonly current: StoredObject | undefined };

async function write(engine: Engine, target: Target, current: StoredObject | undefined, change: Extract<Change, { kind: 'put' | 'delete' }>): Promise<Outcome | Lost> {
  const own = (object: KubeObject | undefined): Operation =>
    change.kind === 'put'
      ? { kind: 'put', key: target.key, object: object ?? change.object, ...(change.leaseSeconds === undefined ? {} : { leaseSeconds: change.leaseSeconds }) }
      : { kind: 'delete', key: target.key };
  const attempt = (object?: KubeObject): ReturnType<Engine['storage']['transact']> => engine.storage.transact(checks, [own(object), ...(change.along?.operations ?? [])]);
  const checks = [{ key: target.key, revision: current?.revision ?? 0 }, ...(change.along?.checks ?? [])];
  let result;
  try {
    result = await attempt().catch((error: unknown) => {
      const lighter = isTooLarge(error) ? withoutOwners(change) : undefined;
      if (!lighter) throw error;
      return attempt(lighter);
    });
  } catch (error) {
    await giveBack(change);
    throw error;
  }
  if (!result.committed) {
    await giveBack(change);
    return { kind: 'lost', current: result.current.get(target.key) };
  }
  if (change.kind === 'put') return { kind: 'stored', stored: result.stored[0]!, created: current === undefined };
  return { kind: 'deleted', last: current!, revision: result.revision, ...(change.shown ? { shown: change.shown } : {}) };
}

const isTooLarge = (error: unknown): boolean => error instanceof ApiError && error.reason === 'RequestEntityTooLarge';

/** Without `managedFields`, which may be larger than all the rest; undefined where they are to stay, or there are none. */
function withoutOwners(change: Change): KubeObject | undefined {
  if (change.kind !== 'put' || !change.ownersMayGo || !change.object.metadata.managedFields) return undefined;
  const { managedFields: _, ...metadata } = change.object.metadata;
  return { ...change.object, metadata };
}

async function giveBack(change: Change): Promise<void> {
  if (change.kind !== 'keep' && change.undo) await change.undo();
}
