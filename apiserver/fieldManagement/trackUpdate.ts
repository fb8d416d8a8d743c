import { atOnce } from '../inTurns.ts';
import type { Fields } from './fieldType.ts';
import { difference, isEmpty, union } from './fieldSet.ts';
import { capOwners } from './capOwners.ts';
import { ownerIdentity, withoutEmpty, type FieldOwner } from './managedFields.ts';
import { reconcileSet } from './reconcileSet.ts';
import { changedFields, Changes, isUnchanged, ownable, STRIPPED, type Tracking } from './tracking.ts';

/**
 * Who owns what after a create, an update or a patch: the writer takes every field that it changed from whoever had it, and fields that went
 * are nobody's. `before` is undefined for a create. An object that has no owners stays without when it is updated.
 */
export function trackUpdate(...parts: Parameters<typeof trackUpdateInSteps>): Map<string, FieldOwner> {
  return atOnce(trackUpdateInSteps(...parts));
}

/** As `trackUpdate`, for large objects: yields between its steps, each of which goes through the whole object. */
export function* trackUpdateInSteps(tracking: Tracking, manager: string, before: Fields | undefined, after: Fields, owners: Map<string, FieldOwner>): Generator<void, Map<string, FieldOwner>> {
  if (owners.size === 0 && before !== undefined) return owners;
  const { apiVersion, subresource, now } = tracking;
  const changes = new Changes(tracking, before, after);
  const left = yield* yieldFields(tracking, owners, changes);
  const own = (yield* changes.in(apiVersion))!;
  yield;
  const taken = difference(ownable(tracking, union(own.modified, own.added)), STRIPPED);
  yield;
  if (!isEmpty(taken)) {
    const name = { manager: manager === '' ? 'unknown' : manager, operation: 'Update', apiVersion, subresource } as const;
    const identity = ownerIdentity(name);
    const previous = left.get(identity);
    left.set(identity, { ...name, time: now, fields: previous ? union(taken, previous.fields) : taken });
  }
  return capOwners(left);
}

/** What is left to each owner after fields changed; owners of nothing, and of a version that is gone, are left out. */
function* yieldFields(tracking: Tracking, owners: ReadonlyMap<string, FieldOwner>, changes: Changes): Generator<void, Map<string, FieldOwner>> {
  const left = new Map<string, FieldOwner>();
  for (const [identity, owner] of reconciled(tracking, owners)) {
    const comparison = yield* changes.in(owner.apiVersion);
    if (!comparison) continue;
    yield;
    left.set(identity, isUnchanged(comparison) ? owner : { ...owner, fields: difference(owner.fields, changedFields(comparison)) });
  }
  return withoutEmpty(left);
}

/** Owners whose sets fit the types as they are now. */
export function reconciled({ typeIn }: Pick<Tracking, 'typeIn'>, owners: ReadonlyMap<string, FieldOwner>): Map<string, FieldOwner> {
  const result = new Map<string, FieldOwner>();
  for (const [identity, owner] of owners) {
    const type = typeIn(owner.apiVersion);
    const fields = type ? reconcileSet(owner.fields, type) : owner.fields;
    result.set(identity, fields === owner.fields ? owner : { ...owner, fields });
  }
  return result;
}
