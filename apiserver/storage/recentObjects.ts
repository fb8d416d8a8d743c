import type { StoredObject } from './types.ts';

/** More than are on their way at a time. */
const LIMIT = 256;

/**
 * Of each version of an object that this server writes two messages come from etcd: the answer and, on another connection, the event. Whichever comes first
 * makes the object, and the other takes it from here, so that one version stands in memory once. A version that nobody comes for makes room for later ones.
 */
export class RecentObjects {
  readonly #objects = new Map<string, StoredObject>();

  /** What `make` gives, or what it gave when this version was asked for before. A version is told by key and revision. */
  once(key: string, revision: number, make: () => StoredObject): StoredObject {
    const known = this.#objects.get(key);
    if (known?.revision === revision) {
      this.#objects.delete(key);
      return known;
    }
    const made = make();
    // A version that comes late must not drive out its successor.
    if (known && known.revision > revision) return made;
    this.#objects.delete(key);
    this.#objects.set(key, made);
    if (this.#objects.size > LIMIT) for (const oldest of this.#objects.keys()) if (this.#objects.delete(oldest)) break;
    return made;
  }
}
