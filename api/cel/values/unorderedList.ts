import { toJson } from '../toJson.ts';
import { CelError } from './celError.ts';
import { CelList } from './list.ts';
import { CelMap, mapKey } from './map.ts';
import type { CelValue } from './value.ts';

type Identity = string | number | bigint | boolean | undefined;

/** Elements that are compared while one is looked up. */
const LOOKING_UP = 5;

/**
 * A list of a custom resource whose order does not count: `x-kubernetes-list-type: set`, of which `keys` is empty, or `map`, with the names of the fields that tell
 * its elements apart. Upstream's `unstructuredSetList` and `unstructuredMapList`.
 */
export class UnorderedList extends CelList {
  readonly #keys: readonly string[];

  /** Without `convert` the items are values already. */
  constructor(items: readonly unknown[], convert: ((item: unknown) => CelValue) | undefined, keys: readonly string[]) {
    super(items, convert);
    this.#keys = keys;
  }

  override inOrderOf(other: CelList, looked: { elements: number }): CelList | undefined {
    looked.elements += LOOKING_UP * this.size;
    const elements = this.#byIdentity();
    const found: CelValue[] = [];
    for (const element of other) {
      const match = elements.get(this.#identity(element));
      if (match === undefined) return undefined;
      found.push(match);
    }
    return new CelList(found);
  }

  /** The elements of both: of a map, those of the other take the place of those with the same keys. */
  override concat(other: CelList): CelList {
    const elements = this.#byIdentity();
    for (const element of other) elements.set(this.#identity(element), element);
    return new UnorderedList([...elements.values()], undefined, this.#keys);
  }

  #byIdentity(): Map<Identity, CelValue> {
    const elements = new Map<Identity, CelValue>();
    for (const element of this) elements.set(this.#identity(element), element);
    return elements;
  }

  /** What tells an element from others. */
  #identity(element: CelValue): Identity {
    if (this.#keys.length === 0) return identityOf(element);
    if (!(element instanceof CelMap)) return undefined;
    return this.#keys.length === 1 ? identityOf(element.get(this.#keys[0]!)) : this.#keys.map((key) => JSON.stringify(String(identityOf(element.get(key))))).join(',');
  }
}

function identityOf(value: CelValue | undefined): Identity {
  if (value === undefined || value === null) return undefined;
  return mapKey(value) ?? (value instanceof CelError ? value.message : JSON.stringify(toJson(value)));
}
