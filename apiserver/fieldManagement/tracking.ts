import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { compareInSteps, type Comparison } from './compareObjects.ts';
import { asMap, type Fields, type FieldType } from './fieldType.ts';
import { isEmpty, isMember, recursiveDifference, union, type FieldSet, setOf } from './fieldSet.ts';
import { within, type PathPattern } from './countedFields.ts';
import { fieldElement } from './pathElement.ts';
import { setField } from '../../api/values/ownField.ts';

/** What field management is told of a write. */
export interface Tracking {
  readonly type: FieldType;
  /** The version that the write speaks. */
  readonly apiVersion: string;
  /** `''` for the object itself. */
  readonly subresource: string;
  /** Fields that this way of writing does not change (upstream's reset fields). */
  readonly ignored: FieldSet;
  /** The only fields that this way of writing changes; absent: all but `ignored`. */
  readonly counted?: readonly PathPattern[] | undefined;
  /** The request's time, as objects bear it. */
  readonly now: string;
  /** The kind's type in a version of its group; undefined where that version is not known. */
  typeIn(apiVersion: string): FieldType | undefined;
  /** An object of one known version in another. */
  convert(object: Fields, from: string, to: string): Fields;
}

const metadataField = (name: string): readonly string[] => [fieldElement('metadata'), fieldElement(name)];

/** What never enters `managedFields`. */
export const STRIPPED: FieldSet = setOf(
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map(metadataField),
);

/** An object as field management sees it: without `managedFields`, and without what lies wholly in fields that do not count. */
export function visible(object: KubeObject | IncomingObject | Fields | undefined, ignored: FieldSet): Fields {
  const fields: Record<string, unknown> = {};
  for (const name in object as Fields | undefined) {
    const node = ignored[fieldElement(name)];
    if (node && isMember(node)) continue;
    const value = (object as Fields)[name];
    setField(fields, name, name === 'metadata' ? withoutEntries(value) : value);
  }
  return fields;
}

function withoutEntries(metadata: unknown): unknown {
  const fields = asMap(metadata);
  return fields?.['managedFields'] === undefined ? metadata : { ...fields, managedFields: undefined };
}

/** What a write changes, in each version that somebody's fields are named in; made when it is asked for. */
export class Changes {
  readonly #tracking: Tracking;
  readonly #before: Fields | undefined;
  readonly #after: Fields;
  readonly #known = new Map<string, Comparison | undefined>();

  /** Of the whole objects; `before` is undefined for a create. */
  constructor(tracking: Tracking, before: Fields | undefined, after: Fields) {
    this.#tracking = tracking;
    this.#before = before;
    this.#after = after;
  }

  /** Undefined where the version is not known any more. Of large objects it yields between its steps. */
  *in(apiVersion: string): Generator<void, Comparison | undefined> {
    if (this.#known.has(apiVersion)) return this.#known.get(apiVersion);
    const comparison = yield* this.#compare(apiVersion);
    this.#known.set(apiVersion, comparison);
    return comparison;
  }

  *#compare(apiVersion: string): Generator<void, Comparison | undefined> {
    const { apiVersion: own } = this.#tracking;
    const type = this.#tracking.typeIn(apiVersion);
    if (!type) return undefined;
    // A webhook that converts is shown the object as it is, not only what counts here.
    const inVersion = (object: Fields): Fields => (apiVersion === own ? object : this.#tracking.convert(visible(object, {}), own, apiVersion));
    const seen = (object: Fields | undefined): Fields => visible(object && inVersion(object), this.#tracking.ignored);
    return without(yield* compareInSteps(type, seen(this.#before), seen(this.#after)), this.#tracking);
  }
}

function without({ added, modified, removed }: Comparison, tracking: Tracking): Comparison {
  if (isEmpty(tracking.ignored) && !tracking.counted) return { added, modified, removed };
  return { added: ownable(tracking, added), modified: ownable(tracking, modified), removed: ownable(tracking, removed) };
}

/** What of these fields this way of writing may own. */
export function ownable({ ignored, counted }: Pick<Tracking, 'ignored' | 'counted'>, fields: FieldSet): FieldSet {
  const left = recursiveDifference(fields, ignored);
  return counted ? within(left, counted) : left;
}

export const isUnchanged = ({ added, modified, removed }: Comparison): boolean => isEmpty(added) && isEmpty(modified) && isEmpty(removed);

/** Every path that changed. */
export const changedFields = ({ added, modified, removed }: Comparison): FieldSet => union(union(added, modified), removed);
