import type { Fields } from './fieldType.ts';
import { difference, EMPTY, intersection, isEmpty, union, type FieldSet } from './fieldSet.ts';
import type { FieldOwner } from './managedFields.ts';
import { withNamedFields } from './namedFields.ts';
import { removeFields } from './removeFields.ts';
import { toFieldSet } from './toFieldSet.ts';
import type { Tracking } from './tracking.ts';

type Versions = Pick<Tracking, 'apiVersion' | 'typeIn' | 'convert'>;

interface Versioned {
  readonly version: string;
  readonly object: Fields;
}

/**
 * Takes from a merged object what its applier owned last time, and neither it nor anybody else owns now. `owners` has the applier's new set
 * already. Of what the applier did not own nothing is taken, wherever it lies.
 */
export function* pruneFields(versions: Versions, merged: Fields, owners: ReadonlyMap<string, FieldOwner>, last: FieldOwner | undefined): Generator<void, Fields> {
  if (!last || isEmpty(last.fields) || !versions.typeIn(last.apiVersion)) return merged;
  // Most applies say again all that the last one said: what is owned goes back in with all that it lies in, so that nothing would be taken.
  const isOwnedStill = [...owners.values()].some(({ apiVersion, fields }) => apiVersion === last.apiVersion && isEmpty(difference(last.fields, fields)));
  if (isOwnedStill) return merged;
  yield;
  const start = { version: last.apiVersion, object: to(versions, { version: versions.apiVersion, object: merged }, last.apiVersion) };
  const pruned = yield* addBackOwned(versions, start, { ...start, object: remove(versions, start, withNamed(versions, last.fields, start.version)) }, owners);
  yield;
  const settled = removeUnowned(versions, start, to(versions, pruned, start.version), last.fields);
  return to(versions, { version: start.version, object: settled }, versions.apiVersion);
}

const to = ({ convert }: Versions, { version, object }: Versioned, wanted: string): Fields => (version === wanted ? object : convert(object, version, wanted));

const withNamed = ({ typeIn }: Versions, set: FieldSet, version: string): FieldSet => withNamedFields(set, typeIn(version));

function remove({ typeIn }: Versions, { version, object }: Versioned, set: FieldSet): Fields {
  return (removeFields(typeIn(version)!, object, set) ?? {}) as Fields;
}

const fieldsOf = (versions: Versions, { version, object }: Versioned): FieldSet => withNamed(versions, toFieldSet(versions.typeIn(version)!, object), version);

/** Gives back what somebody owns, in the version that each names it in; the version of the last apply comes first. */
function* addBackOwned(versions: Versions, merged: Versioned, pruned: Versioned, owners: ReadonlyMap<string, FieldOwner>): Generator<void, Versioned> {
  const owned = new Map<string, FieldSet>([[merged.version, EMPTY]]);
  for (const { apiVersion, fields } of owners.values()) owned.set(apiVersion, union(owned.get(apiVersion) ?? EMPTY, fields));
  let [whole, left] = [merged, pruned];
  for (const [version, set] of owned) {
    if (!versions.typeIn(version) || isEmpty(set)) continue;
    whole = { version, object: to(versions, whole, version) };
    left = { version, object: to(versions, left, version) };
    yield;
    const gone = difference(fieldsOf(versions, whole), union(fieldsOf(versions, left), withNamed(versions, set, version)));
    yield;
    left = { version, object: remove(versions, whole, gone) };
  }
  return left;
}

/** Removes from the merged object, of what pruning took, only what the applier owned. */
function removeUnowned(versions: Versions, merged: Versioned, pruned: Fields, last: FieldSet): Fields {
  const gone = difference(fieldsOf(versions, merged), fieldsOf(versions, { version: merged.version, object: pruned }));
  return remove(versions, merged, intersection(gone, withNamed(versions, last, merged.version)));
}
