/** What clients did and saw during an experiment: plain data, which the checker judges afterwards. Times are monotonic milliseconds of one clock. */
export interface History {
  readonly writes: readonly WriteRecord[];
  readonly reads: readonly ReadRecord[];
  readonly watches: readonly WatchRecord[];
  /** A consistent list after everything had healed and every writer had stopped. */
  readonly final: StateRecord;
}

/** One attempt to change one object. An object has one writer, which makes its attempts one after the other. */
export interface WriteRecord {
  readonly writer: string;
  readonly name: string;
  /** Unlike every other attempt's; undefined for a deletion. */
  readonly value: string | undefined;
  readonly began: number;
  readonly ended: number;
  /** `refused`: an answer said that nothing was done. `unknown`: there was no answer, or one that does not tell. */
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
  /** Whether it named no version to start from: without an answer it may take effect at any time at which the object is absent. */
  readonly creates?: boolean;
  /** Of an acknowledged write. */
  readonly resourceVersion?: number;
}

/** Values of all objects, by name, at one resourceVersion. */
export interface StateRecord {
  readonly resourceVersion: number;
  readonly objects: Readonly<Record<string, { readonly value: string; readonly resourceVersion: number }>>;
}

/** A consistent list. */
export interface ReadRecord extends StateRecord {
  readonly began: number;
  readonly ended: number;
}

/** What one watcher was told, in order. It lists once, then watches, and resumes after each break where it was. */
export interface WatchRecord {
  readonly watcher: string;
  readonly items: readonly WatchItem[];
}

export type WatchItem =
  /** A list from which the watch goes on; a later one follows on 410 Gone. */
  | ({ readonly kind: 'list' } & StateRecord)
  | { readonly kind: 'event'; readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly name: string; readonly value: string; readonly resourceVersion: number }
  /** Everything up to this resourceVersion has been told. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: number };
