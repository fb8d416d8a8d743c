import { deepEqual } from '../../api/values/deepEqual.ts';
import { atOnce } from '../inTurns.ts';
import { ApplyConflictError, type FieldConflict } from './applyConflict.ts';
import type { Fields } from './fieldType.ts';
import { difference, intersection, isEmpty, union, type FieldSet } from './fieldSet.ts';
import { ownerIdentity, withoutEmpty, type FieldOwner } from './managedFields.ts';
import { mergeObjects } from './mergeObjects.ts';
import { pruneFields } from './pruneFields.ts';
import { toFieldSet } from './toFieldSet.ts';
import { Changes, ownable, STRIPPED, visible, type Tracking } from './tracking.ts';
import { reconciled, trackUpdate } from './trackUpdate.ts';

/** Owns what an object held before the first apply to it, where nobody did. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

export interface Applied {
  /** The object as it should become, without `managedFields`; undefined where it is what it was. */
  readonly object: Fields | undefined;
  readonly owners: Map<string, FieldOwner>;
}

/**
 * Applies a configuration (which fits its type) to the live object: what it says is laid over it, what this applier said last time and says no
 * more goes unless somebody else owns it, and the applier owns exactly what it says. Throws `ApplyConflictError` where that changes what others
 * own, unless it is forced, which takes it from them. `live` is undefined for an object that does not exist.
 */
export function applyConfiguration(...parts: Parameters<typeof applyConfigurationInSteps>): Applied {
  return atOnce(applyConfigurationInSteps(...parts));
}

/** As `applyConfiguration`, for large objects: yields between its steps, each of which goes through the whole object. */
export function* applyConfigurationInSteps(tracking: Tracking, manager: string, live: Fields | undefined, configuration: Fields, owners: ReadonlyMap<string, FieldOwner>, force: boolean): Generator<void, Applied> {
  const { type, apiVersion, subresource, now } = tracking;
  const known = reconciled(tracking, owners.size === 0 && live ? firstOwners(tracking, live) : owners);
  const before = visible(live, {});
  yield;
  const name = { manager, operation: 'Apply', apiVersion, subresource } as const;
  const identity = ownerIdentity(name);
  const last = known.get(identity);
  const fields = ownable(tracking, toFieldSet(type, configuration));
  const own: FieldOwner = { ...name, ...(last?.time === undefined ? {} : { time: last.time }), fields };
  const kept = difference(fields, STRIPPED);
  yield;
  const others = new Map(known);
  others.delete(identity);
  const merged = mergeObjects(type, before, configuration) as Fields;
  yield;
  const object = yield* pruneFields(tracking, merged, new Map(others).set(identity, own), last);
  yield;
  const changed = !deepEqual(before, object);
  yield;
  const left = changed ? yield* settle(others, new Changes(tracking, before, object), force) : ofKnownVersions(tracking, others);
  yield;
  // What is stored of the same set need not be put in order again.
  left.set(identity, last && last.apiVersion === apiVersion && isSame(last.fields, kept) ? { ...last, ...(changed ? { time: now } : {}) } : { ...own, ...(changed ? { time: now } : {}), fields: kept });
  return { object: changed ? object : undefined, owners: withoutEmpty(left) };
}

function firstOwners(tracking: Tracking, live: Fields): Map<string, FieldOwner> {
  return trackUpdate(tracking, BEFORE_FIRST_APPLY, undefined, live, new Map());
}

/** What the others keep where nothing changed: all, unless their version is gone. */
function ofKnownVersions(tracking: Tracking, others: ReadonlyMap<string, FieldOwner>): Map<string, FieldOwner> {
  return new Map([...others].filter(([, { apiVersion }]) => tracking.typeIn(apiVersion) !== undefined));
}

const isSame = (one: FieldSet, other: FieldSet): boolean => isEmpty(difference(one, other)) && isEmpty(difference(other, one));

/** What the others keep of theirs. */
function* settle(others: ReadonlyMap<string, FieldOwner>, changes: Changes, force: boolean): Generator<void, Map<string, FieldOwner>> {
  const conflicts: FieldConflict[] = [];
  const left = new Map<string, FieldOwner>();
  for (const [identity, owner] of others) {
    const comparison = yield* changes.in(owner.apiVersion);
    if (!comparison) continue;
    yield;
    const taken = intersection(owner.fields, union(comparison.modified, comparison.added));
    if (!isEmpty(taken)) conflicts.push({ owner, fields: taken });
    left.set(identity, { ...owner, fields: difference(difference(owner.fields, taken), comparison.removed) });
  }
  if (!force && conflicts.length > 0) throw new ApplyConflictError(conflicts.sort((a, b) => (ownerIdentity(a.owner) < ownerIdentity(b.owner) ? -1 : 1)));
  return left;
}
